"""Writes the tools of a chat and whether they are to be called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extproc.dialects.translation.chat.naming import OPENAI
from extproc.dialects.translation.common.finding_losses import RequestLosses
from extproc.dialects.translation.common.identifiers import Names
from extproc.dialects.translation.form import Choice, ChoiceMode, Request, Tool
from extproc.dialects.translation.translator import Target

__all__ = ["write_tools"]


def _tool(tool: Tool, names: Names) -> dict[str, Any]:
    function: dict[str, Any] = {"name": names.fit(tool.name)}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.parameters is not None:
        function["parameters"] = tool.parameters
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _named(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


def _choice(choice: Choice, tools: Sequence[Tool], names: Names, losses: RequestLosses) -> object:
    if choice.mode is ChoiceMode.NAMED:
        if any(tool.name == choice.name for tool in tools):
            return _named(names.fit(choice.name or ""))
        losses.of("dropped:tool_choice", "tool_choice", "no tool of this name can be offered")
        return None
    if choice.allowed is not None and choice.mode is not ChoiceMode.NONE:
        allowed = [_named(names.fit(tool.name)) for tool in tools]
        return {
            "type": "allowed_tools",
            "allowed_tools": {"mode": choice.mode.value, "tools": allowed},
        }
    return choice.mode.value


def write_tools(
    request: Request, target: Target, names: Names, losses: RequestLosses
) -> dict[str, Any]:
    """The members of a body that concern tools: none where no function is offered.

    Args:
        request: the client's; its tools of other kinds are obstacles, and told already.
        target: the model.
        names: shortens the names of tools.
        losses: is told what is not carried.
    """
    tools = [tool for tool in request.tools if tool.kind is None]
    choice = request.choice
    for index, tool in enumerate(request.tools):
        losses.grammar(tool, index)
    if any(tool.cache is not None for tool in tools):
        losses.of("dropped:cache_control", "tools", "the provider caches by itself")
    if not tools:
        if choice is not None and choice.mode in (ChoiceMode.REQUIRED, ChoiceMode.NAMED):
            losses.of("dropped:tool_choice", "tool_choice", "there is no tool to choose")
        return {}
    usable = tools
    if choice is not None and choice.allowed is not None:
        allowed = frozenset(choice.allowed)
        usable = [tool for tool in tools if tool.name in allowed]
        if not usable:
            losses.of("dropped:tool_choice", "tool_choice", "none of its tools can be offered")
            return {}
        if target.provider not in OPENAI:
            losses.of(
                "adapted:allowed_tools", "tool_choice", "the provider is told of these tools only"
            )
            tools, choice = usable, Choice(choice.mode, choice.name)
    members: dict[str, Any] = {"tools": [_tool(tool, names) for tool in tools]}
    written = None if choice is None else _choice(choice, usable, names, losses)
    if written is not None:
        members["tool_choice"] = written
    if request.parallel_tools is False:
        # True is what chat does anyway, and some models refuse the member.
        members["parallel_tool_calls"] = False
    return members
