"""Reads the items of ``input``: each is one turn.

Shapes: ``ResponseInputItemParam`` of the ``openai`` SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from extproc.core.models import Dialect
from extproc.dialects.malformed import invalid
from extproc.dialects.translation.common.fields import (
    listed,
    object_at,
    optional_text,
    text_at,
)
from extproc.dialects.translation.form import Opaque, Reasoning, ToolCall, ToolResult, Turn
from extproc.dialects.translation.responses.callees import flat_name
from extproc.dialects.translation.responses.custom_tools import wrapped
from extproc.dialects.translation.responses.reading_parts import read_content
from extproc.dialects.translation.responses.reading_tools import adds_tools

__all__ = ["PARAGRAPH", "read_items"]

PARAGRAPH = "\n\n"
"""Between the parts of a summary, which are separate thoughts."""

_Members = Mapping[str, Any]
_Role = Literal["user", "assistant", "system"]

_ROLES: Mapping[str, _Role] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "developer": "system",
}


def read_items(given: object, custom: frozenset[str]) -> tuple[Turn, ...]:
    """The turns of ``input``, a string or an array of items.

    Args:
        given: as the client wrote it.
        custom: the names of custom tools that are carried as functions.

    Raises:
        ClientError: an item is malformed, or has neither a type nor a role (400).
    """
    if isinstance(given, str):
        return (Turn("user", read_content(given, "input"), "input"),) if given else ()
    if not isinstance(given, list):
        raise invalid("input", "must be a string or an array of items")
    calls = _custom_calls(given, custom) if custom else custom
    return tuple(
        _turn(item, f"input[{index}]", calls)
        for index, item in enumerate(given)
        if not adds_tools(item)
    )


def _custom_calls(items: list[Any], custom: frozenset[str]) -> frozenset[str]:
    """The ids of the calls of custom tools that are carried as functions."""
    return frozenset(
        item["call_id"]
        for item in items
        if isinstance(item, dict)
        and item.get("type") == "custom_tool_call"
        and isinstance(item.get("call_id"), str)
        and isinstance(item.get("name"), str)
        and flat_name(item, item["name"]) in custom
    )


def _turn(item: object, place: str, custom_calls: frozenset[str]) -> Turn:
    members = object_at(item, place)
    kind = members.get("type")
    if kind is None:
        kind = _untyped(members, place)
    elif not isinstance(kind, str):
        raise invalid(f"{place}.type", "must be a string")
    read = _ITEMS.get(kind)
    if read is None and custom_calls and _text(members.get("call_id")) in custom_calls:
        read = _CUSTOM_ITEMS.get(kind)
    if read is not None:
        return read(members, place)
    role: _Role = "user" if kind.endswith(_FROM_CLIENT) else "assistant"
    return Turn(role, (Opaque(Dialect.RESPONSES, kind, place, members),), place)


_FROM_CLIENT = ("_output", "_response", "_reference")


def _untyped(members: _Members, place: str) -> str:
    if "role" in members:
        return "message"
    if isinstance(members.get("id"), str) and "content" not in members:
        return "item_reference"
    raise invalid(place, "must have a 'type', or the 'role' and 'content' of a message")


def _message(members: _Members, place: str) -> Turn:
    name = members.get("role")
    role = _ROLES.get(name) if isinstance(name, str) else None
    if role is None:
        raise invalid(f"{place}.role", f"must be one of {', '.join(_ROLES)}")
    content = members.get("content")
    if content is None:
        raise invalid(f"{place}.content", "must be a string or an array of parts")
    parts = read_content(content, f"{place}.content")
    phase = members.get("phase")
    if phase is not None:
        mark = Opaque(Dialect.RESPONSES, "phase", f"{place}.phase", {"phase": phase})
        parts = (*parts, mark)
    return Turn(role, parts, place)


def _call(members: _Members, place: str) -> Turn:
    call = ToolCall(
        text_at(members, "call_id", place),
        flat_name(members, text_at(members, "name", place)),
        optional_text(members, "arguments", place) or "",
    )
    return Turn("assistant", (call,), place)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _custom_call(members: _Members, place: str) -> Turn:
    arguments = wrapped(text_at(members, "input", place))
    call = ToolCall(
        text_at(members, "call_id", place),
        flat_name(members, text_at(members, "name", place)),
        arguments,
    )
    return Turn("assistant", (call,), place)


def _result(members: _Members, place: str) -> Turn:
    call_id = text_at(members, "call_id", place)
    parts = read_content(members.get("output"), f"{place}.output")
    opaque = [part for part in parts if isinstance(part, Opaque)]
    carried = tuple(part for part in parts if not isinstance(part, Opaque)) if opaque else parts
    return Turn("user", (ToolResult(call_id, carried), *opaque), place)


def _reasoning(members: _Members, place: str) -> Turn:
    reasoning = Reasoning(
        PARAGRAPH.join(_thoughts(members, "summary", place))
        or "".join(_thoughts(members, "content", place)),
        encrypted=optional_text(members, "encrypted_content", place),
        id=optional_text(members, "id", place),
    )
    return Turn("assistant", (reasoning,), place)


def _thoughts(members: _Members, name: str, place: str) -> list[str]:
    thoughts = []
    for index, thought in enumerate(listed(members, name, place)):
        where = f"{place}.{name}[{index}]"
        thoughts.append(text_at(object_at(thought, where), "text", where))
    return thoughts


_ITEMS: Mapping[str, Callable[[_Members, str], Turn]] = {
    "message": _message,
    "function_call": _call,
    "function_call_output": _result,
    "reasoning": _reasoning,
}

_CUSTOM_ITEMS: Mapping[str, Callable[[_Members, str], Turn]] = {
    "custom_tool_call": _custom_call,
    "custom_tool_call_output": _result,
}
