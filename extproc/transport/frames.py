"""HTTP/2's frames as bytes: RFC 9113, sections 4 to 7."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Final, NamedTuple

__all__ = [
    "DEFAULT_FRAME_SIZE",
    "DEFAULT_WINDOW",
    "LARGEST_FRAME_SIZE",
    "LARGEST_WINDOW",
    "PREFACE",
    "Code",
    "ConnectionBrokenError",
    "Flag",
    "Frame",
    "FrameReader",
    "Kind",
    "Setting",
    "frame",
    "frame_head",
    "goaway",
    "read_number",
    "read_settings",
    "reset",
    "settings",
    "unpadded",
    "window_update",
]

PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client begins with."""

DEFAULT_WINDOW: Final = 65_535
DEFAULT_FRAME_SIZE: Final = 16_384
"""Bytes, until a peer's settings say otherwise."""

LARGEST_WINDOW: Final = 2**31 - 1
_MUCH: Final = 4096
"""Bytes of data from which a view costs less than a copy."""
LARGEST_FRAME_SIZE: Final = 2**24 - 1

_HEAD: Final = struct.Struct(">BHBBL")
"""The length in two parts, the kind, the flags and the stream."""
_NUMBER: Final = struct.Struct(">L")
_GOAWAY: Final = struct.Struct(">LL")
_SETTING: Final = struct.Struct(">HL")


class Kind(IntEnum):
    """What a frame is."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


class Flag:
    """What is said of a frame; ``ACK`` is of settings and pings. Plain numbers, for every frame is
    asked for them."""

    END_STREAM: Final = 0x1
    ACK: Final = 0x1
    END_HEADERS: Final = 0x4
    PADDED: Final = 0x8
    PRIORITY: Final = 0x20


class Setting(IntEnum):
    """What a peer says of itself, as far as it matters here."""

    HEADER_TABLE_SIZE = 1
    INITIAL_WINDOW_SIZE = 4
    MAX_FRAME_SIZE = 5


class Code(IntEnum):
    """Why a stream or a connection ends, as far as one ends here."""

    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    FLOW_CONTROL_ERROR = 3
    FRAME_SIZE_ERROR = 6
    CANCEL = 8
    COMPRESSION_ERROR = 9
    ENHANCE_YOUR_CALM = 11


class ConnectionBrokenError(Exception):
    """The peer did what it must not: the connection cannot be used any more."""

    def __init__(self, code: Code, why: str) -> None:
        super().__init__(why)
        self.code = code


class Frame(NamedTuple):
    """A frame as it came; ``kind`` and ``flags`` may be unknown ones. The payload of much data is a
    view of all that came with it."""

    kind: int
    flags: int
    stream: int
    payload: bytes | memoryview


class FrameReader:
    """Cuts what a client sends into frames."""

    __slots__ = ("_greeted", "_held")

    def __init__(self) -> None:
        self._held = b""
        self._greeted = False

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole now.

        Raises:
            ConnectionBrokenError: this is not HTTP/2, or a frame is too large.
        """
        at = 0
        if not self._greeted:
            data = self._held + data
            if not data.startswith(PREFACE):
                if not PREFACE.startswith(data):
                    raise ConnectionBrokenError(Code.PROTOCOL_ERROR, "this is not HTTP/2")
                self._held = data
                return
            self._greeted, self._held, at = True, b"", len(PREFACE)
        while self._held and at < len(data):
            # A frame that came in part is made whole by itself, so that the rest is not copied.
            lacking = self._lacking()
            self._held += data[at : at + lacking]
            at += lacking
            if not self._lacking():
                held, self._held = self._held, b""
                yield from self._cut(held, 0)
        yield from self._cut(data, at)

    def _lacking(self) -> int:
        """How many bytes the head of the held frame lacks, or else the frame."""
        held = len(self._held)
        whole = _HEAD.size
        if held >= whole:
            whole += _head(self._held, 0)[0]
        return whole - held

    def _cut(self, data: bytes, at: int) -> Iterator[Frame]:
        """The frames that are whole; what is behind them is held."""
        view, end = memoryview(data), len(data)
        while end - at >= _HEAD.size:
            size, kind, flags, stream = _head(data, at)
            begin = at + _HEAD.size
            if begin + size > end:
                break
            at = begin + size
            seen = view if size > _MUCH and kind == Kind.DATA else data
            yield Frame(kind, flags, stream, seen[begin:at])
        if at < end:
            self._held = data[at:]


def _head(data: bytes, at: int) -> tuple[int, int, int, int]:
    """The size, the kind, the flags and the stream of a frame.

    Raises:
        ConnectionBrokenError: it is too large.
    """
    high, low, kind, flags, stream = _HEAD.unpack_from(data, at)
    size: int = high << 16 | low
    if size > DEFAULT_FRAME_SIZE:
        raise ConnectionBrokenError(Code.FRAME_SIZE_ERROR, f"a frame of {size} bytes")
    return size, kind, flags, stream & LARGEST_WINDOW


def frame(kind: Kind, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame."""
    return frame_head(kind, flags, stream, len(payload)) + payload


def frame_head(kind: Kind, flags: int, stream: int, size: int) -> bytes:
    """What comes before a frame's payload of so many bytes."""
    return _HEAD.pack(size >> 16, size & 0xFFFF, kind, flags, stream)


def settings(values: Mapping[Setting, int]) -> bytes:
    """A SETTINGS frame."""
    said = b"".join(_SETTING.pack(setting, value) for setting, value in values.items())
    return frame(Kind.SETTINGS, 0, 0, said)


def window_update(stream: int, size: int) -> bytes:
    """Let the peer send so many bytes more; stream 0 is the connection."""
    return frame(Kind.WINDOW_UPDATE, 0, stream, _NUMBER.pack(size))


def reset(stream: int, code: Code) -> bytes:
    """End a stream."""
    return frame(Kind.RST_STREAM, 0, stream, _NUMBER.pack(code))


def goaway(last_stream: int, code: Code) -> bytes:
    """Take no streams beyond the last one."""
    return frame(Kind.GOAWAY, 0, 0, _GOAWAY.pack(last_stream, code))


def unpadded(frame: Frame) -> bytes | memoryview:
    """The payload of a DATA or HEADERS frame, without what surrounds it.

    Raises:
        ConnectionBrokenError: there is more padding than payload.
    """
    payload = frame.payload
    begin, end = 0, len(payload)
    if frame.flags & Flag.PADDED:
        begin = 1
        end -= payload[0] if payload else 1
    if frame.kind == Kind.HEADERS and frame.flags & Flag.PRIORITY:
        begin += 5
    if begin > end:
        raise ConnectionBrokenError(Code.PROTOCOL_ERROR, "more padding than payload")
    return payload[begin:end]


def read_number(frame: Frame) -> int:
    """The payload of a WINDOW_UPDATE or RST_STREAM frame.

    Raises:
        ConnectionBrokenError: it is of another length.
    """
    if len(frame.payload) != _NUMBER.size:
        raise ConnectionBrokenError(Code.FRAME_SIZE_ERROR, "a number of another length")
    number: int = _NUMBER.unpack(frame.payload)[0]
    return number & LARGEST_WINDOW


def read_settings(frame: Frame) -> Iterator[tuple[int, int]]:
    """The payload of a SETTINGS frame.

    Raises:
        ConnectionBrokenError: it is of another length.
    """
    if len(frame.payload) % _SETTING.size:
        raise ConnectionBrokenError(Code.FRAME_SIZE_ERROR, "half a setting")
    yield from _SETTING.iter_unpack(frame.payload)
