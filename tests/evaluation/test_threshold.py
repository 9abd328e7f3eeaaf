"""The threshold that would have been best."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from extproc.evaluation.answers import Answer
from extproc.evaluation.threshold import Suggestion, suggestion
from tests.helpers.near import near
from tests.helpers.scripted import ROUTES, answer


def test_the_middle_of_the_widest_range() -> None:
    answers = [
        answer("code", None, (0.5, 0.0)),
        answer("law", None, (0.0, 0.3)),
        answer(None, None, (0.1, 0.0)),
        answer(None, None, (0.05, 0.0)),
    ]
    assert suggestion(answers) == Suggestion(0.2, 1.0)


def test_a_wrong_best_route_is_better_not_answered() -> None:
    answers = [
        answer("code", "law", (0.1, 0.3)),
        answer("code", "code", (0.6, 0.3)),
        answer(None, "law", (0.1, 0.4)),
    ]
    found = suggestion(answers)
    assert found == Suggestion(0.5, near(2 / 3))


def accuracy(answers: list[Answer], threshold: float) -> float:
    right = 0
    for each in answers:
        best = max(range(len(each.scores)), key=each.scores.__getitem__)
        matches = each.scores[best] >= threshold
        right += (ROUTES[best].name if matches else None) == each.case.expected
    return right / len(answers)


@pytest.mark.parametrize("seed", range(20))
def test_no_other_threshold_is_better(seed: int) -> None:
    chance = random.Random(seed)
    answers = [
        answer(
            chance.choice(["code", "law", None, None]),
            None,
            (round(chance.uniform(-1, 1), 2), round(chance.uniform(-1, 1), 2)),
        )
        for _ in range(40)
    ]
    found = suggestion(answers)
    assert found is not None
    assert -1 <= found.threshold <= 1
    assert found.accuracy == accuracy(answers, found.threshold)
    tried = [accuracy(answers, step / 200) for step in range(-200, 201)]
    assert found.accuracy == max(tried)


def test_routes_keep_a_threshold_of_their_own() -> None:
    strict = (replace(ROUTES[0], threshold=0.8), ROUTES[1])
    answers = [
        answer("code", None, (0.7, 0.1), routes=strict),
        answer("law", None, (0.1, 0.3), routes=strict),
        answer(None, None, (0.1, 0.2), routes=strict),
    ]
    assert suggestion(answers) == Suggestion(0.25, near(2 / 3))


def test_a_route_that_only_takes_the_rest_is_never_the_best() -> None:
    routes = (*ROUTES, replace(ROUTES[0], name="other", description="Everything else"))
    answers = [
        answer("code", None, (0.3, 0.1, 0.6), routes=routes),
        answer("law", None, (0.1, 0.4, 0.2), routes=routes),
        answer("other", None, (0.1, 0.0, 0.5), routes=routes),
    ]
    assert suggestion(answers) == Suggestion(0.2, 1.0)


@pytest.mark.parametrize(
    "answers",
    [
        [answer("code", "code"), answer(None, None)],
        [answer("code", "code", (0.5, 0.1))],
        [answer(None, None, (0.5, 0.1))],
    ],
    ids=["no scores", "no case without a route", "no case with one"],
)
def test_what_cannot_be_told(answers: list[Answer]) -> None:
    assert suggestion(answers) is None
