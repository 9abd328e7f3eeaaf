"""Surgery on a JSON object's bytes: change or remove top-level members, leave the rest alone.

A client's body goes to the provider byte for byte as it came, but for what routing must change.
Parsing and writing it again would lose key order, large integers and the spelling of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

import msgspec
import orjson

from extproc.dialects.malformed import invalid
from extproc.dialects.outline import Member, outline
from extproc.errors import ClientError

__all__ = ["Buffer", "Edited", "edited", "elements_of", "members_of"]

Buffer: TypeAlias = bytes | memoryview

_MEMBERS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NAME: Final = re.compile(
    rb'[ \t\r\n]*+[{,][ \t\r\n]*+("(?:[^"\\]++|\\.)*+")[ \t\r\n]*+:[ \t\r\n]*+', re.DOTALL
)
_ELEMENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_BEFORE_ELEMENT: Final = re.compile(rb"[ \t\r\n]*+[\[,][ \t\r\n]*+")
_START: Final = re.compile(rb"[ \t\r\n]*+")
_END: Final = re.compile(rb"[ \t\r\n]*+\}[ \t\r\n]*+\Z")


class Edited(NamedTuple):
    """A body after surgery, in pieces that are views of what it was before; ``size`` is theirs.

    ``places`` are the offsets at which new values start and end, by the names of their members.
    """

    pieces: tuple[Buffer, ...]
    size: int
    places: Mapping[str, tuple[int, int]]

    @property
    def data(self) -> bytes:
        """The whole."""
        return b"".join(self.pieces)


def members_of(raw: bytes) -> Sequence[Member]:
    """The members of the top-level object, in their order.

    Args:
        raw: a JSON object in UTF-8 that has been parsed successfully.
    """
    try:
        return _walked(raw, _MEMBERS.decode(raw))
    except (_DiffersError, msgspec.DecodeError, RecursionError):
        # Names that stand twice or are spelled with escapes, and what is nested deeply.
        return [each.member for each in outline(raw, most_members=len(raw)).members]


class _DiffersError(Exception):
    """The members are not one after another as the decoder has them."""


def _walked(raw: bytes, values: Mapping[str, msgspec.Raw]) -> list[Member]:
    """Where the values are that the decoder found.

    It tells of each name the last value. If all of them, with their names, stand one after another
    from the object's start to its end, then there is nothing else in it.
    """
    found: list[Member] = []
    position = 0
    for name, value in values.items():
        key = _NAME.match(raw, position)
        if key is None or key[1] != b'"%b"' % name.encode():
            raise _DiffersError
        start = key.end()
        end = start + len(memoryview(value))
        if not raw.startswith(value, start):
            raise _DiffersError
        found.append(Member(key[1], key.start(1), start, end))
        position = end
    if found and not _END.match(raw, position):
        raise _DiffersError
    return found


def elements_of(raw: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Where the elements of an array in a body start and end, in their order; none where they are
    nested too deeply to tell.

    Args:
        raw: JSON in UTF-8.
        start: where the array starts.
        end: where it ends, or space behind it.
    """
    try:
        values = _ELEMENTS.decode(memoryview(raw)[start:end])
    except (msgspec.DecodeError, RecursionError):
        return []
    found: list[tuple[int, int]] = []
    position = start
    for value in values:
        before = _BEFORE_ELEMENT.match(raw, position)
        begin = before.end() if before else position
        position = begin + len(memoryview(value))
        found.append((begin, position))
    return found


def _start(raw: bytes) -> int:
    space = _START.match(raw)
    return space.end() if space else 0


def edited(
    raw: bytes, changes: Mapping[str, bytes | None], members: Sequence[Member] | None = None
) -> Edited:
    """A body with other values for some members.

    Args:
        raw: a JSON object in UTF-8 that has been parsed successfully.
        changes: the new value of each, as JSON, or None to remove it. One that is not there is put
            in front of all others. The names must need no escapes.
        members: what :func:`members_of` says of the body, if that is known.

    Raises:
        ClientError: a member that must be changed stands more than once (providers disagree on
            which one counts), or is spelled with escapes (400).
    """
    members = members_of(raw) if members is None else members
    present = _present(members, changes)
    gone = [member for name, member in present.items() if changes[name] is None]
    edits: list[tuple[int, int, str | None]] = [
        (member.value_start, member.end, name)
        for name, member in present.items()
        if changes[name] is not None
    ]
    if gone:
        edits = sorted([*edits, *_cuts(raw, members, gone)], key=itemgetter(0))
    added = [name for name in changes if name not in present and changes[name] is not None]
    writing = _Writing(raw)
    if added:
        writing.keep(_start(raw) + 1)
        for number, name in enumerate(added):
            writing.put(b'%b"%b":' % (b"," if number else b"", name.encode()))
            writing.put(changes[name] or b"", name)
        if len(members) > len(gone):
            writing.put(b",")
    for begin, end, replaced in edits:
        writing.keep(begin)
        writing.skip(end)
        if replaced is not None:
            writing.put(changes[replaced] or b"", replaced)
    writing.keep(len(raw))
    return writing.edited()


def _present(members: Sequence[Member], names: Iterable[str]) -> dict[str, Member]:
    """Those of the named members that there are."""
    found = {member.name: member for member in members}
    if len(found) != len(members) or b"\\" in b"".join(found):
        for name in names:
            _check(name, members)
    return {name: found[key] for name in names if (key := b'"%b"' % name.encode()) in found}


def _check(name: str, members: Sequence[Member]) -> None:
    """See that there is one way to understand a name."""
    if any(b"\\" in each.name and orjson.loads(each.name) == name for each in members):
        raise _uncertain(name, "must be spelled without escapes, and once")
    if sum(each.name == b'"%b"' % name.encode() for each in members) > 1:
        raise _uncertain(name, "stands more than once in the body")


def _uncertain(name: str, what: str) -> ClientError:
    """The error of a member that cannot be changed with certainty."""
    return invalid(name, what)


def _cuts(
    raw: bytes, members: Sequence[Member], gone: Sequence[Member]
) -> Iterator[tuple[int, int, str | None]]:
    """What goes with members that are removed: the commas that came with them, and some space."""
    trailing = len(members)
    while trailing and members[trailing - 1] in gone:
        trailing -= 1
    for number, member in enumerate(members[:trailing]):
        if member in gone:
            yield member.start, members[number + 1].start, None
    if trailing < len(members):
        start = members[trailing - 1].end if trailing else _start(raw) + 1
        yield start, members[-1].end, None


class _Writing:
    """Puts a body together from stretches of another and what is new."""

    __slots__ = ("_pieces", "_places", "_position", "_size", "_view")

    def __init__(self, raw: bytes) -> None:
        self._view = memoryview(raw)
        self._position = 0
        self._pieces: list[Buffer] = []
        self._size = 0
        self._places: dict[str, tuple[int, int]] = {}

    def keep(self, end: int) -> None:
        """Go on with the other body, up to here."""
        self.put(self._view[self._position : end])
        self._position = end

    def skip(self, end: int) -> None:
        """Leave out of the other body what comes before here."""
        self._position = end

    def put(self, piece: Buffer, name: str | None = None) -> None:
        """Put something in; with a name, it is that member's new value."""
        if name is not None:
            self._places[name] = (self._size, self._size + len(piece))
        self._pieces.append(piece)
        self._size += len(piece)

    def edited(self) -> Edited:
        """The result."""
        return Edited(tuple(self._pieces), self._size, self._places)
