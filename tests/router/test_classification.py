"""Which route a request belongs to, whatever the classifier says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from extproc.core.config import Config
from extproc.core.conversation import Turn
from extproc.core.records import Ranked
from extproc.dialects.request import ClientRequest
from extproc.errors import ClientError
from extproc.intent import ClassificationError, Intent
from extproc.router import Decision, Router
from tests.helpers.bars import Barring
from tests.helpers.routing import (
    CODE,
    CONFIG,
    NOTHING_KNOWN,
    PROSE,
    A,
    B,
    C,
    Classifier,
    classified,
    decide,
    request,
    router,
)


async def test_a_classifier_that_names_a_route_that_nobody_declared() -> None:
    for name in ("chess", "", "CODE", "code "):
        intent = Intent(name, 0.9)
        assert await decide(intent, request()) == classified((A,), None, intent)


LATE = ClassificationError("deadline", "took 1 s")


async def test_a_classifier_that_fails_does_not_fail_the_request() -> None:
    assert await decide(LATE, request()) == classified((A,), None, failure=LATE)


@pytest.mark.parametrize("surprise", [ValueError("surprise"), TimeoutError(), KeyError("route")])
async def test_a_classifier_that_breaks_does_not_fail_the_request(surprise: Exception) -> None:
    decision = await decide(surprise, request("two/b"))
    assert (decision.candidates, decision.route) == ((B,), None)
    assert decision.classification_seconds == 0.25
    assert decision.failure is not None
    assert decision.failure.reason == "error"
    assert decision.failure.__cause__ is surprise


async def test_a_failing_classifier_does_not_make_a_model_exist() -> None:
    with pytest.raises(ClientError) as raised:
        await decide(ClassificationError("deadline", ""), request("no/such/model"))
    assert raised.value.status == 404


@pytest.mark.parametrize(
    ("config", "asked"),
    [
        (Config((A, B, C)), request()),
        (CONFIG, request(said=" ")),
        (CONFIG, request(messages=[])),
        (CONFIG, request(routing_preferences=[])),
        (CONFIG, request(routing_policy=[])),
    ],
)
async def test_nothing_is_classified_where_there_is_nothing_to_choose(
    config: Config, asked: ClientRequest
) -> None:
    classifier = Classifier(Intent("code"))
    decision = await router(config, classifier).decide(asked, NOTHING_KNOWN)
    assert decision == Decision((Ranked(A),), None, requested="one/a")
    assert decision.classification_seconds is None
    assert classifier.asked == []


class Unread(tuple[Turn, ...]):
    """A conversation that nobody may look at."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Turn]:
        raise AssertionError


@pytest.mark.parametrize("off", [{}, {"routing_preferences": []}])
async def test_where_there_is_nothing_to_choose_the_conversation_is_not_gone_through(
    off: dict[str, Any],
) -> None:
    asked = replace(request(**off), conversation=Unread())
    config = CONFIG if off else replace(CONFIG, routes=())
    assert (await decide(Intent("code"), asked, config)).candidates == (A,)


async def test_the_classifier_reads_what_the_person_said() -> None:
    classifier = Classifier(Intent("code"))
    reminder = "<system-reminder>be brief</system-reminder>"
    asked = {"role": "user", "content": f"{reminder}\nfix it"}
    working = [
        {"role": "assistant", "content": "let me see"},
        {"role": "user", "content": reminder},
    ]
    body = request(messages=[asked, *working])
    decision = await router(CONFIG, classifier).decide(body, NOTHING_KNOWN)
    assert decision.route == CODE
    assert classifier.asked == [((Turn("user", "fix it"),), (CODE, PROSE))]


async def test_the_classifier_is_told_what_the_tools_are_called() -> None:
    classifier = Classifier(Intent("code"))
    tools = [{"type": "function", "function": {"name": name}} for name in ("shell", "edit")]
    await Router(CONFIG, classifier).decide(request(tools=tools), NOTHING_KNOWN)
    assert classifier.tools == ("shell", "edit")


async def test_what_holds_no_words_of_a_person_is_not_classified() -> None:
    classifier = Classifier(Intent("code"))
    body = request(said="<system-reminder>be brief</system-reminder>")
    decision = await router(CONFIG, classifier).decide(body, NOTHING_KNOWN)
    assert (decision.route, decision.classification_seconds) == (None, None)
    assert classifier.asked == []


async def test_a_request_that_is_decided_again_is_not_classified_again() -> None:
    classifier = Classifier(Intent("code"))
    ours = router(CONFIG, classifier)
    first = await ours.decide(request(), NOTHING_KNOWN)
    again = await ours.decide(request(), NOTHING_KNOWN, bars=[Barring("two/b")], again=first)
    assert (first.candidates, again.candidates) == ((B, C), (C,))
    assert again.intent == first.intent
    assert len(classifier.asked) == 1
