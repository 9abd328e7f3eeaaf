"""Writes turns as the items of ``input``.

Shapes: ``ResponseInputItemParam`` of the ``openai`` SDK. Messages are written in its easy form,
whose members are the same for every role.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from extproc.core.models import Dialect
from extproc.dialects.translation.common.finding_losses import Losses
from extproc.dialects.translation.common.identifiers import Names
from extproc.dialects.translation.form import (
    Document,
    Image,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    Request,
    Source,
    Text,
    ToolCall,
    ToolResult,
    Turn,
)
from extproc.dialects.translation.responses.wire import call_id

__all__ = ["write_items"]

_ERROR = "Error: "
"""Marks a failed tool's result, for which this dialect has no member."""

_FILE_NAME = "document.pdf"
_ROLES = {"user": "user", "assistant": "assistant", "system": "developer"}


_Said: TypeAlias = Text | Image | Document | Refusal


def write_items(request: Request, names: Names, losses: Losses) -> list[dict[str, Any]]:
    """The items that the turns of a request stand for, in order."""
    items: list[dict[str, Any]] = []
    for turn in request.turns:
        _Writer(turn, names, losses, items, own=request.dialect is Dialect.RESPONSES).write()
    return items


class _Writer:
    """Writes one turn. What is said between two calls or results is one message."""

    __slots__ = ("_items", "_losses", "_names", "_own", "_phase", "_said", "_turn")

    def __init__(
        self,
        turn: Turn,
        names: Names,
        losses: Losses,
        items: list[dict[str, Any]],
        *,
        own: bool,
    ) -> None:
        self._turn = turn
        self._names = names
        self._losses = losses
        self._items = items
        self._own = own
        self._said: list[_Said] = []
        self._phase: Any = None

    def write(self) -> None:
        for index, part in enumerate(self._turn.parts):
            _WRITERS[type(part)](self, part, index)
        self._message()

    def _say(self, part: _Said, index: int) -> None:
        self._note_cache(part, index)
        self._said.append(part)

    def _call(self, part: ToolCall, index: int) -> None:
        self._note_cache(part, index)
        call = {
            "type": "function_call",
            "call_id": call_id(part.id),
            "name": self._names.fit(part.name),
            "arguments": part.arguments or "{}",
        }
        self._add(call)

    def _result(self, part: ToolResult, index: int) -> None:
        self._note_cache(part, index)
        result = {
            "type": "function_call_output",
            "call_id": call_id(part.call_id),
            "output": _output(part),
        }
        self._add(result)

    def _opaque(self, part: Opaque, index: int) -> None:  # noqa: ARG002
        """Another dialect's part is an obstacle, and noted as one."""
        if not self._own:
            return
        if part.kind == "phase":
            self._phase = part.raw.get("phase")
        else:
            self._add(dict(part.raw))

    def _add(self, item: dict[str, Any]) -> None:
        self._message()
        self._items.append(item)

    def _note_cache(self, part: _Said | ToolCall | ToolResult, index: int) -> None:
        if not isinstance(part, Refusal) and part.cache is not None:
            path = f"{self._turn.path}.content[{index}].cache_control"
            self._losses.add("dropped:cache_control", path, "OpenAI caches by itself")

    def _reasoning(self, part: Reasoning, index: int) -> None:
        if self._own and part.encrypted is not None:
            summary = [{"type": "summary_text", "text": part.text}] if part.text else []
            item = {
                "type": "reasoning",
                "id": part.id or "",
                "summary": summary,
                "encrypted_content": part.encrypted,
            }
            self._add(item)
            return
        path = f"{self._turn.path}.content[{index}]"
        self._losses.add("dropped:reasoning", path, "it means nothing to another provider")

    def _message(self) -> None:
        if not self._said:
            return
        message: dict[str, Any] = {"type": "message", "role": _ROLES[self._turn.role]}
        if self._turn.role == "assistant":
            message["content"] = self._words()
        else:
            message["content"] = [_content(part) for part in self._said]
        if self._phase is not None:
            message["phase"] = self._phase
        self._said.clear()
        if message["content"]:
            self._items.append(message)

    def _words(self) -> str:
        """What the assistant said: this dialect takes only words of it."""
        words = []
        for part in self._said:
            if isinstance(part, Text | Refusal):
                words.append(part.text)
            else:
                reason = "the assistant's messages hold only text"
                self._losses.add("dropped:assistant_media", self._turn.path, reason)
        return "".join(words)


_WRITERS: Mapping[type[Part], Callable[[_Writer, Any, int], None]] = {
    Text: _Writer._say,
    Image: _Writer._say,
    Document: _Writer._say,
    Refusal: _Writer._say,
    Reasoning: _Writer._reasoning,
    ToolCall: _Writer._call,
    ToolResult: _Writer._result,
    Opaque: _Writer._opaque,
}


def _output(result: ToolResult) -> str | list[dict[str, Any]]:
    parts = [part for part in result.parts if isinstance(part, Text | Image | Document)]
    if result.is_error:
        first = parts[0] if parts else None
        if isinstance(first, Text):
            parts[0] = Text(_ERROR + first.text)
        else:
            parts.insert(0, Text(_ERROR.strip()))
    if not parts:
        return ""
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0].text
    return [_content(part) for part in parts]


def _content(part: _Said) -> dict[str, Any]:
    if isinstance(part, Text | Refusal):
        return {"type": "input_text", "text": part.text}
    if isinstance(part, Image):
        image: dict[str, Any] = {"type": "input_image", "detail": part.detail or "auto"}
        if part.source.file_id is not None:
            image["file_id"] = part.source.file_id
        else:
            image["image_url"] = _url(part.source, "image/png")
        return image
    return _document(part)


def _document(document: Document) -> dict[str, Any]:
    source = document.source
    if source.text is not None:
        return {"type": "input_text", "text": source.text}
    if source.file_id is not None:
        return {"type": "input_file", "file_id": source.file_id}
    if source.url is not None:
        return {"type": "input_file", "file_url": source.url}
    return {
        "type": "input_file",
        "filename": document.title or _FILE_NAME,
        "file_data": _url(source, "application/pdf"),
    }


def _url(source: Source, media_type: str) -> str:
    if source.url is not None:
        return source.url
    return f"data:{source.media_type or media_type};base64,{source.data or ''}"
