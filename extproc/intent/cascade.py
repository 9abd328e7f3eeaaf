"""When the first stage's guess is enough, and when the encoder must be asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from extproc.intent.vectors import Thresholds, Vector

__all__ = ["CAUTION", "Caution", "winner"]


@dataclass(frozen=True, slots=True)
class Caution:
    """How clear a guess must be to be taken: distances of scores, as cosines.

    ``apart`` is what the best route must lead by, ``above`` how far it must pass its threshold;
    ``below`` is how far every route must miss its own before none is taken for granted.
    """

    apart: float
    above: float
    below: float

    def clear(self, scores: Vector, thresholds: Thresholds) -> bool:
        """Whether these scores of the first stage can stand as they are."""
        over = scores - thresholds
        best = winner(scores, thresholds)
        if over[best] < 0:
            return bool(-over.max() >= self.below)
        if over[best] < self.above:
            return False
        others = np.delete(scores, best)
        return not len(others) or bool(scores[best] - others.max() >= self.apart)


CAUTION = Caution(apart=0.10, above=0.12, below=0.19)
"""Chosen on the development sets: see the trade-off in ``docs/model-card.md``.

``below`` is the largest because words that the first stage has not seen make all its scores low.
"""


def winner(scores: Vector, thresholds: Thresholds) -> int:
    """The place of the best route: of those that reach their threshold, if any does.

    Of equals the first wins.
    """
    reached = scores >= thresholds
    return int(np.argmax(np.where(reached, scores, -2.0) if reached.any() else scores))
