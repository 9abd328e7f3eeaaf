"""Finds what may not be told in a text, in time proportional to the text's length.

Each kind has a finder of its own, which begins at what is rare in ordinary text (an ``@``, a digit
behind no letter, the prefix of a vendor's keys) and looks no further than a bounded stretch around
it. Whether what looks right is right is told by check digits, numbering plans and vendors' formats,
since agents' messages are full of hashes, ids, versions and times that look like all of it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from extproc.core.pii import PiiKind
from extproc.pii.addresses import emails, ips
from extproc.pii.credentials import secrets
from extproc.pii.folding import folded
from extproc.pii.numbers import cards, ibans, social_security_numbers
from extproc.pii.phones import phones

__all__ = ["Finding", "find"]

Finder: TypeAlias = Callable[[str], Iterator[tuple[int, int]]]

_FINDERS: Final[Mapping[PiiKind, Finder]] = MappingProxyType(
    {
        PiiKind.SECRET: secrets,
        PiiKind.EMAIL: emails,
        PiiKind.IBAN: ibans,
        PiiKind.CARD: cards,
        PiiKind.SSN: social_security_numbers,
        PiiKind.PHONE: phones,
        PiiKind.IP: ips,
    }
)
"""Of findings that overlap, the kind that stands first here is what it is."""

_PIECE: Final = 64 * 1024
_OVERLAP: Final = 8 * 1024
"""Characters. Long texts are gone through in pieces, between which other threads run; pieces
overlap by more than the longest thing that is found, a private key."""


class Finding(NamedTuple):
    """Where in a text something is: offsets of characters."""

    start: int
    end: int
    kind: PiiKind


def find(text: str, kinds: Iterable[PiiKind], until: float = math.inf) -> list[Finding]:
    """What is in a text, in its order, without overlaps.

    Args:
        text: any text.
        kinds: what to look for.
        until: when to give up, on the clock of ``time.monotonic``.

    Raises:
        TimeoutError: the time is up.
    """
    finders = [(kind, _FINDERS[kind]) for kind in _FINDERS if kind in set(kinds)]
    merged: list[Finding] = []
    for begin in range(0, len(text), _PIECE - _OVERLAP):
        if time.monotonic() > until:
            raise TimeoutError
        if len(text) <= _PIECE:
            return _found(text, finders)
        for each in _found(text[begin : begin + _PIECE], finders):
            moved = Finding(each.start + begin, each.end + begin, each.kind)
            _merge(merged, moved)
    return merged


def _merge(merged: list[Finding], found: Finding) -> None:
    """Add what the next piece tells; what both tell in their overlap is told by the longer one."""
    while merged and merged[-1].end > found.start:
        if merged[-1].end - merged[-1].start >= found.end - found.start:
            return
        merged.pop()
    merged.append(found)


def _found(text: str, finders: Iterable[tuple[PiiKind, Finder]]) -> list[Finding]:
    plain, places = folded(text)
    taken: list[Finding] = []
    for kind, finder in finders:
        found = [Finding(start, end, kind) for start, end in finder(plain)]
        if found:
            taken = _added(taken, found)
    if places is None:
        return taken
    return [Finding(places[a], places[b - 1] + 1, kind) for a, b, kind in taken]


def _added(taken: list[Finding], found: list[Finding]) -> list[Finding]:
    """Both, in order, but for what overlaps with what is taken, or with what was found before."""
    kept: list[Finding] = []
    bounds = iter(taken)
    upcoming = next(bounds, None)
    end = 0
    for each in sorted(found):
        while upcoming is not None and upcoming.end <= each.start:
            upcoming = next(bounds, None)
        if each.start < end or (upcoming is not None and upcoming.start < each.end):
            continue
        kept.append(each)
        end = each.end
    return sorted([*taken, *kept])
