"""Strict comparison of what we write with the type definitions of the providers' own SDKs.

Their models take members that they do not declare, their typed dictionaries pass over them. Here
both are errors, and so is a member that is missing or of another type than declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson
from pydantic import BaseModel, TypeAdapter

__all__ = ["strictly"]


@lru_cache(maxsize=128)
def _adapter(declared: Any) -> TypeAdapter[Any]:
    return TypeAdapter(declared)


def _undeclared(value: object, where: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from (f"{where}.{name}" for name in value.model_extra or ())
        for name in value.model_fields_set:
            yield from _undeclared(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _undeclared(member, f"{where}.{name}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _undeclared(member, f"{where}[{index}]")


def strictly(declared: Any, written: bytes | object) -> Any:
    """Read what was written as the SDK's type that it must be.

    Args:
        declared: a model, a typed dictionary or a union of either (``anthropic.types.Message``,
            ``openai.types.chat.ChatCompletionChunk``, ``…CreateParamsNonStreaming``).
        written: JSON, or what JSON would be parsed to.

    Returns:
        What the SDK makes of it.

    Raises:
        pydantic.ValidationError: a member is missing or of the wrong type.
        AssertionError: a member is not declared.
    """
    text = written if isinstance(written, bytes) else orjson.dumps(written)
    adapter = _adapter(declared)
    value = adapter.validate_json(text, strict=True)
    undeclared = list(_undeclared(value, "$"))
    assert not undeclared, f"not declared: {', '.join(undeclared)}"
    # A typed dictionary has left out what it does not declare, and reads lists only when asked.
    carried = adapter.dump_json(value, exclude_unset=True, warnings=False)
    assert orjson.loads(carried) == orjson.loads(text), "a typed dictionary declares less"
    return value
