"""What was learned of attacks: linear heads over the encoders' vectors, made by
``training/injection.py``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from extproc.intent.vectors import Vector

__all__ = ["FILE", "Heads"]

FILE: Final = Path(__file__).with_name("head.npz")


class Heads:
    """Turn vectors into chances, 0 to 1."""

    def __init__(self, file: Path = FILE) -> None:
        """Load the weights (0.1 MB).

        Raises:
            FileNotFoundError: there is no such file.
        """
        with np.load(file) as arrays:
            self._english: Vector = arrays["english"].astype(np.float32)
            self._other: Vector = arrays["other"].astype(np.float32)
            self._telling: list[float] = arrays["telling"].tolist()

    def english(self, vector: Vector, early: Vector) -> float:
        """Of a piece that the encoder has read: both its vectors."""
        return _chance(np.concatenate((vector, early)), self._english)

    def other(self, vector: Vector) -> float:
        """Of a piece that the multilingual encoder has read."""
        return _chance(vector, self._other)

    def telling(self, ids: Sequence[int]) -> float:
        """How much some token ids speak for an attack, in all; from 0 on."""
        told, known = self._telling, len(self._telling)
        return sum([told[each] for each in ids if each < known])


def _chance(vector: Vector, weights: Vector) -> float:
    logit = float(vector @ weights[:-1] + weights[-1])
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))
