"""The first stage: what the encoder would say of a conversation, guessed from its words alone.

A row per token, summed by how much the token, its place and its turn count, then two small layers.
The rows were distilled from the encoder (``training/distil.py``), over the same vocabulary and the
same token ids, so that its guess can be laid beside route vectors of the encoder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from extproc.intent.adapter import ADAPTER, Adapter
from extproc.intent.tokens import END
from extproc.intent.vectors import Vector

__all__ = ["TABLES", "StaticVectors"]

TABLES = Path(__file__).with_name("data") / "static.npz"


class StaticVectors:
    """Turns a conversation's token ids into a unit vector near the encoder's."""

    def __init__(self, tables: Path = TABLES, adapter: Path | None = ADAPTER) -> None:
        """Load the tables (once per process: about 10 MB and 20 ms).

        Args:
            tables: the rows and layers.
            adapter: what moves prompts' vectors; None leaves them where they are.

        Raises:
            FileNotFoundError: there is no such file.
        """
        self._moved = Adapter(adapter) if adapter else None
        with np.load(tables) as arrays:
            self._rows = arrays["rows"]
            self._scales: Vector = arrays["scales"]
            self._amounts: Vector = arrays["amounts"]
            self._places: Vector = arrays["places"]
            self._turns: Vector = arrays["turns"]
            self._straight: Vector = arrays["straight"].astype(np.float32)
            self._inward: Vector = arrays["inward"].astype(np.float32)
            self._outward: Vector = arrays["outward"].astype(np.float32)

    def prompt(self, ids: Sequence[int]) -> Vector:
        """The vector of a conversation's ids (as of :func:`extproc.intent.tokens.fit`)."""
        vector = self._guess(ids)
        return vector if self._moved is None else self._moved(vector)

    def route(self, ids: Sequence[int]) -> Vector:
        """The vector of a route's ids, read as if it were a conversation."""
        return self._guess(ids)

    def _guess(self, ids: Sequence[int]) -> Vector:
        tokens = np.asarray(ids, np.int64)
        turn = np.minimum(np.cumsum(tokens == END), len(self._turns) - 1)
        amounts = self._amounts[tokens] * self._places[: len(tokens)] * self._turns[turn]
        mixed = (amounts * self._scales[tokens]) @ self._rows[tokens].astype(np.float32)
        mixed /= np.float32(amounts.sum())
        vector: Vector = mixed @ self._straight
        vector += np.maximum(mixed @ self._inward, 0) @ self._outward
        return vector / np.float32(np.sqrt(vector @ vector))
