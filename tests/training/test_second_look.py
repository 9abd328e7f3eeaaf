"""What a second look may change, and that no prompt is measured by what it has chosen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from extproc.core.conversation import Turn
from extproc.core.routes import Route
from extproc.intent.threshold import THRESHOLD
from training.figures import Case
from training.looks import Answer, late_interaction
from training.second_look import Candidate, held, mixed, second_look

ROUTES = tuple(Route(name, f"about {name}", ()) for name in ("code", "poems", "trips"))


def answered(
    scores: list[float],
    look: list[float],
    *,
    half: int = 0,
    expected: int = 0,
    settled: bool = False,
) -> Answer:
    case = Case((Turn("user", "hello"),), ROUTES, expected)
    looks: Mapping[str, np.ndarray] = {} if settled else {"look": np.array(look, np.float32)}
    return Answer(case, half, np.array(scores, np.float32), settled, looks)


def test_late_interaction_is_the_mean_of_each_tokens_nearest() -> None:
    tokens = np.eye(3, dtype=np.float32)
    others = np.array([[1, 0, 0], [0.6, 0.8, 0]], np.float32)
    even = np.ones(3, np.float32)
    assert late_interaction(tokens, others, even) == pytest.approx((1 + 0.8 + 0) / 3)
    assert late_interaction(tokens, others, np.array([3, 1, 0], np.float32)) == pytest.approx(0.95)
    assert late_interaction(others, tokens, even[:2]) == pytest.approx(0.9)


def test_a_second_look_exchanges_the_best_two_where_they_are_close() -> None:
    close = answered([0.30, 0.33, 0.1], [0.6, 0.5, 0.9])
    assert second_look(close, "look", 0.05, 1).tolist() == pytest.approx([0.33, 0.30, 0.1])
    assert second_look(close, "look", 0.05, 0.2) is close.scores
    assert second_look(close, "look", 0.02, 1) is close.scores


def test_what_the_first_stage_has_settled_stays() -> None:
    settled = answered([0.30, 0.33, 0.1], [], settled=True)
    assert second_look(settled, "look", 0.05, 1) is settled.scores
    assert mixed(settled, "look", 0.3, 0.1) is settled.scores


def test_a_mixture_has_its_threshold_where_the_packaged_one_is() -> None:
    answer = answered([0.3, 0.2, 0.1], [0.5, 0.1, 0.0])
    mixture = mixed(answer, "look", 0.3, THRESHOLD + 0.1)
    assert mixture.tolist() == pytest.approx([0.26, 0.07, -0.03])


def test_each_half_is_scored_by_what_the_other_has_chosen() -> None:
    # The first route is right in one half, the second in the other.
    answers = [
        answered([0.5, 0.4, 0.1], [0, 0, 0], half=half, expected=half) for half in (0, 1, 0, 1)
    ]
    as_they_are = Candidate("as they are", lambda answer: answer.scores)
    exchanged = Candidate("exchanged", lambda answer: answer.scores[[1, 0, 2]])
    chosen = held({"set": answers}, [as_they_are, exchanged])
    assert chosen.label == "as they are, exchanged"
    assert [int(np.argmax(chosen.scores(answer))) for answer in answers] == [1, 0, 1, 0]
