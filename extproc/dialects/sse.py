"""Server-sent events, and what the first of them say about a stream.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from typing import Any

import orjson

__all__ = ["EventReader", "Sign", "read_sign"]


class Sign(Enum):
    """What an event tells about the attempt that sent it."""

    NOTHING_YET = auto()
    CONTENT = auto()
    ERROR = auto()


_OPENING = frozenset(
    {
        "ping",
        "message_start",
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.content_part.added",
    }
)
_OPENING_OF_TEXT = {
    ("content_block_start", "content_block"): "text",
    ("response.output_item.added", "item"): "message",
}
"""These announce text that is still to come, but a tool call or reasoning that is under way."""
_FAILED = frozenset({"error", "response.failed"})
_DELTA_WITHOUT_CONTENT = frozenset({"role"})


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


def _chat_sign(choices: object) -> Sign:
    for choice in choices if isinstance(choices, list) else ():
        if not isinstance(choice, dict):
            continue
        if choice.get("finish_reason"):
            return Sign.CONTENT
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            continue
        if any(value for key, value in delta.items() if key not in _DELTA_WITHOUT_CONTENT):
            return Sign.CONTENT
    return Sign.NOTHING_YET


def _announces_text(event: Mapping[str, Any]) -> bool:
    for (kind, member), text in _OPENING_OF_TEXT.items():
        if event.get("type") == kind:
            announced = event.get(member)
            return isinstance(announced, dict) and announced.get("type") == text
    return False


def read_sign(data: bytes) -> Sign:
    """Read the data of one event, of whichever dialect: their forms are distinct.

    Content is anything that shows generation under way: text, reasoning, a tool call, the reason
    why it stopped. A role, a ping, ``response.created`` or an empty block of text does not. Data
    that is not JSON, and an end of the stream before any content, are errors.
    """
    if data.strip() == b"[DONE]":
        return Sign.ERROR
    try:
        event = orjson.loads(data)
    except orjson.JSONDecodeError:
        return Sign.ERROR
    if not isinstance(event, dict):
        return Sign.ERROR
    kind = event.get("type")
    if not isinstance(kind, str):
        kind = None
    if event.get("error") or kind in _FAILED:
        return Sign.ERROR
    if kind in _OPENING or _announces_text(event):
        return Sign.NOTHING_YET
    if "choices" in event:
        return _chat_sign(event["choices"])
    return Sign.CONTENT
