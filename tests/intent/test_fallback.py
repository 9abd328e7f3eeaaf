"""Who answers when the router model does not."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest

from extproc.core.conversation import Conversation, Turn
from extproc.core.routes import Route
from extproc.intent import ClassificationError, Intent, IntentClassifier
from extproc.intent.fallback import FallbackClassifier

ROUTES = (Route("code", "writing code", ("small",)), Route("law", "legal advice", ("large",)))
TALK = (Turn("user", "Write quicksort in Go"),)
REMOTE = Intent("law", others=("code",), classifier="arch-router")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Classifier:
    """One that gives or raises what it was made with."""

    def __init__(self, outcome: Intent | Exception) -> None:
        self.outcome = outcome
        self.asked = 0
        self.closed = False

    async def classify(
        self, _: Conversation, __: Sequence[Route], ___: Sequence[str] = ()
    ) -> Intent:
        self.asked += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def close(self) -> None:
        self.closed = True


async def test_while_the_first_answers_nobody_else_is_asked() -> None:
    embedded = Classifier(Intent("code"))
    ladder: IntentClassifier = FallbackClassifier(Classifier(REMOTE), embedded, Clock())
    assert await ladder.classify(TALK, ROUTES) == REMOTE
    assert embedded.asked == 0


@pytest.mark.parametrize("reason", ["timeout", "circuit_open", "busy"])
async def test_where_it_fails_the_embedded_one_answers_and_says_why(reason: str) -> None:
    first = Classifier(ClassificationError(reason, "no"))
    embedded = Classifier(Intent("code", 0.5, runner_up="law", runner_up_score=0.1))
    intent = await FallbackClassifier(first, embedded, Clock()).classify(TALK, ROUTES)
    assert intent == Intent("code", 0.5, "law", 0.1, classifier="embedded", fallback=reason)


async def test_where_the_embedded_one_took_its_first_stage_that_is_who_answered() -> None:
    first = Classifier(ClassificationError("unreachable", "no"))
    embedded = Classifier(Intent("code", classifier="embedded-first-stage", fallback="timeout"))
    intent = await FallbackClassifier(first, embedded, Clock()).classify(TALK, ROUTES)
    assert (intent.classifier, intent.fallback) == ("embedded-first-stage", "unreachable")


@pytest.mark.parametrize("error", [ClassificationError("broken", "no"), MemoryError("no")])
async def test_where_both_fail_the_last_error_is_raised(error: Exception) -> None:
    ladder = FallbackClassifier(
        Classifier(ClassificationError("timeout", "no")), Classifier(error), Clock()
    )
    with pytest.raises(type(error)) as raised:
        await ladder.classify(TALK, ROUTES)
    assert raised.value is error


async def test_a_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    first = Classifier(ClassificationError("timeout", "no answer within 0.5 s"))
    ladder = FallbackClassifier(first, Classifier(Intent(None)), clock)
    for clock.now in (0.0, 1.0, 59.9, 60.0, 61.0):
        await ladder.classify(TALK, ROUTES)
    said = (
        "the embedded classifier answered for the intent router (timeout: no answer within 0.5 s)"
    )
    assert [record.getMessage() for record in caplog.records] == [
        f"{said}; 1 since the last such line",
        f"{said}; 3 since the last such line",
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}


async def test_closing_closes_both() -> None:
    first, embedded = Classifier(REMOTE), Classifier(REMOTE)
    await FallbackClassifier(first, embedded, Clock()).close()
    assert first.closed
    assert embedded.closed
