"""Putting cases to a classifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from extproc.core.conversation import Conversation, Turn
from extproc.core.routes import Route
from extproc.evaluation.answers import answers_to
from extproc.evaluation.cases import Case
from extproc.intent import ClassificationError, Intent
from tests.helpers.scripted import ROUTES, ScriptedScorer, answer
from tests.helpers.set_clock import SetClock


class Classifier:
    """Names the first route, and takes as many seconds as the prompt has letters."""

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock

    async def classify(
        self, conversation: Conversation, routes: Sequence[Route], _: Sequence[str] = ()
    ) -> Intent:
        self._clock.now += len(conversation[-1].text)
        return Intent(routes[0].name, 0.5)

    async def close(self) -> None:
        raise AssertionError("it is not ours to close")


def case(prompt: str, expected: str | None, routes: tuple[Route, ...] = ROUTES) -> Case:
    return Case("[0]", (Turn("user", prompt),), routes, expected)


async def test_each_is_asked_in_turn_and_timed_alone() -> None:
    clock, steps = SetClock(), []
    scorer = ScriptedScorer({"abc": (0.5, 0.1), "abcde": (0.2, 0.9)})
    cases = [case("abc", "code"), case("abcde", None)]
    answers = await answers_to(
        cases, Classifier(clock), scorer, clock, lambda: steps.append(clock.now)
    )
    assert [each.case for each in answers] == cases
    assert [each.seconds for each in answers] == [3, 5]
    assert [each.scores for each in answers] == [(0.5, 0.1), (0.2, 0.9)]
    assert [each.best for each in answers] == [0, 1]
    assert [each.right for each in answers] == [True, False]
    assert steps == [3, 8]


async def test_routes_are_taken_in_before_the_clock_runs() -> None:
    clock, scorer = SetClock(), ScriptedScorer({})
    others = ROUTES[:1]
    cases = [case("a", None), case("b", None), case("c", None, others), case("d", None)]
    await answers_to(cases, Classifier(clock), scorer, clock)
    assert scorer.compared == [ROUTES, others, ROUTES]


async def test_without_scores() -> None:
    clock = SetClock()
    (only,) = await answers_to([case("a", "code")], Classifier(clock), None, clock)
    assert (only.scores, only.best) == ((), None)


async def test_what_nobody_can_answer_is_an_error() -> None:
    class Broken(Classifier):
        async def classify(self, *_: Any, **__: Any) -> Intent:
            raise ClassificationError("broken", "no")

    with pytest.raises(ClassificationError):
        await answers_to([case("a", "code")], Broken(SetClock()), None, SetClock())


def test_of_equal_scores_the_first_is_the_best() -> None:
    assert answer("law", "code", (0.5, 0.5)).best == 0
