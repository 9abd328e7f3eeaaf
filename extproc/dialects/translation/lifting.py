"""Images and documents inside a body, taken out before it is parsed and put back afterwards.

A base64 image of 20 MB means nothing to a translation, but to parse it, copy it and write it again
would keep a worker's other requests waiting for tens of milliseconds. What stands in its place is a
short word that every translation carries as it would have carried the image.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Lifted", "lift"]

_SMALLEST = 64 * 1024
"""Bytes of a string from which it is worth the trouble."""
_HEAD = 256
"""Bytes that stay: what a string begins with may say what it is (``data:image/png;base64,``)."""
_MOST_STRINGS = 50_000
"""A body with more strings than this is text: parsing it is the smaller part of its cost."""


class Lifted:
    """A body without its long strings, and these."""

    def __init__(self, body: bytes, mark: bytes, strings: tuple[memoryview, ...]) -> None:
        self.body = body
        self._mark = mark
        self._strings = strings

    def restored(self, body: bytes) -> list[bytes | memoryview]:
        """The pieces of another body that carries the same marks, with the strings in their
        places; a string whose mark is gone stays out."""
        pieces: list[bytes | memoryview] = []
        first, *others = body.split(self._mark)
        pieces.append(first)
        for other in others:
            number, _, rest = other.partition(b"=")
            pieces.append(self._strings[int(number)])
            pieces.append(rest)
        return pieces


def lift(raw: bytes, mark: str) -> Lifted:
    """Take the long strings out of a body that need no escapes, as base64 needs none.

    Args:
        raw: JSON in UTF-8.
        mark: letters and digits that cannot be in the body by chance: they mark each place.
    """
    strings: list[memoryview] = []
    pieces: list[bytes] = []
    kept = 0
    view = memoryview(raw)
    for begin, end in _long_strings(raw):
        start = begin + _HEAD
        pieces.append(raw[kept:start])
        pieces.append(f"{mark}{len(strings)}=".encode())
        strings.append(view[start:end])
        kept = end
    pieces.append(raw[kept:])
    return Lifted(b"".join(pieces), mark.encode(), tuple(strings))


def _long_strings(raw: bytes) -> Iterator[tuple[int, int]]:
    """Where the contents of long strings without escapes begin and end."""
    if len(raw) < _SMALLEST:
        return
    end = -1
    for _ in range(_MOST_STRINGS):
        begin = raw.find(b'"', end + 1) + 1
        if not begin:
            return
        end = _end(raw, begin)
        if end < 0:
            return
        if end - begin > _SMALLEST and raw.find(b"\\", begin, end) < 0:
            yield begin, end


def _end(raw: bytes, begin: int) -> int:
    """Where the string that begins here ends: at a quote that no backslash escapes; -1: nowhere."""
    end = raw.find(b'"', begin)
    while end >= 0 and _is_escaped(raw, end):
        end = raw.find(b'"', end + 1)
    return end


def _is_escaped(raw: bytes, position: int) -> bool:
    before = position
    while raw[before - 1] == ord("\\"):
        before -= 1
    return (position - before) % 2 == 1
