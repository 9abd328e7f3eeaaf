"""What a client's body says, or a 400 that names the place where it says something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from extproc.core.faults import Fault
from extproc.dialects.malformed import invalid
from extproc.errors import ClientError

__all__ = [
    "flag",
    "integer",
    "json_text",
    "listed",
    "number",
    "object_at",
    "objects_at",
    "optional_text",
    "text_at",
    "texts_at",
    "too_deep",
    "wrong",
]


def wrong(place: str, expected: str) -> ClientError:
    """The 400 for a member that is not what it must be ("an array of objects")."""
    return invalid(place, f"must be {expected}")


def too_deep() -> ClientError:
    """The 400 for a body that was read, but is nested more deeply than can be written."""
    return ClientError(
        400,
        "The request cannot be translated for its model: something in it, such as a tool's schema, "
        "is nested more than 200 levels deep.",
        reason=Fault.TOO_DEEP,
    )


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def text_at(holder: Mapping[str, Any], name: str, place: str = "") -> str:
    """A string that must be there."""
    value = holder.get(name)
    if not isinstance(value, str):
        raise wrong(_within(place, name), "a string")
    return value


def optional_text(holder: Mapping[str, Any], name: str, place: str = "") -> str | None:
    """A string, or None where there is none."""
    return None if holder.get(name) is None else text_at(holder, name, place)


def texts_at(holder: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The strings of an array at the top of the body, none where it is missing."""
    value = holder.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise wrong(name, "an array of strings")
    return tuple(value)


def object_at(value: object, place: str) -> Mapping[str, Any]:
    """An object that must be one."""
    if not isinstance(value, dict):
        raise wrong(place, "an object")
    return value


def objects_at(value: object, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects of an array that must be one, each with its place."""
    if not isinstance(value, list):
        raise wrong(place, "an array of objects")
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            raise wrong(f"{place}[{index}]", "an object")
        yield f"{place}[{index}]", item


def listed(holder: Mapping[str, Any], name: str, place: str = "") -> Sequence[Any]:
    """An array, empty where there is none."""
    value = holder.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise wrong(_within(place, name), "an array")
    return value


def integer(
    holder: Mapping[str, Any], name: str, place: str = "", least: int | None = None
) -> int | None:
    """An integer (not below ``least``), or None where there is none."""
    value = holder.get(name)
    if value is None:
        return None
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if not is_integer or (least is not None and value < least):
        bound = "" if least is None else f" of {least} or more"
        raise wrong(_within(place, name), f"an integer{bound}")
    return int(value)


def number(holder: Mapping[str, Any], name: str) -> float | None:
    """A number at the top of the body, or None where there is none."""
    value = holder.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(name, "a number")
    return value


def flag(holder: Mapping[str, Any], name: str, place: str = "") -> bool | None:
    """True or false, or None where nothing is said."""
    value = holder.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong(_within(place, name), "true or false")
    return value


def json_text(value: object, place: str) -> str:
    """A value's JSON. orjson writes less deeply nested values than it reads."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        raise invalid(place, "is nested too deeply to be translated") from None
