"""When the first stage's scores can stand."""

from __future__ import annotations

import numpy as np
import pytest

from extproc.intent.cascade import CAUTION, Caution, winner

CAREFUL = Caution(apart=0.2, above=0.1, below=0.3)


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


@pytest.mark.parametrize(
    ("scores", "clear"),
    [
        ((0.8, 0.1), True),
        ((0.8, 0.65), False),
        ((0.35, 0.05), False),
        ((0.45, 0.05), True),
        ((0.05, -0.2), False),
        ((-0.05, -0.2), True),
        ((0.8,), True),
        ((0.35,), False),
        ((-0.1,), True),
    ],
)
def test_a_guess_must_be_far_from_any_other_answer(scores: tuple[float, ...], clear: bool) -> None:
    thresholds = np.full(len(scores), 0.3)
    assert CAREFUL.clear(array(*scores), thresholds) is clear


def test_each_route_is_held_to_its_own_threshold() -> None:
    scores = array(0.5, 0.1)
    assert CAREFUL.clear(scores, array(0.3, 0.3))
    assert not CAREFUL.clear(scores, array(0.45, 0.3))
    assert not CAREFUL.clear(array(0.0, -0.4), array(0.4, -0.3))


@pytest.mark.parametrize(
    ("scores", "thresholds", "best"),
    [
        ((0.1, 0.7, 0.3), (0.3, 0.3, 0.3), 1),
        ((0.7, 0.6), (0.8, 0.3), 1),
        ((0.2, 0.1), (0.8, 0.3), 0),
        ((0.5, 0.5), (0.3, 0.3), 0),
    ],
)
def test_the_winner_is_the_best_of_those_that_reach_their_threshold(
    scores: tuple[float, ...], thresholds: tuple[float, ...], best: int
) -> None:
    assert winner(array(*scores), array(*thresholds)) == best


def test_the_packaged_caution_is_more_than_none() -> None:
    assert min(CAUTION.apart, CAUTION.above, CAUTION.below) > 0
