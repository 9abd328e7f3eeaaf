"""The encoder for what is not English: multilingual-e5-small, and maps to our own vectors.

Made by ``training/multilingual.py`` from multilingual-e5-small (MIT,
https://huggingface.co/intfloat/multilingual-e5-small).
Two fifths of its vocabulary are kept. What it says of a prompt, or of a route, is led by a linear
map to where our own encoder places the same in English: so prompts meet routes in whatever
language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from extproc.core.encodable import encodable
from extproc.intent.outline import to_load
from extproc.intent.quiet_runtime import session
from extproc.intent.unigram import Cut, UnigramPieces
from extproc.intent.vectors import WIDTH, Vector

__all__ = [
    "BLOCK",
    "MAP",
    "NETWORK",
    "PIECES",
    "PLACES",
    "ROW",
    "ROWS",
    "LazyMultilingual",
    "MultilingualEncoder",
]

_DATA = Path(__file__).with_name("data")
NETWORK: Final = _DATA / "multilingual.onnx"
ROWS: Final = _DATA / "multilingual.rows.npy"
PLACES: Final = _DATA / "multilingual.places.npy"
PIECES: Final = _DATA / "multilingual.pieces.npy"
MAP: Final = _DATA / "multilingual_map.npy"

BLOCK: Final = 32
"""Weights that share a scale."""

ROW: Final = np.dtype([("nibbles", "u1", WIDTH // 2), ("scales", "<f2", WIDTH // BLOCK)])
"""What the network is given of a piece: two weights a byte, the first in the lower half, of which 8
is zero."""

_LIFT: Final = np.float32(1.4)
"""Likeness across languages is that much lower: vectors are so much longer."""

_UNIT: Final = np.float32(1)
_PROMPT, _ROUTE = 0, 1
_START, _END = 0, 2
_MOST_UNKNOWN: Final = 0.25
_MOST: Final = 64
_LATER: Final = 20
_PREFIX: Final = "query: "
"""With which the published model was trained to read what is asked."""


class LazyMultilingual:
    """Loads the encoder on a thread of its own when it is first wanted: many never want it."""

    def __init__(self, load: Callable[[], MultilingualEncoder] | None = None) -> None:
        """
        Args:
            load: gives the encoder; None loads the packaged one.
        """
        self._load = load or MultilingualEncoder
        self._lock = Lock()
        self._loading: Future[MultilingualEncoder] | None = None

    def wanted(self) -> Future[MultilingualEncoder]:
        """The encoder, as soon as it is loaded."""
        with self._lock:
            if self._loading is None:
                executor = ThreadPoolExecutor(1, thread_name_prefix="multilingual")
                self._loading = executor.submit(self._load)
                executor.shutdown(wait=False)
            return self._loading


class MultilingualEncoder:
    """Turns a conversation's excerpts into the vector that our encoder would, roughly.

    One text per run, on the calling thread; threads may share it.
    """

    def __init__(self, *, mapped: bool = True) -> None:
        """Load the network and the map (once per process: about 25 MB and 40 ms), and map the rest.

        Args:
            mapped: whether vectors are led to ours.

        Raises:
            FileNotFoundError: a file is missing.
        """
        self._pieces = UnigramPieces(PIECES)
        self._rows: NDArray[np.void] = np.asarray(np.load(ROWS, mmap_mode="r"))
        self._places: Vector = np.load(PLACES)
        self._maps: Vector | None = np.load(MAP).astype(np.float32) if mapped else None
        self._session = session(to_load(NETWORK))

    def prompt(self, excerpts: Sequence[str]) -> Vector:
        """The vector of a conversation's excerpts, the last user turn first.

        Of a script whose pieces were not kept it is zero, which is like no route.

        Args:
            excerpts: not empty; each of a bounded length.
        """
        return self._vector(excerpts, _PROMPT, _LIFT)

    def route(self, text: str) -> Vector:
        """The vector of a route's name and description.

        Args:
            text: not empty; of a bounded length.
        """
        return self._vector([text], _ROUTE, _UNIT)

    def _vector(self, texts: Sequence[str], kind: int, length: np.float32) -> Vector:
        first, *later = (self._cut(text) for text in (_PREFIX + texts[0], *texts[1:]))
        if not _can_be_read((first, *later)):
            return np.zeros(WIDTH, np.float32)
        ids = _read(first.pieces, [cut.pieces for cut in later])
        vector: Vector = self._session.run(None, {"rows": self._embedded(ids)})[0]
        if self._maps is None:
            return vector
        led: Vector = vector @ self._maps[kind, :-1] + self._maps[kind, -1]
        return length * led / np.float32(np.sqrt(led @ led))

    def _cut(self, text: str) -> Cut:
        return self._pieces.cut(encodable(text))

    def _embedded(self, ids: Sequence[int]) -> Vector:
        found = self._rows[ids]
        nibbles = found["nibbles"]
        values = np.stack([nibbles & 15, nibbles >> 4], axis=2).reshape(len(ids), -1)
        scales = np.repeat(found["scales"].astype(np.float32), BLOCK, axis=1)
        rows: Vector = (values.astype(np.float32) - 8) * scales + self._places[: len(ids)]
        return rows[None]


def _can_be_read(cuts: Sequence[Cut]) -> bool:
    """Whether the vocabulary knows most of what is written."""
    unknown, written = sum(cut.unknown for cut in cuts), sum(cut.written for cut in cuts)
    return unknown <= _MOST_UNKNOWN * written


def _read(first: Sequence[int], later: Sequence[Sequence[int]]) -> list[int]:
    room = _MOST - 2
    behind = [piece for pieces in later for piece in pieces[:_LATER]]
    kept = first[: room - min(len(behind), room * 3 // 8)]
    return [_START, *kept, *behind[: room - len(kept)], _END]
