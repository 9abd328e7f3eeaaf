"""Where in a JSON object of any size its members are, found without making anything of them.

To parse a body is to make a Python object of every value in it, and a client can write eleven
million values into 32 MiB. An outline is found first, in time and memory that do not depend on what
the bytes say: in slices, by NumPy, which lets other threads run meanwhile. It tells what a body is
made of before anything is made of it, where its top-level members are, and where arrays can be cut
into pieces that are parsed one by one.

An outline knows strings and brackets, no more: whether the rest is JSON shows when it is parsed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Member", "NotAnObjectError", "Outline", "Outlined", "TooManyPartsError", "outline"]

_SLICE: Final = 64 * 1024
_LONG: Final = 256
"""Bytes of a string from which it is remembered where it is."""
_MOST_MEMBERS: Final = 1024
"""More top-level members than any API has."""

_OPEN, _CLOSE, _COMMA, _COLON = 1, 2, 3, 4

_Bytes: TypeAlias = NDArray[np.uint8]
_Offsets: TypeAlias = NDArray[np.int64]


_KINDS: Final = {"[": _OPEN, "{": _OPEN, "]": _CLOSE, "}": _CLOSE, ",": _COMMA, ":": _COLON}
_STRUCTURE: Final = bytes(_KINDS.get(chr(byte), 0) for byte in range(256))
_DEPTH: Final = np.array([0, 1, -1, 0, 0], np.int64)
_COUNTS: Final = np.array([0, 1, 0, 1, 0], np.int64)
_SPACE: Final = b" \t\r\n"
_NOWHERE: Final = np.array([], np.int64)


class NotAnObjectError(ValueError):
    """The bytes are not those of a JSON object; the message says why, and near which byte."""


class TooManyPartsError(ValueError):
    """The object has more parts, or members, than are looked at."""


class Member(NamedTuple):
    """A member of the top-level object: its name as it is spelled, quotes included, and byte
    offsets: of its name, of its value, and of what comes behind that."""

    name: bytes
    start: int
    value_start: int
    end: int


@dataclass(frozen=True, slots=True)
class Outlined:
    """A member in an outline: ``parts_before`` come before its value, which has ``parts``."""

    member: Member
    parts_before: int
    parts: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a JSON object is made of.

    ``members`` are in their order, and several may have one name. ``parts`` counts brackets that
    open and commas, outside strings: there are no more values than that, but for the object itself.
    ``cuts`` are the offsets of the commas between what the members' arrays and objects hold, and
    ``cut_parts`` how many parts come before each. ``strings`` are the offsets of the contents of
    all strings of 256 bytes or more, start and end, one after another.
    """

    members: tuple[Outlined, ...]
    parts: int
    cuts: _Offsets
    cut_parts: _Offsets
    strings: _Offsets


def outline(
    raw: bytes, most_parts: int | None = None, most_members: int = _MOST_MEMBERS
) -> Outline:
    """Find the outline of a JSON object.

    Takes time in proportion to the length of the body, and memory in proportion to ``most_parts``.
    It costs about 10 ns a byte where strings are short, 1 where they are long.

    Args:
        raw: the body.
        most_parts: how many parts it may have; None: any number, and where they are is not told.
        most_members: how many members it may have.

    Raises:
        NotAnObjectError: it is not a JSON object.
        TooManyPartsError: it has more of either.
    """
    scanner = _Scanner(raw, most_parts, most_members)
    start = 0
    while start < len(raw):
        start = scanner.scan(start)
    return scanner.outline()


