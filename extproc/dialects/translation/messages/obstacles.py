"""What keeps a request from a model of Anthropic's, in its parts and beside them.

The writer of requests asks the same questions of each part, so that the two agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.core.models import Dialect
from extproc.dialects.translation.common.finding_losses import (
    MARKS,
    Losses,
    dropped,
    place,
    reluctant,
    skipped,
    tool_place,
)
from extproc.dialects.translation.common.sources import PDF
from extproc.dialects.translation.form import (
    Document,
    Image,
    Opaque,
    Part,
    Request,
    Tool,
    ToolResult,
    Turn,
)
from extproc.dialects.translation.losses import Loss, Severity
from extproc.dialects.translation.translator import Target

__all__ = [
    "IMAGE_TYPES",
    "SEARCHES",
    "STRICTER_VERSION",
    "obstacles",
    "part_obstacle",
    "prefilled",
    "tool_obstacle",
]

STRICTER_VERSION = "2026-10-21"
"""From this API version on, sampling parameters and documents of the assistant's are refused."""
IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
SEARCHES = frozenset(
    {"web_search", "web_search_2025_08_26", "web_search_preview", "web_search_preview_2025_03_11"}
)
"""Tools of OpenAI's that Anthropic has too."""

_MAY_BE_MISSING = ("image_generation", "tool_search")
"""Tools of OpenAI's that agents offer in every request, and do without where there are none."""

_RUN_BY_PROVIDER = frozenset(
    {
        "code_interpreter_call",
        "file_search_call",
        "image_generation_call",
        "mcp_call",
        "mcp_list_tools",
        "web_search_call",
    }
)
"""What a provider did by itself in earlier turns: what it said of it stays."""

_ELSEWHERE = "the provider has nothing like it"
_ITS_PROVIDERS = "only the provider that made it can read it"


def _image(part: Image, path: str, dialect: Dialect) -> Loss | None:
    source = part.source
    if source.file_id is not None:
        return None if dialect is Dialect.MESSAGES else skipped("file_id", path, _ITS_PROVIDERS)
    if source.url is not None:
        if source.url[:8].lower() == "https://":
            return None
        return skipped("image", path, "the provider loads images from https addresses only")
    if source.media_type in IMAGE_TYPES or source.media_type == "image/jpg":
        return None
    return skipped("image", path, f"the provider takes {', '.join(sorted(IMAGE_TYPES))}")


def _document(part: Document, path: str, dialect: Dialect) -> Loss | None:
    source = part.source
    if source.file_id is not None:
        return None if dialect is Dialect.MESSAGES else skipped("file_id", path, _ITS_PROVIDERS)
    if source.data is None or source.media_type in (None, PDF):
        return None
    if source.media_type.startswith("text/"):
        return None
    return skipped("document", path, "the provider takes PDF and text")


def part_obstacle(
    part: Part, path: str, role: str, dialect: Dialect, target: Target
) -> Loss | None:
    """Why a part cannot be carried, None where it can.

    Args:
        part: of a turn, or of a tool's result.
        path: where it stands; an Opaque knows that itself.
        role: its turn's.
        dialect: the client's.
        target: the model.
    """
    if isinstance(part, Image):
        return _image(part, path, dialect)
    if isinstance(part, Document):
        plain = part.source.text is not None
        if role == "assistant" and not plain and target.api_version >= STRICTER_VERSION:
            return skipped("document", path, "the assistant's turns may hold no documents")
        return _document(part, path, dialect)
    if isinstance(part, Opaque) and part.dialect is not Dialect.MESSAGES:
        if part.kind in MARKS:
            return dropped(part.kind, part.path, _ELSEWHERE)
        barring = reluctant if part.kind in _RUN_BY_PROVIDER else skipped
        return barring(part.kind, part.path, _ELSEWHERE)
    return None


def tool_obstacle(tool: Tool, index: int, dialect: Dialect) -> Loss | None:
    """Why a tool cannot be carried, None where it can."""
    if tool.kind is None or dialect is Dialect.MESSAGES:
        return None
    if dialect is Dialect.RESPONSES and tool.kind in SEARCHES:
        if tool.raw.get("external_web_access") is False:
            reason = "the provider has no search that stays off the web"
            return reluctant(tool.kind, tool_place(tool, index), reason)
        return None
    barring = reluctant if tool.kind.startswith(_MAY_BE_MISSING) else skipped
    return barring(tool.kind, tool_place(tool, index), _ELSEWHERE)


def _true(value: object) -> bool:
    return value is True


def _given(value: object) -> bool:
    return bool(value)


_REFUSED: Mapping[str, Any] = {
    "n": lambda n: isinstance(n, int | float) and n > 1,
    "logprobs": _true,
    "audio": _given,
    "modalities": lambda kinds: isinstance(kinds, list) and kinds != ["text"] and bool(kinds),
    "previous_response_id": _given,
    "conversation": _given,
    "prompt": _given,
    "background": _true,
    "max_tool_calls": _given,
    "truncation": lambda value: value == "auto",
}
"""Members of OpenAI's that change what the client gets, and which values of them do."""


def _members(request: Request, losses: Losses) -> None:
    if request.dialect is Dialect.MESSAGES:
        return
    for name, value in request.extras.items():
        refused = _REFUSED.get(name)
        if refused is not None and refused(value):
            losses.put(skipped(name, place(request, name), _ELSEWHERE))
        elif name == "web_search_options" and value is not None:
            losses.put(reluctant(name, place(request, name), _ELSEWHERE))
    if request.format is not None and request.format.schema is None:
        reason = "the provider takes a schema only; an instruction says it instead"
        losses.put(
            Loss("adapted:json_object", place(request, "format"), Severity.RELUCTANT, reason)
        )


def _turn(turn: Turn, dialect: Dialect, target: Target, losses: Losses) -> None:
    for index, part in enumerate(turn.parts):
        inner = part.parts if isinstance(part, ToolResult) else (part,)
        for one in inner:
            if isinstance(one, Image | Document | Opaque):
                path = f"{turn.path}.content[{index}]"
                loss = part_obstacle(one, path, turn.role, dialect, target)
                if loss is not None:
                    losses.put(loss)


def prefilled(request: Request) -> Turn | None:
    """The last turn, where it is the assistant's: the answer is to continue it."""
    for turn in reversed(request.turns):
        if turn.role != "system" and turn.parts:
            return turn if turn.role == "assistant" else None
    return None


def obstacles(request: Request, target: Target) -> tuple[Loss, ...]:
    """See ``Translator.obstacles``."""
    losses = Losses()
    _members(request, losses)
    for index, tool in enumerate(request.tools):
        loss = tool_obstacle(tool, index, request.dialect)
        if loss is not None:
            losses.put(loss)
    for turn in request.turns:
        _turn(turn, request.dialect, target, losses)
    last = prefilled(request) if target.traits.prefill is False else None
    if last is not None:
        losses.put(
            skipped("prefill", last.path, "the model does not continue the assistant's turn")
        )
    return losses.told()
