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
from tokenizers import Encoding, Tokenizer

from extproc.core.encodable import encodable
from extproc.intent.quiet_runtime import session
from extproc.intent.vectors import WIDTH, Vector

__all__ = ["MAP", "NETWORK", "TABLE", "TOKENIZER", "LazyMultilingual", "MultilingualEncoder"]

_DATA = Path(__file__).with_name("data")
NETWORK: Final = _DATA / "multilingual.onnx"
TABLE: Final = _DATA / "multilingual.npz"
TOKENIZER: Final = _DATA / "multilingual_tokenizer.json"
MAP: Final = _DATA / "multilingual_map.npy"

_LIFT: Final = np.float32(1.4)
"""Likeness across languages is that much lower: vectors are so much longer."""

_UNIT: Final = np.float32(1)
_PROMPT, _ROUTE = 0, 1
_START, _END, _UNKNOWN = 0, 2, 3
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
        """Load network, vocabulary and map (once per process: about 160 MB and 0.3 s).

        Args:
            mapped: whether vectors are led to ours.

        Raises:
            FileNotFoundError: a file is missing.
        """
        self._tokenizer = Tokenizer.from_file(str(TOKENIZER))
        with np.load(TABLE) as arrays:
            self._rows = arrays["rows"]
            self._scales = arrays["scales"]
            self._places: Vector = arrays["places"]
        self._maps: Vector | None = np.load(MAP).astype(np.float32) if mapped else None
        self._session = session(NETWORK)

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
        ids = _read(first.ids, [cut.ids for cut in later])
        vector: Vector = self._session.run(None, {"rows": self._embedded(ids)})[0]
        if self._maps is None:
            return vector
        led: Vector = vector @ self._maps[kind, :-1] + self._maps[kind, -1]
        return length * led / np.float32(np.sqrt(led @ led))

    def _cut(self, text: str) -> Encoding:
        return self._tokenizer.encode(encodable(text), add_special_tokens=False)

    def _embedded(self, ids: Sequence[int]) -> Vector:
        nibbles = self._rows[ids]
        values = np.stack([nibbles & 15, nibbles >> 4], axis=2).reshape(len(ids), -1)
        scales = np.repeat(self._scales[ids].astype(np.float32), 32, axis=1)
        rows: Vector = (values.astype(np.float32) - 8) * scales + self._places[: len(ids)]
        return rows[None]


def _can_be_read(cut: Sequence[Encoding]) -> bool:
    """Whether the vocabulary knows most of what is written: of letters in a row that it does not,
    there is one piece."""
    unknown = written = 0
    for encoding in cut:
        for piece, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
            written += end - start
            if piece == _UNKNOWN:
                unknown += end - start
    return unknown <= _MOST_UNKNOWN * written


def _read(first: Sequence[int], later: Sequence[Sequence[int]]) -> list[int]:
    room = _MOST - 2
    behind = [piece for pieces in later for piece in pieces[:_LATER]]
    kept = first[: room - min(len(behind), room * 3 // 8)]
    return [_START, *kept, *behind[: room - len(kept)], _END]
