"""Strict comparison of what we write with the type definitions of the providers' own SDKs.

Their models take members that they do not declare, their typed dictionaries pass over them, and
both read nested lists only when asked. So values are compared with the declarations themselves.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
)

import orjson
from pydantic import BaseModel, TypeAdapter
from typing_extensions import TypeAliasType, get_type_hints, is_typeddict

__all__ = ["THOUGHTS", "parsed", "strictly"]

_Names: TypeAlias = frozenset[str]
_NONE: _Names = frozenset()
THOUGHTS: _Names = frozenset({"reasoning_content"})
"""What compatible providers of chat completions and their clients have beside OpenAI's own."""
_QUALIFIERS = (Annotated, Required, NotRequired)
_ANYTHING: tuple[Any, ...] = (Any, object)
_SCALARS: dict[Any, tuple[type, ...]] = {
    float: (float, int),
    datetime: (str,),
    type(None): (type(None),),
    None: (type(None),),
}


def _is_required(hint: Any) -> bool:
    origin: Any = get_origin(hint)
    return origin is Required


@lru_cache(maxsize=4096)
def _members(declared: Any) -> Mapping[str, tuple[Any, bool]]:
    """Of a model or a typed dictionary: each member's type, and whether it must be there."""
    if is_typeddict(declared):
        hints = get_type_hints(declared, include_extras=True)
        return {
            name: (hint, name in declared.__required_keys__ or _is_required(hint))
            for name, hint in hints.items()
        }
    return {
        field.alias or name: (field.annotation, field.is_required())
        for name, field in declared.model_fields.items()
    }


def _takes_more(declared: Any) -> bool:
    return getattr(declared, "__pydantic_config__", {}).get("extra") == "allow"


def _object(declared: Any, value: object, where: str, beyond: _Names) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: an object is declared"
        return
    members = _members(declared)
    for name, (_, required) in members.items():
        if required and name not in value:
            yield f"{where}.{name}: missing"
    for name, member in value.items():
        if name in members:
            yield from _faults(members[name][0], member, f"{where}.{name}", beyond)
        elif name not in beyond and not _takes_more(declared):
            yield f"{where}.{name}: not declared"


def _union(choices: tuple[Any, ...], value: object, where: str, beyond: _Names) -> Iterator[str]:
    """No fault where one choice has none; else those of the choice that has the fewest."""
    faults: list[str] | None = None
    for choice in choices:
        found = list(_faults(choice, value, where, beyond))
        if not found:
            return
        faults = found if faults is None or len(found) < len(faults) else faults
    yield from faults or ()


def _faults(declared: Any, value: object, where: str, beyond: _Names) -> Iterator[str]:
    origin, arguments = get_origin(declared), get_args(declared)
    if isinstance(declared, TypeAliasType):
        yield from _faults(declared.__value__, value, where, beyond)
    elif origin in _QUALIFIERS:
        yield from _faults(arguments[0], value, where, beyond)
    elif origin in (Union, types.UnionType):
        yield from _union(arguments, value, where, beyond)
    elif origin is Literal:
        if not any(value == choice and type(value) is type(choice) for choice in arguments):
            yield f"{where}: {value!r} is none of {arguments}"
    elif declared in _ANYTHING or isinstance(declared, TypeVar):
        return
    elif is_typeddict(declared) or (isinstance(declared, type) and issubclass(declared, BaseModel)):
        yield from _object(declared, value, where, beyond)
    elif origin in (dict, Mapping):
        if not isinstance(value, dict):
            yield f"{where}: an object is declared"
        else:
            for name, member in value.items():
                yield from _faults(arguments[1], member, f"{where}.{name}", beyond)
    elif isinstance(origin, type) and issubclass(origin, Iterable):
        if not isinstance(value, list):
            yield f"{where}: an array is declared"
        else:
            for index, item in enumerate(value):
                yield from _faults(arguments[0], item, f"{where}[{index}]", beyond)
    elif type(value) not in _SCALARS.get(declared, (declared,)):
        yield f"{where}: {value!r} is no {declared}"


def strictly(declared: Any, written: bytes | object, beyond: _Names = _NONE) -> Any:
    """Compare what was written with the SDK's type that it must be of.

    Args:
        declared: a model, a typed dictionary or a union of either (``anthropic.types.Message``,
            ``openai.types.chat.ChatCompletionChunk``, ``…CreateParamsNonStreaming``).
        written: JSON, or what JSON would be parsed to.
        beyond: names of members that are taken though nothing declares them.

    Returns:
        What was written, parsed.

    Raises:
        AssertionError: a member is missing, of another type than declared, or not declared.
    """
    value = orjson.loads(written) if isinstance(written, bytes) else written
    faults = list(_faults(declared, value, "$", beyond))
    assert not faults, "; ".join(faults[:5])
    return value


@lru_cache(maxsize=128)
def _adapter(declared: Any) -> TypeAdapter[Any]:
    return TypeAdapter(declared)


def parsed(declared: Any, written: bytes | object, beyond: _Names = _NONE) -> Any:
    """What the SDK makes of what was written, once it is compared: see :func:`strictly`."""
    return _adapter(declared).validate_python(strictly(declared, written, beyond))
