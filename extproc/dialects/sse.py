"""Server-sent events, cut out of a stream of bytes.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator

__all__ = ["EventReader"]

_LINE_END = re.compile(rb"\r\n|\n|\r")


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
