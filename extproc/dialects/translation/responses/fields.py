"""Typed access to what a client wrote, with errors that name the place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from extproc.errors import ClientError

__all__ = [
    "boolean",
    "integer",
    "invalid",
    "listed",
    "number",
    "optional_text",
    "required_object",
    "required_text",
]


def invalid(place: str, what: str) -> ClientError:
    """The error (400) for ``place``; ``what`` completes "'place' …"."""
    return ClientError(400, f"'{place}' {what}.", param=place)


def required_object(value: object, place: str) -> Mapping[str, Any]:
    """``value``, which must be an object; raises ClientError (400) otherwise."""
    if not isinstance(value, dict):
        raise invalid(place, "must be an object")
    return value


def required_text(members: Mapping[str, Any], name: str, place: str) -> str:
    """The string ``name`` of the object at ``place``; raises ClientError (400) without one."""
    value = members.get(name)
    if not isinstance(value, str):
        raise invalid(_within(place, name), "must be a string")
    return value


def optional_text(members: Mapping[str, Any], name: str, place: str) -> str | None:
    """The string ``name`` of the object at ``place``, None where it is absent or null; raises
    ClientError (400) for another type."""
    return None if members.get(name) is None else required_text(members, name, place)


def listed(members: Mapping[str, Any], name: str, place: str) -> Sequence[Any]:
    """The array ``name`` of the object at ``place``, empty where it is absent or null; raises
    ClientError (400) for another type."""
    value = members.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise invalid(_within(place, name), "must be an array")
    return value


def number(body: Mapping[str, Any], name: str) -> float | None:
    """The top-level number ``name``, None where it is absent or null; raises ClientError (400)."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise invalid(name, "must be a number")
    return value


def integer(body: Mapping[str, Any], name: str) -> int | None:
    """The top-level integer ``name``, None where it is absent or null; raises ClientError (400)."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid(name, "must be an integer")
    return value


def boolean(members: Mapping[str, Any], name: str, place: str = "") -> bool | None:
    """The boolean ``name``, None where it is absent or null; raises ClientError (400)."""
    value = members.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid(_within(place, name), "must be true or false")
    return value


def _within(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