class _Scanner:
    """Goes through a body once."""

    def __init__(self, raw: bytes, most_parts: int | None, most_members: int) -> None:
        self._raw = raw
        self._most_parts = most_parts
        self._most_members = most_members
        self._depth = 0
        self._parts = 0
        self._open_quote = -1  # where the string begins that a slice has left open
        self._root = -1
        self._end = -1
        self._colons: list[int] = []
        self._commas: list[tuple[int, int]] = []  # between the members, and the parts before each
        self._cuts: list[_Offsets] = []
        self._cut_parts: list[_Offsets] = []
        self._strings: list[_Offsets] = []

    def scan(self, start: int) -> int:
        """Look at the slice that begins here; says where the next one does."""
        cut = self._slice(start)
        if self._open_quote >= 0 and b'"' not in cut:
            return start + len(cut)
        found = np.frombuffer(cut, np.uint8)
        quotes = found == ord('"')
        inside = np.cumsum(quotes, dtype=np.uint8)
        if self._open_quote >= 0:
            inside += 1
        inside &= 1
        inside -= 1  # all bits where no string is, else none
        structure = np.frombuffer(cut.translate(_STRUCTURE), np.uint8) & inside
        places = np.flatnonzero(structure != 0)
        self._note_strings(np.flatnonzero(quotes) + start)
        if len(places):
            self._note_structure(places + start, structure[places])
        return start + len(cut)

    def _slice(self, start: int) -> bytes:
        """The next bytes, in which nothing looks like what it is not: no escape is a quote."""
        cut = self._raw[start : start + _SLICE]
        if b"\\" not in cut:
            return cut
        trailing = len(cut) - len(cut.rstrip(b"\\"))
        if trailing % 2:  # an escape would be cut in two
            cut = self._raw[start : start + len(cut) + 1]
        return cut.replace(b"\\\\", b"__").replace(b'\\"', b"__")

    def _note_strings(self, quotes: _Offsets) -> None:
        if self._open_quote >= 0:
            quotes = np.concatenate(([self._open_quote], quotes))
        closed = len(quotes) // 2 * 2
        self._open_quote = int(quotes[-1]) if len(quotes) > closed else -1
        pairs = quotes[:closed].reshape(-1, 2)
        pairs = pairs[pairs[:, 1] - pairs[:, 0] > _LONG]
        if len(pairs):
            self._strings.append(np.add(pairs, (1, 0)).ravel())

    def _note_structure(self, places: _Offsets, kinds: _Bytes) -> None:
        depths = np.cumsum(_DEPTH[kinds]) + self._depth
        parts = np.cumsum(_COUNTS[kinds]) + self._parts
        if self._root < 0:
            self._root = int(places[0])
        closed = np.flatnonzero(depths <= 0)
        if len(closed) or self._end >= 0:
            self._note_end(places, closed)
        self._depth, self._parts = int(depths[-1]), int(parts[-1])
        self._note_members(places, parts, (depths == 1) & (kinds >= _COMMA), kinds)
        if self._most_parts is None:
            return
        if self._parts > self._most_parts:
            raise TooManyPartsError
        cuts = (depths == 2) & (kinds == _COMMA)
        self._cuts.append(places[cuts])
        self._cut_parts.append(parts[cuts])

    def _note_end(self, places: _Offsets, closed: _Offsets) -> None:
        if self._end >= 0 or closed[0] < len(places) - 1:
            where = int(places[0] if self._end >= 0 else places[closed[0] + 1])
            raise NotAnObjectError(f"something follows its end (near byte {where})")
        self._end = int(places[closed[0]])

    def _note_members(
        self, places: _Offsets, parts: _Offsets, marks: NDArray[np.bool_], kinds: _Bytes
    ) -> None:
        commas = marks & (kinds == _COMMA)
        self._colons += places[marks & ~commas].tolist()
        self._commas += zip(places[commas].tolist(), parts[commas].tolist(), strict=True)
        if len(self._commas) >= self._most_members:
            raise TooManyPartsError

    def outline(self) -> Outline:
        """What was found."""
        raw, root, end = self._raw, self._root, self._end
        if self._open_quote >= 0:
            raise NotAnObjectError(f"a string is not closed (it begins at byte {self._open_quote})")
        if root < 0 or raw[root] != ord("{") or raw[:root].strip(_SPACE):
            raise NotAnObjectError("it begins otherwise")
        if end < 0 or raw[end] != ord("}") or raw[end + 1 :].strip(_SPACE):
            raise NotAnObjectError(f"its end is missing, or something follows it (byte {end})")
        return Outline(
            tuple(self._members()),
            self._parts,
            np.concatenate([*self._cuts, _NOWHERE]),
            np.concatenate([*self._cut_parts, _NOWHERE]),
            np.concatenate([*self._strings, _NOWHERE]),
        )

    def _members(self) -> Iterator[Outlined]:
        bounds = [(self._root, 1), *self._commas, (self._end, self._parts)]
        if not self._colons and not self._raw[self._root + 1 : self._end].strip(_SPACE):
            return
        if len(self._colons) != len(bounds) - 1:
            raise NotAnObjectError("a member has no value, or none follows a comma")
        for colon, (begin, before), (end, parts) in zip(
            self._colons, bounds, bounds[1:], strict=False
        ):
            start = _behind_space(self._raw, begin + 1, end)
            name = self._raw[start:colon].rstrip(_SPACE)
            if not begin < colon < end or name[:1] != b'"':
                raise NotAnObjectError(f"a member has no name (near byte {begin})")
            value_start = _behind_space(self._raw, colon + 1, end)
            value_end = _before_space(self._raw, value_start, end)
            member = Member(name, start, value_start, value_end)
            yield Outlined(member, before, parts - before)


def _behind_space(raw: bytes, start: int, end: int) -> int:
    while start < end and raw[start] in _SPACE:
        start += 1
    return start


def _before_space(raw: bytes, start: int, end: int) -> int:
    while end > start and raw[end - 1] in _SPACE:
        end -= 1
    return end
