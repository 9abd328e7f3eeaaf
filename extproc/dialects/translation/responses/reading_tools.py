"""Reads the tools of a request, and which of them the model may or must call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from extproc.dialects.malformed import invalid
from extproc.dialects.translation.common.fields import (
    flag,
    listed,
    object_at,
    optional_text,
    text_at,
)
from extproc.dialects.translation.form import Choice, ChoiceMode, Member, Tool
from extproc.dialects.translation.responses.callees import flat_name
from extproc.dialects.translation.responses.custom_tools import (
    PARAMETERS,
    grammar_of,
    is_free,
)

__all__ = ["adds_tools", "read_choice", "read_tools"]

_MODES = {
    "auto": ChoiceMode.AUTO,
    "required": ChoiceMode.REQUIRED,
    "none": ChoiceMode.NONE,
}
_NAMING = frozenset({"function", "custom"})
_NAMESPACE = "namespace"
_BETWEEN_DESCRIPTIONS = "\n\n"


def read_tools(body: Mapping[str, Any]) -> tuple[Tool, ...]:
    """The tools of a body, and those that items of its input add; raises ClientError (400) for
    malformed ones."""
    tools = [
        replace(_tool(object_at(given, place), place), path=place) for place, given in _given(body)
    ]
    return tuple(
        replace(tool, path="") if tool.path == f"tools[{index}]" else tool
        for index, tool in enumerate(_flattened(tools))
    )


def adds_tools(item: Any) -> bool:
    """Whether an item of the input says nothing but which tools there are from there on: elsewhere
    these are offered from the beginning."""
    return isinstance(item, dict) and item.get("type") == "additional_tools"


def _given(body: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """The tools as the client wrote them, each with its place."""
    for index, tool in enumerate(listed(body, "tools", "")):
        yield f"tools[{index}]", tool
    items = body.get("input")
    for position, item in enumerate(items if isinstance(items, list) else ()):
        if adds_tools(item):
            place = f"input[{position}]"
            for index, tool in enumerate(listed(item, "tools", place)):
                yield f"{place}.tools[{index}]", tool


def _flattened(tools: Sequence[Tool]) -> Iterator[Tool]:
    """The tools, with those of each namespace in its place.

    A namespace stays as it is if a name that one of its tools would get is another tool's: what a
    model calls must be one thing.
    """
    taken = {tool.name for tool in tools if tool.kind is None}
    for tool in tools:
        if tool.kind != _NAMESPACE or "tools" not in tool.raw:
            yield tool
            continue
        inner = tuple(_members(tool.raw, tool.path))
        names = {one.name for one in inner}
        if len(names) < len(inner) or names & taken:
            yield tool
        else:
            yield from inner
            taken |= names


def _joined(*words: str | None) -> str | None:
    return _BETWEEN_DESCRIPTIONS.join(filter(None, words)) or None


def _members(raw: Mapping[str, Any], place: str) -> Iterator[Tool]:
    """The tools of a namespace; the first tells what they are all for."""
    group = text_at(raw, "name", place)
    about = optional_text(raw, "description", place)
    for index, given in enumerate(listed(raw, "tools", place)):
        where = f"{place}.tools[{index}]"
        tool = _tool(object_at(given, where), where)
        told = _joined(about, tool.description) if index == 0 else tool.description
        yield replace(
            tool,
            name=flat_name({"namespace": group}, tool.name),
            description=told,
            member=Member(group, tool.name, raw),
            path=where,
        )


def _tool(members: Mapping[str, Any], place: str) -> Tool:
    kind = text_at(members, "type", place)
    if is_free(members):
        return Tool(
            text_at(members, "name", place),
            _joined(optional_text(members, "description", place), grammar_of(members)),
            PARAMETERS,
            raw=members,
            grammar=grammar_of(members) is not None,
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


def read_choice(body: Mapping[str, Any], tools: Sequence[Tool] = ()) -> Choice | None:
    """The ``tool_choice`` of a body.

    Args:
        body: the parsed body.
        tools: the request's: one of a namespace may be chosen by its own name.

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
        return Choice(ChoiceMode.NAMED, _chosen(members, "tool_choice", tools)[0])
    if kind == "allowed_tools":
        allowed = _allowed(members, tools)
        return Choice(_mode(members.get("mode"), "tool_choice.mode"), allowed=allowed)
    return None


def _mode(word: object, place: str) -> ChoiceMode:
    mode = _MODES.get(word) if isinstance(word, str) else None
    if mode is None:
        raise invalid(place, f"must be one of {', '.join(_MODES)}")
    return mode


def _chosen(members: Mapping[str, Any], place: str, tools: Sequence[Tool]) -> tuple[str, ...]:
    """The names of the tools that one name means: of several namespaces' all that have it."""
    own = text_at(members, "name", place)
    name = flat_name(members, own)
    if any(tool.name == name for tool in tools):
        return (name,)
    named = (tool.name for tool in tools if tool.member is not None and tool.member.name == own)
    return tuple(named) or (name,)


def _allowed(members: Mapping[str, Any], tools: Sequence[Tool]) -> tuple[str, ...]:
    names: list[str] = []
    for index, tool in enumerate(listed(members, "tools", "tool_choice")):
        place = f"tool_choice.tools[{index}]"
        allowed = object_at(tool, place)
        kind = text_at(allowed, "type", place)
        if kind in _NAMING:
            names.extend(_chosen(allowed, place, tools))
        elif kind == _NAMESPACE:
            group = text_at(allowed, "name", place)
            names.extend(tool.name for tool in tools if tool.member and tool.member.group == group)
        else:
            names.append(kind)
    return tuple(names)
