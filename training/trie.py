"""Writes a unigram vocabulary as the trie that ``extproc/intent/unigram.py`` maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extproc.intent.unigram import UNIT

__all__ = ["trie", "write_trie"]

_BYTES = 256
_ROOM = 1 << 20
"""Units to begin with; what is left over is cut off."""

_Key = tuple[bytes, int]


def write_trie(pieces: Sequence[tuple[str, float]], output: Path) -> None:
    """Write pieces with the logarithms of how likely they are; their places are their ids."""
    np.save(output, trie(pieces))


def trie(pieces: Sequence[tuple[str, float]]) -> NDArray[np.void]:
    """The units of a double array."""
    units = np.zeros(_ROOM, UNIT)
    units["parent"] = units["piece"] = -1
    taken = bytearray(_ROOM)
    taken[0] = 1
    keys = sorted((piece.encode(), number) for number, (piece, _) in enumerate(pieces))
    waiting: list[tuple[int, int, list[_Key]]] = [(0, 0, keys)]
    while waiting:
        following: list[tuple[int, int, list[_Key]]] = []
        for unit, depth, below in waiting:
            while below and len(below[0][0]) == depth:
                _, number = below.pop(0)
                units[unit]["piece"], units[unit]["score"] = number, pieces[number][1]
            children = list(_children(below, depth))
            if not children:
                continue
            begin = _room([byte for byte, _ in children], taken)
            units[unit]["children"] = begin
            for byte, keys_below in children:
                taken[begin + byte] = 1
                units[begin + byte]["parent"] = unit
                following.append((begin + byte, depth + 1, keys_below))
        waiting = following
    last = int(np.flatnonzero(units["parent"] >= 0).max())
    # Whoever looks for a child that is not there looks at most so far behind where they begin.
    return units[: max(last, int(units["children"].max())) + _BYTES]


def _children(below: Sequence[_Key], depth: int) -> Iterator[tuple[int, list[_Key]]]:
    for byte, keys in groupby(below, lambda key: key[0][depth]):
        yield byte, list(keys)


def _room(wanted: Sequence[int], taken: bytearray) -> int:
    """The first place from which on there is room for children of some bytes."""
    first = wanted[0]
    free = taken.index(0, _BYTES)
    while any(taken[free - first + byte] for byte in wanted):
        free = taken.index(0, free + 1)
    return free - first
