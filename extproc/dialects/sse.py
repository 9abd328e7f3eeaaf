"""Server-sent events, cut out of a stream of bytes.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Final

from extproc.errors import ClientError

__all__ = ["LARGEST_EVENT", "EventCutter", "EventReader", "check_held", "data_of", "with_data"]

LARGEST_EVENT: Final = 32 * 1024 * 1024
"""Bytes that are held for one event of a stream: a picture of the largest size in base64 takes
less."""

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\r\r")
_LONGEST_BLANK = len(b"\r\n\r\n")
_ENDS = (b"\n\n", b"\r\r", b"\r\n\r\n")


class EventReader:
    """Cuts a byte stream into the data of its events. Comments and event names are passed over,
    for every dialect repeats the name inside the data."""

    __slots__ = ("_after_cr", "_begun", "_data", "_data_size", "_rest", "_rest_size", "_start")

    def __init__(self) -> None:
        self._after_cr = False
        self._begun = False
        self._start = b""
        self._rest: list[bytes] = []
        self._rest_size = 0
        self._data: list[bytes] = []
        self._data_size = 0

    @property
    def held(self) -> int:
        """Bytes of the event that is not complete yet."""
        return self._data_size + self._rest_size

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The data of each event that this piece completes; an event without data is none."""
        for line in self._lines(piece):
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
                self._data_size += len(line)
            elif not line:
                data = b"\n".join(self._data)
                self._data.clear()
                self._data_size = 0
                if data:
                    yield data

    def _lines(self, piece: bytes) -> list[bytes]:
        if not self._begun:
            self._start += piece
            if len(self._start) < len(BOM_UTF8):
                return []
            self._begun = True
            piece = self._start.removeprefix(BOM_UTF8)
            self._start = b""
        if not piece:
            return []
        if self._after_cr:
            # The CR that ended the last piece was the first half of a CR LF.
            piece = piece.removeprefix(b"\n")
        self._after_cr = piece.endswith(b"\r")
        first, *lines = _LINE_END.split(piece)
        self._rest.append(first)
        self._rest_size += len(first)
        if not lines:
            return []
        last = lines.pop()
        lines.insert(0, b"".join(self._rest))
        self._rest, self._rest_size = [last], len(last)
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

    @property
    def held(self) -> int:
        """Bytes of the event that is not complete yet."""
        return len(self._rest)

    def rest(self) -> bytes:
        """What came after the last event, once no more is to come."""
        rest, self._rest = self._rest, b""
        return rest


def check_held(size: int) -> None:
    """Give up a stream whose event does not end, before it takes all memory.

    Args:
        size: the bytes that are held of it.

    Raises:
        ClientError: that is more than ``LARGEST_EVENT`` (502).
    """
    if size > LARGEST_EVENT:
        raise ClientError(
            502, f"An event of the provider's stream is larger than {LARGEST_EVENT} bytes."
        )


def data_of(event: bytes) -> bytes:
    """The data of one event; empty if it has none."""
    return b"\n".join(EventReader().feed(event if event.endswith(_ENDS) else event + b"\n\n"))


def with_data(event: bytes, data: bytes) -> bytes:
    """An event with other data in one line; its name and what else it says stay."""
    lines = [line for line in _LINE_END.split(event) if line and not line.startswith(b"data:")]
    return b"\n".join((*lines, b"data: " + data, b"", b""))
