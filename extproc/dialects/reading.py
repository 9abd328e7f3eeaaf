"""What a JSON body says: small ones at once, large ones in pieces that take no more than moments.

Whoever parses holds the process: while 32 MiB are parsed in one go, no other thread runs. So a
large body's outline is found first, and its members are parsed in pieces, the longest strings
abridged. Measured on 32 MiB: docs/security.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import orjson

from extproc.core.faults import Fault
from extproc.dialects.abridging import abridged, plain
from extproc.dialects.malformed import invalid, no_object
from extproc.dialects.outline import (
    Member,
    NotAnObjectError,
    Outline,
    Outlined,
    TooManyPartsError,
    outline,
)
from extproc.errors import ClientError

__all__ = [
    "MOST_PARTS",
    "Read",
    "is_large",
    "read_abridged",
    "read_json",
    "read_some",
    "read_whole",
]

MOST_PARTS: Final = 100_000
"""Values that a body to be routed may have, about. Coding agents' conversations of 10 MB have
fewer, and all that is done with a body takes time for each."""

_MOST_AT_ONCE: Final = 20_000
"""Values that are parsed in one go, about 5 ms; and that one value in an array may have."""
_BYTES_AT_ONCE: Final = 512 * 1024
_SMALL: Final = 64 * 1024
_LARGE: Final = 1024 * 1024
"""Bytes: longer bodies are large whatever they say."""

Cut: TypeAlias = Callable[[bytes, int, int, Outline], bytes]

_STRUCTURE: Final = b",[{"


class Read(NamedTuple):
    """What a large body says, and where in it the members are."""

    document: dict[str, Any]
    members: tuple[Member, ...]


def is_large(raw: bytes) -> bool:
    """Whether to parse this body would keep others waiting: it is long, or dense."""
    if len(raw) <= _SMALL:
        return False
    return len(raw) > _LARGE or _most_values(raw) > _MOST_AT_ONCE


def _most_values(raw: bytes) -> int:
    """How many values there can be: what looks like one inside of a string counts, too.

    To count byte by byte would take as long as to parse.
    """
    octets = np.frombuffer(raw, np.uint8)
    return sum(int(np.count_nonzero(octets == sign)) for sign in _STRUCTURE)


def read_json(raw: bytes) -> Any:
    """What a body of JSON says, parsed at once.

    Raises:
        ClientError: it is no JSON (400).
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _not_json(f"{error.msg} (line {error.lineno}, column {error.colno})") from None


def _not_json(what: str) -> ClientError:
    """The error of a body that is not JSON; ``what`` says why. OpenAI gives it no code."""
    return ClientError(400, f"The body is not valid JSON: {what}.", reason=Fault.INVALID_JSON)


def _outline(raw: bytes, most_parts: int | None = None) -> Outline:
    """A large body's outline.

    Raises:
        ClientError: it is no JSON object, or has more parts than that (400).
    """
    try:
        return outline(raw, most_parts)
    except NotAnObjectError as error:
        if raw.lstrip()[:1] == b"{":
            raise _not_json(str(error)) from None
        raise no_object() from None
    except TooManyPartsError:
        raise _too_many("The body", most_parts or MOST_PARTS) from None


def read_some(raw: bytes, names: Collection[str]) -> Read:
    """What some small members of a large body say; whether the others are JSON is not looked at.

    Raises:
        ClientError: it is no JSON object, or one of them is none or is not small (400).
    """
    spelled = {b'"%b"' % name.encode(): name for name in names}
    members = _places(_outline(raw))
    document: dict[str, Any] = {}
    for member in members:
        name = spelled.get(member.name)
        if name is None:
            continue
        if member.end - member.value_start > _SMALL:
            raise invalid(name, "is too long")
        document[name] = read_json(raw[member.value_start : member.end])
    return Read(document, members)


def read_whole(raw: bytes, most_parts: int = MOST_PARTS) -> Read:
    """All that a large body says, its longest strings too.

    Raises:
        ClientError: see :func:`read_abridged`.
    """
    found = _outline(raw, most_parts)
    return Read(dict(_members(raw, found, plain)), _places(found))


def read_abridged(raw: bytes) -> Read:
    """What a large body says, with its longest strings abridged.

    Raises:
        ClientError: it is no JSON object, or has too many parts to be looked at (400).
    """
    found = _outline(raw, MOST_PARTS)
    return Read(dict(_members(raw, found, abridged)), _places(found))


def _places(found: Outline) -> tuple[Member, ...]:
    return tuple(each.member for each in found.members)


def _members(raw: bytes, found: Outline, cut: Cut) -> Iterator[tuple[str, Any]]:
    for each in found.members:
        name = read_json(each.member.name)
        try:
            yield name, _value(raw, found, each, name, cut)
        except orjson.JSONDecodeError as error:
            raise _not_json(f"{error.msg} (in '{name[:64]}')") from None
        except NotAnObjectError as error:
            raise _not_json(str(error)) from None


def _value(raw: bytes, found: Outline, outlined: Outlined, name: str, cut: Cut) -> Any:
    start, end = outlined.member.value_start, outlined.member.end
    if outlined.parts <= _MOST_AT_ONCE and end - start <= _BYTES_AT_ONCE:
        return orjson.loads(raw[start:end])
    if raw[start : start + 1] != b"[" or raw[end - 1 : end] != b"]":
        if outlined.parts > _MOST_AT_ONCE:
            raise _too_many(f"'{name[:64]}'", _MOST_AT_ONCE)
        return orjson.loads(cut(raw, start, end, found))
    first, last = np.searchsorted(found.cuts, (start, end)).tolist()
    cuts = [start, *found.cuts[first:last].tolist(), end - 1]
    parts = [outlined.parts_before, *found.cut_parts[first:last].tolist()]
    parts.append(outlined.parts_before + outlined.parts)
    values: list[Any] = []
    for begin, finish in _groups(cuts, parts):
        if parts[finish] - parts[begin] > _MOST_AT_ONCE:
            raise _too_many(f"'{name[:64]}[{begin}]'", _MOST_AT_ONCE)
        group = orjson.loads(b"[%b]" % cut(raw, cuts[begin] + 1, cuts[finish], found))
        if len(group) != finish - begin and len(cuts) > 2:
            raise _not_json(f"a comma that nothing follows, or none is before (in '{name[:64]}')")
        values += group
    return values


def _groups(cuts: Sequence[int], parts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Neighbours in an array that can be parsed in one go, by the indices of their cuts."""
    begin = 0
    for finish in range(1, len(cuts)):
        outgrown = finish + 1 == len(cuts) or (
            parts[finish + 1] - parts[begin] > _MOST_AT_ONCE
            or cuts[finish + 1] - cuts[begin] > _BYTES_AT_ONCE
        )
        if outgrown:
            yield begin, finish
            begin = finish


def _too_many(what: str, most: int) -> ClientError:
    return ClientError(
        400,
        f"{what} holds more than the {most:,} values that are read here; send large data as text "
        "or as a file.",
        code="too_many_values",
    )
