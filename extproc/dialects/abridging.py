"""A stretch of a large JSON body with its longest strings abridged, so that parsing it is quick.

A base64 image of 20 MB means nothing to routing, but to parse it takes tens of milliseconds during
which a worker does nothing else, and as much memory again. Of a string that is too long its two
ends stay, with a note between them of how much is left out.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from extproc.dialects.outline import NotAnObjectError, Outline

__all__ = ["abridged", "original_length", "plain"]

_LONGEST: Final = 512 * 1024
_SHORTEST: Final = 1024
"""Bytes that stay at either end: from the one, for a stretch with few long strings, down to the
other, for one with many."""
_STRETCH: Final = 2 * 1024 * 1024
"""Bytes of a stretch that are worth such a reduction."""
_PIECE: Final = 64 * 1024

_NOTE: Final = "…[{} bytes]…"
_NOTED: Final = re.compile("…" + re.escape("[") + r"(\d+)" + re.escape(" bytes]") + "…")

_SAFE: Final = re.compile(rb"(?<=[^\\])\\(?!u[dD][c-fC-F])|(?<=[^\\]{12})[^\\\x80-\xbf]", re.DOTALL)
"""Where a string's contents can be cut: before an escape that is no second half of one, or, out of
reach of any escape, before what is no continuation of a character."""
_WINDOW: Final = 256


def abridged(raw: bytes, start: int, end: int, found: Outline) -> bytes:
    """A stretch of a body, with its longest strings abridged.

    Args:
        raw: the body.
        start: where the stretch begins.
        end: where it ends; no string begins or ends outside.
        found: the body's outline.

    Raises:
        NotAnObjectError: what is left out is not the inside of a JSON string.
    """
    low, high = np.searchsorted(found.strings, (start, end))
    strings = found.strings[low:high].reshape(-1, 2)
    lengths = strings[:, 1] - strings[:, 0]
    kept = _LONGEST
    while kept > _SHORTEST and _left(end - start, lengths, kept) > _STRETCH:
        kept //= 8
    pieces: list[bytes] = []
    position = start
    for begin, finish in strings[lengths > 2 * kept].tolist():
        left_from = _safe_place(raw, begin + kept - _WINDOW)
        left_to = _safe_place(raw, finish - kept)
        if left_from is None or left_to is None:
            left_from, left_to = begin, finish
        _check(raw, left_from, left_to)
        pieces += (raw[position:left_from], _NOTE.format(left_to - left_from).encode())
        position = left_to
    pieces.append(raw[position:end])
    return b"".join(pieces)


def plain(raw: bytes, start: int, end: int, _: Outline) -> bytes:
    """A stretch of a body as it is."""
    return raw[start:end]


def original_length(text: str) -> int:
    """How long a string was before it was abridged, if it was; about so for what is not ASCII."""
    noted = _NOTED.search(text)
    return len(text) + int(noted[1]) if noted else len(text)


def _left(size: int, lengths: np.ndarray[tuple[int], np.dtype[np.int64]], kept: int) -> int:
    return size - int(np.maximum(lengths - 2 * kept, 0).sum())


def _safe_place(raw: bytes, start: int) -> int | None:
    """The first place from here on where a string can be cut; None: there is none near."""
    place = _SAFE.search(raw, start, start + _WINDOW)
    return place.start() if place else None


def _check(raw: bytes, start: int, end: int) -> None:
    """See that bytes are the inside of a string: nobody is going to parse them."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _pieces(raw, start, end):
            decoder.decode(piece)
            if np.frombuffer(piece, np.uint8).min() < ord(" "):
                raise NotAnObjectError(f"a control character in a string (behind byte {start})")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise NotAnObjectError(f"a string is not UTF-8 (behind byte {start})") from None


def _pieces(raw: bytes, start: int, end: int) -> Iterator[bytes]:
    for begin in range(start, end, _PIECE):
        yield raw[begin : min(begin + _PIECE, end)]
