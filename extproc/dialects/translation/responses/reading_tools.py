"""Reads the tools of a request, and which of them the model may or must call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.dialects.translation.common.fields import (
    flag,
    listed,
    object_at,
    optional_text,
    refused,
    text_at,
)
from extproc.dialects.translation.form import Choice, ChoiceMode, Tool
from extproc.dialects.translation.responses.custom_tools import PARAMETERS, is_free

__all__ = ["read_choice", "read_tools"]

_MODES = {
    "auto": ChoiceMode.AUTO,
    "required": ChoiceMode.REQUIRED,
    "none": ChoiceMode.NONE,
}
_NAMING = frozenset({"function", "custom"})


def read_tools(body: Mapping[str, Any]) -> tuple[Tool, ...]:
    """The tools of a body; raises ClientError (400) for malformed ones."""
    return tuple(
        _tool(object_at(tool, f"tools[{index}]"), f"tools[{index}]")
        for index, tool in enumerate(listed(body, "tools", ""))
    )


def _tool(members: Mapping[str, Any], place: str) -> Tool:
    kind = text_at(members, "type", place)
    if is_free(members):
        return Tool(
            text_at(members, "name", place),
            optional_text(members, "description", place),
            PARAMETERS,
            raw=members,
        )
    if kind != "function":
        name = members.get("name")
        return Tool(name if isinstance(name, str) else "", kind=kind, raw=members)
    parameters = members.get("parameters")
    return Tool(
        text_at(members, "name", place),
        optional_text(members, "description", place),
        None if parameters is None else object_at(parameters, f"{place}.parameters"),
        flag(members, "strict", place),
    )


def read_choice(body: Mapping[str, Any]) -> Choice | None:
    """The ``tool_choice`` of a body.

    Returns:
        None where there is none, or where it names a tool that the provider runs.

    Raises:
        ClientError: it is malformed (400).
    """
    choice = body.get("tool_choice")
    if choice is None:
        return None
    if isinstance(choice, str):
        return Choice(_mode(choice, "tool_choice"))
    members = object_at(choice, "tool_choice")
    kind = text_at(members, "type", "tool_choice")
    if kind in _NAMING:
        return Choice(ChoiceMode.NAMED, text_at(members, "name", "tool_choice"))
    if kind == "allowed_tools":
        return Choice(_mode(members.get("mode"), "tool_choice.mode"), allowed=_allowed(members))
    return None


def _mode(word: object, place: str) -> ChoiceMode:
    mode = _MODES.get(word) if isinstance(word, str) else None
    if mode is None:
        raise refused(place, f"must be one of {', '.join(_MODES)}")
    return mode


def _allowed(members: Mapping[str, Any]) -> tuple[str, ...]:
    names = []
    for index, tool in enumerate(listed(members, "tools", "tool_choice")):
        place = f"tool_choice.tools[{index}]"
        allowed = object_at(tool, place)
        kind = text_at(allowed, "type", place)
        names.append(text_at(allowed, "name", place) if kind in _NAMING else kind)
    return tuple(names)
