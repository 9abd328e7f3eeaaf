"""What stands in the way of writing a request in this dialect.

Eligibility asks this before any request is written, and writing begins with it, so that the two
cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from extproc.core.models import Dialect
from extproc.dialects.translation.common.finding_losses import Losses, place, reluctant, skipped
from extproc.dialects.translation.common.identifiers import token
from extproc.dialects.translation.form import (
    Document,
    Image,
    Opaque,
    Part,
    Request,
    Text,
    Tool,
    ToolResult,
    Turn,
)
from extproc.dialects.translation.losses import Loss, Severity
from extproc.dialects.translation.translator import Target

__all__ = ["SKIPPED_EXTRAS", "is_web_search", "obstacles"]

_OFF: Mapping[str, Callable[[Any], bool]] = {
    "n": lambda value: value == 1,
    "logprobs": lambda value: value is False,
    "modalities": lambda value: value == ["text"],
    "speed": lambda value: value == "standard",
}
"""At these values a member that cannot be carried asks for nothing."""

SKIPPED_EXTRAS: Mapping[str, str] = {
    "previous_message_id": "only the provider that keeps it can go on from there",
    "n": "the responses API gives one answer",
    "logprobs": "log probabilities are not translated",
    "modalities": "only text is translated",
    "audio": "only text is translated",
    "web_search_options": "only chat completions takes them",
    "container": "only its provider has it",
    "inference_geo": "only Anthropic has it",
    "speed": "only Anthropic has it",
    "mcp_servers": "Anthropic's connector is not OpenAI's",
}

_CLIENT_RUN = ("bash_", "text_editor_", "computer_", "memory_")
"""Tools of Anthropic's own design that the client runs: no other model knows how to call them."""

_SERVER_PARTS = frozenset({"server_tool_use", "mcp_tool_use", "mcp_tool_result"})
_SERVER_RESULT = "_tool_result"


def obstacles(request: Request, target: Target) -> tuple[Loss, ...]:
    """The losses of severity SKIP and RELUCTANT that writing the request would bring.

    Args:
        request: as its dialect's reader read it.
        target: the model that it would be written for.
    """
    if request.dialect is Dialect.RESPONSES:
        return ()
    losses = Losses()
    _extras(request, losses)
    for index, tool in enumerate(request.tools):
        if tool.kind is not None:
            _tool(tool, f"tools[{index}]", request, losses)
    for turn in request.turns:
        for path, part in _parts(turn):
            _part(part, path, losses)
    if request.max_tokens is not None and request.max_tokens < 1:
        path = place(request, "max_tokens")
        losses.add("skipped:max_tokens", path, "an answer has at least a token", Severity.SKIP)
    if _is_prefilled(request) and target.traits.prefill is False:
        reason = "the model does not go on with the assistant's words"
        losses.add("skipped:prefill", request.turns[-1].path, reason, Severity.SKIP)
    return losses.told()


def is_web_search(tool: Tool) -> bool:
    """Whether both providers run the like of this tool of Anthropic's."""
    return tool.kind is not None and tool.kind.startswith("web_search_")


def _extras(request: Request, losses: Losses) -> None:
    for name, reason in SKIPPED_EXTRAS.items():
        value = request.extras.get(name)
        if value is None or value == []:
            continue
        is_off = _OFF.get(name)
        if is_off is None or not is_off(value):
            losses.add(
                f"skipped:{token(name)}", request.paths.get(name, name), reason, Severity.SKIP
            )


def _tool(tool: Tool, path: str, request: Request, losses: Losses) -> None:
    kind = tool.kind or ""
    if request.dialect is Dialect.CHAT or kind.startswith(_CLIENT_RUN):
        losses.add(
            f"skipped:{token(kind)}", path, "only its dialect has such a tool", Severity.SKIP
        )
    elif not is_web_search(tool):
        reason = "only its provider runs this tool"
        losses.put(reluctant(kind, path, reason))


def _parts(turn: Turn) -> Iterator[tuple[str, Part]]:
    for index, part in enumerate(turn.parts):
        path = f"{turn.path}.content[{index}]"
        yield path, part
        if isinstance(part, ToolResult):
            for position, inner in enumerate(part.parts):
                yield f"{path}.content[{position}]", inner


def _part(part: Part, path: str, losses: Losses) -> None:
    if isinstance(part, Image | Document):
        if part.source.file_id is not None:
            reason = "a file's id means nothing to another provider"
            losses.add("skipped:file_id", path, reason, Severity.SKIP)
    elif isinstance(part, Opaque):
        if part.kind in _SERVER_PARTS or part.kind.endswith(_SERVER_RESULT):
            reason = "only the provider that ran the tool reads this"
            losses.put(reluctant(part.kind, part.path, reason))
        else:
            reason = "only its dialect has such a part"
            losses.put(skipped(part.kind, part.path, reason))


def _is_prefilled(request: Request) -> bool:
    if request.dialect is not Dialect.MESSAGES or not request.turns:
        return False
    last = request.turns[-1]
    return last.role == "assistant" and any(isinstance(part, Text) for part in last.parts)
