"""The bytes of streamed events.

Shapes: ``ResponseStreamEvent`` of the ``openai`` SDK. Events of which there are many are framed
once for an item: only the text and the number differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.dialects.translation.common.json_text import json_bytes, json_string

__all__ = ["Frame", "Numbered"]


class Frame:
    """An event that differs only in its delta and its number."""

    __slots__ = ("_after", "_before")

    def __init__(self, kind: str, **members: Any) -> None:
        head = json_bytes({"type": kind, **members})[:-1]
        self._before = b'event: %b\ndata: %b,"delta":' % (kind.encode(), head)
        self._after = b',"sequence_number":%d}\n\n'

    def filled(self, text: str, number: int) -> bytes:
        """The event with this delta and number."""
        return self._before + json_string(text) + self._after % number


class Numbered:
    """Counts the events of one stream, from 0."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = 0

    def take(self) -> int:
        """The number of the next event."""
        number = self._next
        self._next += 1
        return number

    def event(self, kind: str, members: Mapping[str, Any]) -> bytes:
        """The next event, whole."""
        body = json_bytes({"type": kind, "sequence_number": self.take(), **members})
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), body)
