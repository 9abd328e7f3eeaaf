"""The first stage: what the encoder would say of a conversation, guessed from its words alone.

A row per token, summed by how much the token, its place and its turn count, then two small layers.
The rows were distilled from the encoder and its adapter (``training/distil.py``), over the same
vocabulary and the same token ids, so that its guess can be laid beside the encoder's routes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extproc.intent.tokens import END
from extproc.intent.vectors import Vector

__all__ = ["TABLES", "StaticVectors", "rows_of"]

TABLES = Path(__file__).with_name("data") / "static.npz"


def rows_of(tables: Path) -> Path:
    """Where the tokens' rows are. They are nearly all there is, and in a file of their own, so that
    they are mapped: all workers share them, and only what is read of them is in memory."""
    return tables.with_suffix(".rows.npy")


class StaticVectors:
    """Turns a conversation's token ids into a unit vector near the encoder's."""

    def __init__(self, tables: Path = TABLES) -> None:
        """Load the tables (once per process: about 3 MB and 10 ms).

        Args:
            tables: the layers, whose rows are beside them.

        Raises:
            FileNotFoundError: there is no such file.
        """
        self._rows: NDArray[np.int8] = np.asarray(np.load(rows_of(tables), mmap_mode="r"))
        with np.load(tables) as arrays:
            self._scales: Vector = arrays["scales"]
            self._amounts: Vector = arrays["amounts"]
            self._places: Vector = arrays["places"]
            self._turns: Vector = arrays["turns"]
            self._straight: Vector = arrays["straight"].astype(np.float32)
            self._inward: Vector = arrays["inward"].astype(np.float32)
            self._outward: Vector = arrays["outward"].astype(np.float32)

    def prompt(self, ids: Sequence[int]) -> Vector:
        """The vector of a conversation's ids (as of :func:`extproc.intent.tokens.fit`)."""
        tokens = np.asarray(ids, np.int64)
        amounts = self._counting(tokens)
        mixed: Vector = (amounts * self._scales[tokens]) @ self._rows[tokens].astype(np.float32)
        mixed /= np.float32(amounts.sum())
        vector: Vector = mixed @ self._straight
        vector += np.maximum(mixed @ self._inward, 0) @ self._outward
        return vector / np.float32(np.sqrt(vector @ vector))

    def telling(self, ids: Sequence[int], limit: int) -> Sequence[int]:
        """Those ids that count most, in their order; the encoder need not read the others.

        Args:
            ids: those of a conversation.
            limit: how many at most. What begins and ends turns stays.
        """
        if len(ids) <= limit:
            return ids
        tokens = np.asarray(ids, np.int64)
        counting = np.where(tokens == END, np.inf, self._counting(tokens))
        counting[0] = np.inf
        kept = np.sort(np.argsort(-counting, kind="stable")[:limit])
        chosen: list[int] = tokens[kept].tolist()
        return chosen

    def _counting(self, tokens: NDArray[np.int64]) -> Vector:
        """How much each token counts, for itself, by its place and by its turn."""
        turn = np.minimum(np.cumsum(tokens == END), len(self._turns) - 1)
        amounts: Vector = self._amounts[tokens] * self._places[: len(tokens)] * self._turns[turn]
        return amounts
