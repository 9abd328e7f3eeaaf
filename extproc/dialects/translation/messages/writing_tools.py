"""Tools, the choice among them, and schemas, as Anthropic takes them.

``anthropic.types.ToolParam``, ``anthropic.types.ToolChoiceParam``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from extproc.dialects.translation.common.finding_losses import Losses, tool_place
from extproc.dialects.translation.form import Choice, ChoiceMode, Request, Tool
from extproc.dialects.translation.losses import Loss
from extproc.dialects.translation.messages.obstacles import SEARCHES, tool_obstacle
from extproc.dialects.translation.messages.schemas import adapted_schema, input_schema
from extproc.dialects.translation.messages.writing_turns import Conversation

__all__ = ["bounded_schema", "write_choice", "write_tools"]

_Body = dict[str, Any]

_MODES = {
    ChoiceMode.AUTO: "auto",
    ChoiceMode.REQUIRED: "any",
    ChoiceMode.NAMED: "tool",
    ChoiceMode.NONE: "none",
}
_LONGEST_REASON = 200
_WEB_SEARCH = "web_search_20250305"
_FREE_KEYWORDS = frozenset({"default", "examples"})
"""Moving these into a description loses nothing."""


def _tell_unbound(moved: Iterable[str], path: str, losses: Losses) -> None:
    bound = sorted(name for name in moved if name not in _FREE_KEYWORDS)
    if bound:
        reason = f"the provider does not enforce {', '.join(bound)[:_LONGEST_REASON]}"
        losses.put(Loss("adapted:schema", path, reason=reason))


def bounded_schema(schema: Mapping[str, Any], path: str, losses: Losses) -> _Body:
    """A schema that the provider takes; what it does not enforce is a loss."""
    adapted, moved = adapted_schema(schema)
    _tell_unbound(moved, path, losses)
    return adapted


def _search(tool: Tool) -> _Body:
    """OpenAI's web search as Anthropic's."""
    filters = tool.raw.get("filters")
    domains = filters.get("allowed_domains") if isinstance(filters, dict) else None
    place_of_user = tool.raw.get("user_location")
    search: _Body = {"type": _WEB_SEARCH, "name": "web_search"}
    if isinstance(domains, list) and domains:
        search["allowed_domains"] = domains
    if isinstance(place_of_user, dict):
        known = ("city", "country", "region", "timezone")
        told = {name: place_of_user[name] for name in known if place_of_user.get(name)}
        search["user_location"] = {"type": "approximate", **told}
    return search


def _tool(tool: Tool, index: int, talk: Conversation, losses: Losses) -> _Body:
    if tool.kind is not None:
        return _search(tool) if tool.kind in SEARCHES else dict(tool.raw)
    losses.grammar(tool, index)
    schema, moved = input_schema(tool.parameters)
    _tell_unbound(moved, tool_place(tool, index), losses)
    written: _Body = {"name": talk.names.fit(tool.name)}
    if tool.description:
        written["description"] = tool.description
    if tool.strict:
        schema = bounded_schema(schema, tool_place(tool, index), losses)
        written["strict"] = True
    written["input_schema"] = schema
    return talk.marks.put(written, tool.cache, tool=True)


def write_tools(request: Request, talk: Conversation, losses: Losses) -> list[_Body]:
    """The tools that the model may call and that can be carried."""
    named = None if request.choice is None else request.choice.allowed
    allowed = None if named is None else frozenset(named)
    if allowed is not None:
        reason = "the provider gets only the tools that may be called"
        losses.put(Loss("adapted:allowed_tools", "tool_choice", reason=reason))
    return [
        _tool(tool, index, talk, losses)
        for index, tool in enumerate(request.tools)
        if (allowed is None or tool.name in allowed)
        and tool_obstacle(tool, index, request.dialect) is None
    ]


def write_choice(request: Request, talk: Conversation) -> _Body | None:
    """``tool_choice``, None where it says nothing. It is taken with tools only."""
    choice = request.choice
    if choice is None:
        if request.parallel_tools is not False:
            return None
        choice = Choice(ChoiceMode.AUTO)
    written: _Body = {"type": _MODES[choice.mode]}
    if choice.mode is ChoiceMode.NAMED:
        written["name"] = talk.names.fit(choice.name or "")
    if request.parallel_tools is False and choice.mode is not ChoiceMode.NONE:
        written["disable_parallel_tool_use"] = True
    return written
