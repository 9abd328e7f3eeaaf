"""The decision: which models, in which order, whatever the classifier says."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

import pytest

from extproc.config.values import Config, Dialect, Endpoint, Model, Preference, Route
from extproc.dialects.conversation import Conversation, Turn
from extproc.dialects.errors import ClientError
from extproc.dialects.request import ClientRequest, parse
from extproc.intent import ClassificationError, Intent
from extproc.router import Decision, Router, speakers

ENDPOINT = Endpoint("https", "h", 443, "h")
CHAT, MESSAGES, RESPONSES = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES


def model(name: str, *dialects: Dialect, default: bool = False) -> Model:
    provider, _, model_id = name.partition("/")
    paths = {dialect: f"/{dialect}" for dialect in dialects}
    return Model(name, provider, model_id, ENDPOINT, paths, default=default)


A = model("one/a", CHAT, RESPONSES, default=True)
B = model("two/b", CHAT)
C = model("three/c", MESSAGES)
CODE = Route("code", "writing code", ("two/b", "three/c"))
PROSE = Route("prose", "writing prose", ("three/c", "one/a"))
CONFIG = Config((A, B, C), routes=(CODE, PROSE), aliases={"quick": "three/c"})


class Classifier:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self, answer: Intent | Exception) -> None:
        self._answer = answer
        self.asked: list[tuple[Conversation, Sequence[Route]]] = []

    async def classify(self, conversation: Conversation, routes: Sequence[Route]) -> Intent:
        self.asked.append((conversation, tuple(routes)))
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    async def close(self) -> None:
        """There is nothing to release."""


def request(asked_for: str | None = "one/a", said: str = "hi", **more: Any) -> ClientRequest:
    body = {"model": asked_for, "messages": [{"role": "user", "content": said}]} | more
    return parse(CHAT, json.dumps(body).encode())


async def decide(
    answer: Intent | Exception, asked: ClientRequest, config: Config = CONFIG
) -> Decision:
    return await Router(config, Classifier(answer)).decide(asked)


async def test_a_route_matches() -> None:
    classifier = Classifier(Intent("code", 0.8))
    decision = await Router(CONFIG, classifier).decide(request("no/such/model"))
    assert decision == Decision((B, C), "code", 0.8, None)
    assert classifier.asked == [((Turn("user", "hi"),), (CODE, PROSE))]


async def test_an_alias_spelled_like_a_candidate_leads_nobody_astray() -> None:
    config = Config((A, B, C), routes=(CODE, PROSE), aliases={"two/b": "one/a"})
    assert await decide(Intent("code"), request(), config) == Decision((B, C), "code")


async def test_no_route_matches() -> None:
    for asked_for, found in (("two/b", B), ("quick", C), ("b", B), ("", A), (None, A)):
        decision = await decide(Intent(None, 0.2), request(asked_for))
        assert decision == Decision((found,), None, 0.2, None)


async def test_no_route_matches_an_unknown_model() -> None:
    with pytest.raises(ClientError) as raised:
        await decide(Intent(None), request("no/such/model"))
    assert (raised.value.status, raised.value.code) == (404, "model_not_found")


async def test_a_classifier_that_names_a_route_that_nobody_declared() -> None:
    for name in ("chess", "", "CODE", "code "):
        assert await decide(Intent(name, 0.9), request()) == Decision((A,), None, 0.9, None)


LATE = ClassificationError("deadline", "took 1 s")


async def test_a_classifier_that_fails_does_not_fail_the_request() -> None:
    assert await decide(LATE, request("two/b")) == Decision((B,), None, None, LATE)


@pytest.mark.parametrize("surprise", [ValueError("surprise"), TimeoutError(), KeyError("route")])
async def test_a_classifier_that_breaks_does_not_fail_the_request(surprise: Exception) -> None:
    decision = await decide(surprise, request("two/b"))
    assert (decision.candidates, decision.route) == ((B,), None)
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
    assert await Router(config, classifier).decide(asked) == Decision((A,), None)
    assert classifier.asked == []


def preference(name: str, *models: str, prefer: str = "none") -> dict[str, Any]:
    return {
        "name": name,
        "description": "said inline",
        "models": models,
        "selection_policy": {"prefer": prefer},
    }


async def test_inline_preferences_replace_the_configured_ones() -> None:
    classifier = Classifier(Intent("code", 0.7))
    router = Router(CONFIG, classifier)
    asked = request(routing_preferences=[preference("code", "quick", "a", "three/c")])
    assert await router.decide(asked) == Decision((C, A), "code", 0.7)
    inline = Route("code", "said inline", ("quick", "a", "three/c"))
    assert classifier.asked[-1][1] == (inline,)
    asked = request(routing_preferences=[preference("chess", "two/b")])
    assert await router.decide(asked) == Decision((A,), None, 0.7)
    assert await router.decide(request()) == Decision((B, C), "code", 0.7)


async def test_the_older_inline_policy() -> None:
    policy = [
        {"model": name, "routing_preferences": [{"name": "code", "description": "d"}]}
        for name in ("three/c", "one/a")
    ]
    decision = await decide(Intent("code"), request(routing_policy=policy))
    assert decision == Decision((C, A), "code")


async def test_inline_preferences_for_models_that_nobody_declared() -> None:
    classifier = Classifier(Intent("code"))
    asked = request(
        routing_preferences=[
            preference("code", "two/b"),
            preference("prose", "two/b", "un/declared", "not/this"),
        ]
    )
    with pytest.raises(ClientError) as raised:
        await Router(CONFIG, classifier).decide(asked)
    assert (raised.value.status, raised.value.code) == (400, "model_not_declared")
    assert "'prose'" in raised.value.message
    assert "'un/declared', 'not/this'" in raised.value.message
    assert classifier.asked == []


async def test_the_policy_of_the_matched_route_orders_its_candidates() -> None:
    names = tuple(model.name for model in (A, B, C))
    routes = (Route("shuffled", "d", names, Preference.RANDOM), Route("as declared", "d", names))
    config = Config((A, B, C), routes=routes)
    for name, orders in (("shuffled", 6), ("as declared", 1)):
        router = Router(config, Classifier(Intent(name)), random.Random(5))
        decisions = [await router.decide(request()) for _ in range(100)]
        tried = [[model.name for model in decision.candidates] for decision in decisions]
        assert all(sorted(order) == sorted(names) for order in tried)
        assert len(set(map(tuple, tried))) == orders


@pytest.mark.parametrize(("dialect", "able"), [(CHAT, (A, B)), (RESPONSES, (A,)), (MESSAGES, (C,))])
def test_the_candidates_that_speak_a_dialect(dialect: Dialect, able: tuple[Model, ...]) -> None:
    assert speakers(Decision((A, C, B), "code"), dialect) == able


def test_no_candidate_speaks_the_dialect() -> None:
    with pytest.raises(ClientError) as raised:
        speakers(Decision((A, B), "code"), MESSAGES)
    error = raised.value
    assert (error.status, error.code, error.param) == (400, "dialect_not_supported", "model")
    assert error.message == (
        "No candidate speaks this endpoint's dialect (messages): "
        "one/a speaks chat and responses; two/b speaks chat."
    )
