"""The items of a streamed answer while they are written: each knows how it begins, grows and ends.

All events of one item carry its id and its index.
"""

from __future__ import annotations

from typing import Any

from extproc.dialects.translation.responses import output_items
from extproc.dialects.translation.responses.callees import Callee
from extproc.dialects.translation.responses.custom_tools import unwrapped
from extproc.dialects.translation.responses.stream_frames import Frame, Numbered

__all__ = ["CallItem", "CustomCallItem", "MessageItem", "ReasoningItem"]

_COMPLETED = "completed"
_IN_PROGRESS = "in_progress"


class _Item:
    """What the kinds of items have in common."""

    __slots__ = ("_at", "_numbers", "id", "index")

    def __init__(self, item_id: str, index: int, numbers: Numbered) -> None:
        self.id = item_id
        self.index = index
        self._numbers = numbers
        self._at = {"item_id": item_id, "output_index": index}

    def _added(self, item: dict[str, Any]) -> bytes:
        members = {"output_index": self.index, "item": item}
        return self._numbers.event("response.output_item.added", members)

    def _done(self, item: dict[str, Any]) -> bytes:
        members = {"output_index": self.index, "item": item}
        return self._numbers.event("response.output_item.done", members)

    def _tell(self, kind: str, **members: Any) -> bytes:
        return self._numbers.event(f"response.{kind}", {**self._at, **members})


class CallItem(_Item):
    """A tool call."""

    __slots__ = ("_call_id", "_callee", "_frame", "_pieces")

    def __init__(
        self, item_id: str, index: int, numbers: Numbered, call_id: str, callee: Callee
    ) -> None:
        super().__init__(item_id, index, numbers)
        self._call_id = call_id
        self._callee = callee
        self._pieces: list[str] = []
        self._frame = Frame("response.function_call_arguments.delta", **self._at)

    def begin(self) -> bytes:
        return self._added(self.whole(_IN_PROGRESS))

    def grow(self, text: str) -> bytes:
        self._pieces.append(text)
        return self._frame.filled(text, self._numbers.take())

    def end(self, status: str = _COMPLETED) -> tuple[bytes, dict[str, Any]]:
        """What the end of the item is told with, and the item."""
        told = b"" if self._pieces else self.grow("{}")
        item = self.whole(status)
        told += self._tell("function_call_arguments.done", arguments=item["arguments"])
        return told + self._done(item), item

    def whole(self, status: str) -> dict[str, Any]:
        """The item as it is now."""
        arguments = "".join(self._pieces)
        return output_items.function_call(self.id, self._call_id, self._callee, arguments, status)


class CustomCallItem(_Item):
    """A call of a custom tool: its text stands inside a function's arguments, and is told once they
    are complete."""

    __slots__ = ("_call_id", "_callee", "_pieces")

    def __init__(
        self, item_id: str, index: int, numbers: Numbered, call_id: str, callee: Callee
    ) -> None:
        super().__init__(item_id, index, numbers)
        self._call_id = call_id
        self._callee = callee
        self._pieces: list[str] = []

    def begin(self) -> bytes:
        return self._added(self._with(""))

    def grow(self, text: str) -> bytes:
        self._pieces.append(text)
        return b""

    def end(self) -> tuple[bytes, dict[str, Any]]:
        """What the end of the item is told with, and the item."""
        item = self._with(unwrapped("".join(self._pieces)))
        told = self._tell("custom_tool_call_input.delta", delta=item["input"])
        told += self._tell("custom_tool_call_input.done", input=item["input"])
        return told + self._done(item), item

    def _with(self, text: str) -> dict[str, Any]:
        return output_items.custom_tool_call(self.id, self._call_id, self._callee, text)


class ReasoningItem(_Item):
    """What the model thought, told as one summary."""

    __slots__ = ("_frame", "_pieces", "encrypted")

    def __init__(self, item_id: str, index: int, numbers: Numbered) -> None:
        super().__init__(item_id, index, numbers)
        self._pieces: list[str] = []
        self.encrypted: str | None = None
        self._frame = Frame("response.reasoning_summary_text.delta", **self._at, summary_index=0)

    def begin(self) -> bytes:
        return self._added(output_items.reasoning(self.id, "", None))

    def grow(self, text: str) -> bytes:
        told = b""
        if not self._pieces:
            part = {"type": "summary_text", "text": ""}
            told = self._tell("reasoning_summary_part.added", summary_index=0, part=part)
        self._pieces.append(text)
        return told + self._frame.filled(text, self._numbers.take())

    def end(self) -> tuple[bytes, dict[str, Any]]:
        """What the end of the item is told with, and the item."""
        text = "".join(self._pieces)
        told = b""
        if text:
            part = {"type": "summary_text", "text": text}
            told += self._tell("reasoning_summary_text.done", summary_index=0, text=text)
            told += self._tell("reasoning_summary_part.done", summary_index=0, part=part)
        item = output_items.reasoning(self.id, text, self.encrypted)
        return told + self._done(item), item


class MessageItem(_Item):
    """What the assistant says: one or more parts, of which only the last is open."""

    __slots__ = ("_content", "_frame", "_is_refusal", "_pieces", "speaking")

    def __init__(self, item_id: str, index: int, numbers: Numbered) -> None:
        super().__init__(item_id, index, numbers)
        self._content: list[dict[str, Any]] = []
        self._pieces: list[str] = []
        self._is_refusal: bool | None = None
        self._frame: Frame | None = None
        self.speaking: set[int] = set()
        """Keys of the parts of the form that have not ended."""

    def begin(self) -> bytes:
        return self._added(output_items.message(self.id, (), _IN_PROGRESS))

    def grow(self, text: str, *, is_refusal: bool) -> bytes:
        told = b"" if self._is_refusal is is_refusal else self._part(is_refusal=is_refusal)
        if not text or self._frame is None:
            return told
        self._pieces.append(text)
        return told + self._frame.filled(text, self._numbers.take())

    def end(self, status: str = _COMPLETED) -> tuple[bytes, dict[str, Any]]:
        """What the end of the item is told with, and the item."""
        told = self._end_part()
        item = output_items.message(self.id, self._content, status)
        return told + self._done(item), item

    def whole(self, status: str) -> dict[str, Any]:
        """The item as it is now."""
        content = [*self._content, self._said()] if self._is_refusal is not None else self._content
        return output_items.message(self.id, content, status)

    def _part(self, *, is_refusal: bool) -> bytes:
        told = self._end_part()
        self._is_refusal = is_refusal
        place = {**self._at, "content_index": len(self._content)}
        if is_refusal:
            self._frame = Frame("response.refusal.delta", **place)
        else:
            self._frame = Frame("response.output_text.delta", **place, logprobs=[])
        return told + self._tell(
            "content_part.added", content_index=len(self._content), part=self._said()
        )

    def _said(self) -> dict[str, Any]:
        text = "".join(self._pieces)
        return output_items.refusal(text) if self._is_refusal else output_items.output_text(text)

    def _end_part(self) -> bytes:
        if self._is_refusal is None:
            return b""
        part = self._said()
        at = {"content_index": len(self._content)}
        if self._is_refusal:
            told = self._tell("refusal.done", **at, refusal=part["refusal"])
        else:
            told = self._tell("output_text.done", **at, text=part["text"], logprobs=[])
        told += self._tell("content_part.done", **at, part=part)
        self._content.append(part)
        self._pieces.clear()
        self._is_refusal = None
        return told
