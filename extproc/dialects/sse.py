"""Server-sent events, cut out of a stream of bytes.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator

__all__ = ["EventCutter", "EventReader", "data_of", "with_data"]

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\r\r")
_LONGEST_BLANK = len(b"\r\n\r\n")
_ENDS = (b"\n\n", b"\r\r", b"\r\n\r\n")


class EventReader:
    """Cuts a byte stream into the data of its events. Comments and event names are passed over,
    for every dialect repeats the name inside the data."""

    __slots__ = ("_after_cr", "_begun", "_data", "_rest")

    def __init__(self) -> None:
        self._after_cr = False
        self._begun = False
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The data of each event that this piece completes; an event without data is none."""
        for line in self._lines(piece):
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line:
                data = b"\n".join(self._data)
                self._data.clear()
                if data:
                    yield data

    def _lines(self, piece: bytes) -> list[bytes]:
        if not piece:
            return []
        text = self._rest + piece
        if not self._begun and len(text) >= len(BOM_UTF8):
            self._begun = True
            text = text.removeprefix(BOM_UTF8)
        if self._after_cr:
            # The CR that ended the last piece was the first half of a CR LF.
            text = text.removeprefix(b"\n")
        self._after_cr = text.endswith(b"\r")
        *lines, self._rest = _LINE_END.split(text)
        return lines


class EventCutter:
    """Cuts a byte stream behind each event: what comes out is what went in, byte for byte."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Each event that this piece completes, its blank line included."""
        text = self._rest + piece
        begin = 0
        seen = max(0, len(self._rest) - _LONGEST_BLANK + 1)
        for blank in _BLANK_LINE.finditer(text, seen):
            yield text[begin : blank.end()]
            begin = blank.end()
        self._rest = text[begin:]

    def rest(self) -> bytes:
        """What came after the last event, once no more is to come."""
        rest, self._rest = self._rest, b""
        return rest


def data_of(event: bytes) -> bytes:
    """The data of one event; empty if it has none."""
    return b"\n".join(EventReader().feed(event if event.endswith(_ENDS) else event + b"\n\n"))


def with_data(event: bytes, data: bytes) -> bytes:
    """An event with other data in one line; its name and what else it says stay."""
    lines = [line for line in _LINE_END.split(event) if line and not line.startswith(b"data:")]
    return b"\n".join((*lines, b"data: " + data, b"", b""))
