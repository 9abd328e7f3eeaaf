"""What a client's body says, or a 400 that names the place where it says something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from extproc.errors import ClientError

__all__ = [
    "flag",
    "json_text",
    "number",
    "object_at",
    "objects_at",
    "optional_text",
    "refused",
    "text_at",
    "texts_at",
    "whole",
]


def refused(path: str, what: str) -> ClientError:
    """The 400 for a member: ``what`` completes "'path' …"."""
    return ClientError(400, f"'{path}' {what}.", param=path)


def text_at(holder: Mapping[str, Any], name: str, path: str) -> str:
    """A string that must be there."""
    value = holder.get(name)
    if not isinstance(value, str):
        raise refused(f"{path}.{name}" if path else name, "must be a string")
    return value


def optional_text(holder: Mapping[str, Any], name: str, path: str) -> str | None:
    """A string, or None where there is none."""
    return None if holder.get(name) is None else text_at(holder, name, path)


def texts_at(holder: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The strings of an array at the top of the body, none where it is missing."""
    value = holder.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise refused(name, "must be an array of strings")
    return tuple(value)


def object_at(value: object, path: str) -> Mapping[str, Any]:
    """An object that must be one."""
    if not isinstance(value, dict):
        raise refused(path, "must be an object")
    return value


def objects_at(value: object, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects of an array that must be one, each with its place."""
    if not isinstance(value, list):
        raise refused(path, "must be an array of objects")
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            raise refused(f"{path}[{index}]", "must be an object")
        yield f"{path}[{index}]", item


def whole(holder: Mapping[str, Any], name: str, path: str = "") -> int | None:
    """An integer of 0 or more, or None where there is none."""
    value = holder.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise refused(f"{path}.{name}" if path else name, "must be an integer of 0 or more")
    return value


def number(holder: Mapping[str, Any], name: str) -> float | None:
    """A number, or None where there is none."""
    value = holder.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refused(name, "must be a number")
    return value


def flag(holder: Mapping[str, Any], name: str, path: str = "") -> bool | None:
    """True or false, or None where nothing is said."""
    value = holder.get(name)
    if value is not None and not isinstance(value, bool):
        raise refused(f"{path}.{name}" if path else name, "must be true or false")
    return value


def json_text(value: object, path: str) -> str:
    """A value's JSON. orjson writes less deeply nested values than it reads."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        raise refused(path, "is nested too deeply to be translated") from None
