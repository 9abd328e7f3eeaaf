"""What keeps a chat provider from serving a request as the client means it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from extproc.core.models import Dialect
from extproc.core.traits import Traits
from extproc.dialects.translation.chat.extras import tell_impossible_extras
from extproc.dialects.translation.chat.reasoning import refuses_with_tools
from extproc.dialects.translation.common.finding_losses import MARKS, RequestLosses, tool_place
from extproc.dialects.translation.common.identifiers import token
from extproc.dialects.translation.form import (
    ChoiceMode,
    Document,
    Image,
    Opaque,
    Part,
    Request,
    Text,
    Tool,
    ToolResult,
)
from extproc.dialects.translation.losses import Loss, Severity
from extproc.dialects.translation.translator import Target

__all__ = ["obstacles"]

_PROVIDERS_WORK: Final = frozenset(
    {
        "server_tool_use",
        "mcp_tool_use",
        "web_search_call",
        "file_search_call",
        "code_interpreter_call",
        "image_generation_call",
        "mcp_list_tools",
        "mcp_call",
    }
)
"""Parts that tell what a provider's own tools did: an answer without them is poorer, not wrong."""
_RESULT: Final = "_tool_result"
_RESPONSES_OWN_TOOLS: Final = ("web_search", "code_interpreter", "image_generation", "tool_search")
"""Beside these, responses has tools that the client itself runs, and others (MCP, files, computers)
that the client's account holds: without them the answer would be another."""


def _may_drop(kind: str) -> bool:
    return kind in _PROVIDERS_WORK or kind.endswith(_RESULT)


def _may_go_without(tool: Tool, dialect: Dialect) -> bool:
    if dialect is Dialect.MESSAGES:
        return True
    return dialect is Dialect.RESPONSES and str(tool.kind).startswith(_RESPONSES_OWN_TOOLS)


def _tell_tools(request: Request, target: Target, losses: RequestLosses) -> None:
    if request.tools and target.traits.tools is False:
        losses.of("skipped:tools", "tools", "the model takes no tools", Severity.SKIP)
    choice = request.choice
    for index, tool in enumerate(request.tools):
        if tool.kind is None:
            continue
        kind, reason = token(tool.kind), "chat has no such tool"
        if _may_go_without(tool, request.dialect):
            losses.add(f"dropped:{kind}", tool_place(tool, index), reason, Severity.RELUCTANT)
        else:
            losses.add(f"skipped:{kind}", tool_place(tool, index), reason, Severity.SKIP)
        if choice is not None and choice.mode is ChoiceMode.NAMED and choice.name == tool.name:
            losses.of("skipped:tool_choice", "tool_choice", reason, Severity.SKIP)


def _media_obstacle(part: Image | Document, traits: Traits) -> tuple[str, str] | None:
    """What it is called and why it cannot be carried."""
    source = part.source
    if isinstance(part, Image):
        if traits.images is False:
            return "image", "the model takes no images"
        if source.url is None and source.data is None:
            return "file_id", "only its provider has the file"
        return None
    if source.text is not None:
        return None
    if source.data is None:
        if source.url is not None:
            return "document_url", "chat takes documents, but not their addresses"
        return "file_id", "only its provider has the file"
    return ("document", "the model takes no documents") if traits.documents is False else None


def _parts(request: Request) -> Iterator[tuple[Part, str]]:
    for turn in request.turns:
        for index, part in enumerate(turn.parts):
            if isinstance(part, Image | Document | Opaque):
                yield part, f"{turn.path}.content[{index}]"
            elif isinstance(part, ToolResult):
                for inner in part.parts:
                    yield inner, f"{turn.path}.content[{index}]"


def _tell_parts(request: Request, target: Target, losses: RequestLosses) -> None:
    for part, path in _parts(request):
        if isinstance(part, Opaque):
            kind, reason = token(part.kind), "chat has no such part"
            if part.kind in MARKS:
                losses.add(f"dropped:{kind}", part.path, reason)
            elif _may_drop(part.kind):
                losses.add(f"dropped:{kind}", part.path, reason, Severity.RELUCTANT)
            else:
                losses.add(f"skipped:{kind}", part.path, reason, Severity.SKIP)
        elif isinstance(part, Image | Document):
            obstacle = _media_obstacle(part, target.traits)
            if obstacle is not None:
                losses.add(f"skipped:{obstacle[0]}", path, obstacle[1], Severity.SKIP)


def _tell_prefill(request: Request, target: Target, losses: RequestLosses) -> None:
    last = request.turns[-1] if request.turns else None
    if last is None or last.role != "assistant" or target.traits.prefill is not False:
        return
    if any(isinstance(part, Text) for part in last.parts):
        reason = "the model does not go on with what its own last message begins"
        losses.add("skipped:prefill", last.path, reason, Severity.SKIP)


def obstacles(request: Request, target: Target) -> tuple[Loss, ...]:
    """See ``Translator.obstacles``."""
    losses = RequestLosses(request)
    if request.max_tokens == 0:
        reason = "chat cannot fill a cache without an answer"
        losses.of("skipped:max_tokens", "max_tokens", reason, Severity.SKIP)
    tell_impossible_extras(request, losses)
    _tell_tools(request, target, losses)
    _tell_parts(request, target, losses)
    _tell_prefill(request, target, losses)
    functions = any(tool.kind is None for tool in request.tools)
    if refuses_with_tools(request.reasoning, target.traits, tools=functions):
        reason = "the model refuses reasoning together with tools on chat"
        losses.of("dropped:effort", "reasoning", reason, Severity.RELUCTANT)
    return losses.told()
