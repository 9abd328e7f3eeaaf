"""Writes tools, the choice among them, and the form of an answer.

Shapes: ``FunctionToolParam``, ``WebSearchToolParam``, ``ToolChoice…Param`` and
``ResponseFormatTextConfigParam`` of the ``openai`` SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.core.models import Dialect
from extproc.dialects.translation.common.finding_losses import Losses, place
from extproc.dialects.translation.common.identifiers import Names, token
from extproc.dialects.translation.common.strictness import is_strict
from extproc.dialects.translation.form import Choice, ChoiceMode, Request, Tool
from extproc.dialects.translation.responses.obstacles import is_web_search

__all__ = ["write_choice", "write_format", "write_tools"]

_NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}
_FORMAT_NAME = "answer"
"""A schema must have a name here, which Anthropic's have not."""


def write_tools(request: Request, names: Names, losses: Losses) -> list[dict[str, Any]]:
    """The tools of a request, without those that cannot be carried."""
    tools = []
    for index, tool in enumerate(request.tools):
        path = f"tools[{index}]"
        if tool.cache is not None:
            place = f"{path}.cache_control"
            losses.add("dropped:cache_control", place, "OpenAI caches by itself")
        if tool.raw and request.dialect is Dialect.RESPONSES:
            tools.append(dict(tool.raw))
        elif tool.kind is None:
            tools.append(_function(tool, path, request, names, losses))
        elif is_web_search(tool):
            tools.append(_web_search(tool, path, losses))
    return tools


def _function(
    tool: Tool, path: str, request: Request, names: Names, losses: Losses
) -> dict[str, Any]:
    parameters = _NO_PARAMETERS if tool.parameters is None else tool.parameters
    written: dict[str, Any] = {"type": "function", "name": names.fit(tool.name)}
    if tool.description is not None:
        written["description"] = tool.description
    written["parameters"] = parameters
    strict = tool.strict
    if strict is None:
        strict = None if request.dialect is Dialect.RESPONSES else False
    elif strict and request.dialect is Dialect.MESSAGES and not is_strict(parameters):
        strict = False
        reason = "OpenAI is strict only where every property is required"
        losses.add("dropped:strict", f"{path}.strict", reason)
    written["strict"] = strict
    return written


def _web_search(tool: Tool, path: str, losses: Losses) -> dict[str, Any]:
    written: dict[str, Any] = {"type": "web_search"}
    allowed = tool.raw.get("allowed_domains")
    if isinstance(allowed, list) and allowed:
        written["filters"] = {"allowed_domains": allowed}
    location = tool.raw.get("user_location")
    if isinstance(location, dict) and location:
        written["user_location"] = location
    for name in ("blocked_domains", "max_uses"):
        if tool.raw.get(name) is not None:
            losses.add(
                f"dropped:{token(name)}", f"{path}.{name}", "OpenAI's web search has no such limit"
            )
    return written


def write_choice(
    choice: Choice, request: Request, names: Names, losses: Losses
) -> str | dict[str, Any]:
    """The ``tool_choice`` of a request that has tools."""
    searching = {tool.name for tool in request.tools if is_web_search(tool)}
    carried = searching | {tool.name for tool in request.tools if tool.kind is None}
    if choice.mode is ChoiceMode.NAMED:
        name = choice.name or ""
        if name not in carried:
            losses.add("dropped:tool_choice", "tool_choice", "no tool of that name is carried")
            return ChoiceMode.AUTO.value
        if name in searching:
            return _allowed([name], ChoiceMode.REQUIRED.value, searching, names)
        return {"type": "function", "name": names.fit(name)}
    if choice.allowed is None or choice.mode is ChoiceMode.NONE:
        return choice.mode.value
    allowed = [name for name in choice.allowed if name in carried]
    if len(allowed) < len(choice.allowed):
        reason = "not all tools of these names are carried"
        losses.add("dropped:allowed_tools", "tool_choice", reason)
    return _allowed(allowed, choice.mode.value, searching, names)


def _allowed(allowed: list[str], mode: str, searching: set[str], names: Names) -> dict[str, Any]:
    tools = [
        {"type": "web_search"}
        if name in searching
        else {"type": "function", "name": names.fit(name)}
        for name in allowed
    ]
    return {"type": "allowed_tools", "mode": mode, "tools": tools}


def write_format(request: Request, losses: Losses) -> dict[str, Any] | None:
    """The ``text.format`` of a request, None where it asks for none."""
    wanted = request.format
    if wanted is None:
        return None
    if wanted.schema is None:
        return {"type": "json_object"}
    written: dict[str, Any] = {
        "type": "json_schema",
        "name": wanted.name or _FORMAT_NAME,
        "schema": wanted.schema,
    }
    if wanted.description is not None:
        written["description"] = wanted.description
    if request.dialect is Dialect.MESSAGES:
        written["strict"] = is_strict(wanted.schema)
        if not written["strict"]:
            reason = "OpenAI is strict only where every property is required"
            losses.add("dropped:strict", place(request, "format"), reason)
    elif wanted.strict is not None:
        written["strict"] = wanted.strict
    return written
