"""The decision: which models, in which order, whatever the classifier says."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from extproc.affinity import Pin
from extproc.core.config import Config, Limits
from extproc.core.conversation import Conversation, Turn
from extproc.core.inline_caps import InlineCaps
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked, Skipped
from extproc.core.requirements import Ineligible
from extproc.core.routes import CostBasis, Preference, Route, Shadow
from extproc.core.sources import LatencySource, ObservedLatency
from extproc.core.traits import Traits
from extproc.dialects.request import ClientRequest, parse
from extproc.errors import ClientError
from extproc.intent import ClassificationError, Intent
from extproc.ranking.bars import Objection
from extproc.ranking.ranker import PROBE
from extproc.ranking.snapshot import Cooldown, Phase, Price, Snapshot
from extproc.router import Decision, Router
from tests.helpers.bars import Barring

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
NOTHING_KNOWN = Snapshot()


class Classifier:
    """Answers what it was told to, and remembers what it was asked."""

    def __init__(self, answer: Intent | Exception) -> None:
        self._answer = answer
        self.asked: list[tuple[Conversation, Sequence[Route]]] = []
        self.tools: tuple[str, ...] = ()

    async def classify(
        self, conversation: Conversation, routes: Sequence[Route], tools: Sequence[str] = ()
    ) -> Intent:
        self.tools = tuple(tools)
        self.asked.append((conversation, tuple(routes)))
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    async def close(self) -> None:
        """There is nothing to release."""


def request(asked_for: str | None = "one/a", said: str = "hi", **more: Any) -> ClientRequest:
    body = {"model": asked_for, "messages": [{"role": "user", "content": said}]} | more
    return parse(CHAT, json.dumps(body).encode())


class Ticking:
    """A clock by which all between two looks takes a quarter of a second."""

    def __init__(self) -> None:
        self._now = 100.0

    def __call__(self) -> float:
        self._now += 0.25
        return self._now


def router(config: Config, classifier: Classifier) -> Router:
    return Router(config, classifier, clock=Ticking())


async def decide(
    answer: Intent | Exception,
    asked: ClientRequest,
    config: Config = CONFIG,
    snapshot: Snapshot = NOTHING_KNOWN,
    pin: Pin | None = None,
) -> Decision:
    return await router(config, Classifier(answer)).decide(asked, snapshot, pin)


def classified(
    models: Sequence[Model],
    route: Route | None,
    intent: Intent | None = None,
    failure: ClassificationError | None = None,
    requested: str | None = "one/a",
) -> Decision:
    """A decision where nothing is known of the models, after a look at the conversation."""
    ranked = tuple(map(Ranked, models))
    return Decision(ranked, route, intent or Intent(None), failure, 0.25, requested=requested)


async def test_a_route_matches() -> None:
    intent = Intent("code", 0.8, "prose", 0.2, classifier="embedded")
    classifier = Classifier(intent)
    decision = await router(CONFIG, classifier).decide(request("no/such/model"), NOTHING_KNOWN)
    assert decision == classified((B, C), CODE, intent, requested=None)
    assert decision.candidates == (B, C)
    assert classifier.asked == [((Turn("user", "hi"),), (CODE, PROSE))]


async def test_an_alias_spelled_like_a_candidate_leads_nobody_astray() -> None:
    config = Config((A, B, C), routes=(CODE, PROSE), aliases={"two/b": "one/a"})
    decision = await decide(Intent("code"), request(), config)
    assert decision == classified((B, C), CODE, Intent("code"))


async def test_no_route_matches() -> None:
    for asked_for, found in (("two/b", B), ("quick", C), ("b", B), ("", A), (None, A)):
        decision = await decide(Intent(None, 0.2), request(asked_for))
        assert decision == classified((found,), None, Intent(None, 0.2), requested=found.name)


async def test_no_route_matches_an_unknown_model() -> None:
    with pytest.raises(ClientError) as raised:
        await decide(Intent(None), request("no/such/model"))
    assert (raised.value.status, raised.value.code) == (404, "model_not_found")


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


def preference(name: str, *models: str, prefer: str = "none") -> dict[str, Any]:
    return {
        "name": name,
        "description": "said inline",
        "models": models,
        "selection_policy": {"prefer": prefer},
    }


async def test_inline_preferences_replace_the_configured_ones() -> None:
    intent = Intent("code", 0.7)
    classifier = Classifier(intent)
    ours = router(CONFIG, classifier)
    asked = request(routing_preferences=[preference("code", "quick", "a", "three/c")])
    inline = Route("code", "said inline", ("quick", "a", "three/c"))
    assert await ours.decide(asked, NOTHING_KNOWN) == classified((C, A), inline, intent)
    assert classifier.asked[-1][1] == (inline,)
    asked = request(routing_preferences=[preference("chess", "two/b")])
    assert await ours.decide(asked, NOTHING_KNOWN) == classified((A,), None, intent)
    assert await ours.decide(request(), NOTHING_KNOWN) == classified((B, C), CODE, intent)


async def test_the_older_inline_policy() -> None:
    policy = [
        {"model": name, "routing_preferences": [{"name": "code", "description": "d"}]}
        for name in ("three/c", "one/a")
    ]
    decision = await decide(Intent("code"), request(routing_policy=policy))
    assert (decision.candidates, decision.intent) == ((C, A), Intent("code"))
    assert decision.route == Route("code", "d", ("three/c", "one/a"))


async def test_inline_preferences_for_models_that_nobody_declared() -> None:
    classifier = Classifier(Intent("code"))
    asked = request(
        routing_preferences=[
            preference("code", "two/b"),
            preference("prose", "two/b", "un/declared", "not/this"),
        ]
    )
    with pytest.raises(ClientError) as raised:
        await router(CONFIG, classifier).decide(asked, NOTHING_KNOWN)
    assert (raised.value.status, raised.value.code) == (400, "model_not_declared")
    assert "'prose'" in raised.value.message
    assert "'un/declared', 'not/this'" in raised.value.message
    assert classifier.asked == []


async def test_the_policy_of_the_matched_route_orders_its_candidates() -> None:
    names = tuple(model.name for model in (A, B, C))
    routes = (Route("shuffled", "d", names, Preference.RANDOM), Route("as declared", "d", names))
    config = Config((A, B, C), routes=routes)
    for name, orders in (("shuffled", 6), ("as declared", 1)):
        ours = Router(config, Classifier(Intent(name)), random.Random(5))
        decisions = [await ours.decide(request(), NOTHING_KNOWN) for _ in range(100)]
        tried = [[model.name for model in decision.candidates] for decision in decisions]
        assert all(sorted(order) == sorted(names) for order in tried)
        assert len(set(map(tuple, tried))) == orders


def ranking(prefer: Preference, basis: CostBasis = CostBasis.TOTAL) -> Config:
    names = tuple(model.name for model in (A, B, C))
    return Config((A, B, C), routes=(Route("code", "d", names, prefer, basis),))


async def test_the_cheapest_and_the_fastest_by_what_is_known() -> None:
    snapshot = Snapshot(
        prices={"one/a": Price(5, 5), "three/c": Price(1, 2)},
        prices_at=40.0,
        latencies={"two/b": 0.5, "one/a": 0.7},
        latencies_at=41.0,
    )
    cheapest = await decide(Intent("code"), request(), ranking(Preference.CHEAPEST), snapshot)
    assert cheapest.ranked == (Ranked(C, 3, 40.0), Ranked(A, 10, 40.0), Ranked(B))
    fastest = await decide(Intent("code"), request(), ranking(Preference.FASTEST), snapshot)
    assert fastest.ranked == (Ranked(B, 0.5, 41.0), Ranked(A, 0.7, 41.0), Ranked(C))


class Unlucky(random.Random):
    """Chance at its least: whatever has a share of requests gets this one."""

    def random(self) -> float:
        return 0.0


@pytest.mark.parametrize(
    ("latencies", "first"),
    [
        (ObservedLatency(), Ranked(C, explored=True)),
        (LatencySource("http://h", "q"), Ranked(A, 0.1, 9.0)),
        (None, Ranked(A, 0.1, 9.0)),
    ],
)
async def test_what_is_not_measured_yet_is_explored_where_we_measure(
    latencies: LatencySource | ObservedLatency | None, first: Ranked[Model]
) -> None:
    config = replace(ranking(Preference.FASTEST), latencies=latencies)
    snapshot = Snapshot(latencies={"one/a": 0.1, "two/b": 0.2}, latencies_at=9.0)
    ours = Router(config, Classifier(Intent("code")), Unlucky())
    alone = await ours.decide(request(), snapshot, decision_only=True)
    assert alone.ranked[0] == Ranked(A, 0.1, 9.0)
    body = {"max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    decision = await ours.decide(parse(MESSAGES, json.dumps(body).encode()), snapshot)
    assert decision.ranked[0] == first


async def test_the_cost_of_a_request_by_the_length_of_all_its_turns() -> None:
    snapshot = Snapshot(
        prices={"one/a": Price(1, 50), "two/b": Price(3, 1)},
        prices_at=40.0,
        output_tokens={"code": 10.0},
    )
    config = ranking(Preference.CHEAPEST, CostBasis.REQUEST)
    turns = [
        {"role": "user", "content": "é" * 600},
        {"role": "assistant", "content": "x" * 400},
        {"role": "user", "content": "x" * 400},
    ]
    long = await decide(Intent("code"), request(messages=turns), config, snapshot)
    assert long.candidates[0] == A
    assert long.ranked[0].value == pytest.approx((500 * 1 + 10 * 50) / 1e6)
    short = await decide(Intent("code"), request(), config, snapshot)
    assert short.candidates[0] == B


async def test_a_pin_takes_the_place_of_a_classification() -> None:
    classifier = Classifier(Intent("prose"))
    decision = await router(CONFIG, classifier).decide(
        request("no/such/model"), NOTHING_KNOWN, Pin("three/c", "code")
    )
    assert decision == Decision((Ranked(C), Ranked(B)), CODE, Intent("code"), pinned=True)
    assert classifier.asked == []


async def test_the_others_stay_behind_the_pinned_model_in_their_order() -> None:
    snapshot = Snapshot(
        prices={"one/a": Price(1, 1), "two/b": Price(9, 9), "three/c": Price(2, 2)}, prices_at=40.0
    )
    config, pin = ranking(Preference.CHEAPEST), Pin("two/b", "code")
    decision = await decide(Intent(None), request(), config, snapshot, pin)
    assert decision.candidates == (B, A, C)
    assert decision.pinned


@pytest.mark.parametrize("route", [None, "chess"])
async def test_a_pin_without_a_route_of_ours_is_no_verdict(route: str | None) -> None:
    """The session's requests go where they would without it, and where they ask to go."""
    pin = Pin("two/b", route)
    decision = await decide(Intent("prose"), request(), pin=pin)
    assert decision == await decide(Intent("prose"), request())
    for name, expected in (("one/a", A), ("two/b", B)):
        decision = await decide(Intent(None), request(name), pin=pin)
        assert (decision.candidates, decision.pinned) == ((expected,), False)


async def test_a_model_that_answered_in_place_of_the_routes_own_stays_first() -> None:
    decision = await decide(Intent(None), request(), pin=Pin("one/a", "code"))
    assert (decision.candidates, decision.pinned) == ((A, B, C), True)


async def test_a_pin_to_a_model_that_is_not_declared_is_none() -> None:
    classifier = Classifier(Intent("prose"))
    decision = await router(CONFIG, classifier).decide(
        request(), NOTHING_KNOWN, Pin("gone/m", "code")
    )
    assert decision == classified((C, A), PROSE, Intent("prose"))
    assert len(classifier.asked) == 1


async def test_a_session_whose_route_is_gone_keeps_its_model_and_has_others_behind_it() -> None:
    decision = await decide(Intent("code"), request(), pin=Pin("three/c", "gone"))
    assert (decision.candidates, decision.pinned, decision.route) == ((C, B), True, CODE)
    assert decision.classification_seconds is not None


@pytest.mark.parametrize("pin", [Pin("one/a", "gone"), Pin("three/c", None)])
async def test_a_route_is_not_given_a_model_by_a_session_of_another_one(pin: Pin) -> None:
    decision = await decide(Intent("code"), request(), pin=pin)
    assert (decision.candidates, decision.pinned) == ((B, C), False)


async def test_where_no_route_matches_a_session_whose_route_is_gone_the_request_decides() -> None:
    decision = await decide(Intent(None), request("one/a"), pin=Pin("three/c", "gone"))
    assert (decision.candidates, decision.pinned) == ((A,), False)


@pytest.mark.parametrize("off", [{"routing_preferences": []}, {"routing_policy": []}])
async def test_with_routing_off_a_pin_does_not_count(off: dict[str, Any]) -> None:
    decision = await decide(Intent("code"), request(**off), pin=Pin("two/b", "code"))
    assert decision == Decision((Ranked(A),), None, requested="one/a")


async def test_without_routes_a_pin_does_not_count() -> None:
    config = Config((A, B, C))
    decision = await decide(Intent("code"), request(), config, pin=Pin("two/b", "code"))
    assert decision == Decision((Ranked(A),), None, requested="one/a")


async def test_a_pin_is_followed_into_inline_preferences() -> None:
    asked = request(routing_preferences=[preference("code", "a", "two/b")])
    decision = await decide(Intent(None), asked, pin=Pin("two/b", "code"))
    assert (decision.candidates, decision.pinned) == ((B, A), True)


@pytest.mark.parametrize(("found", "route"), [("code", "code"), (None, None)])
async def test_a_refusal_tells_the_route_that_had_matched(
    found: str | None, route: str | None
) -> None:
    config = replace(CONFIG, models=(A, B, C), routes=(replace(CODE, models=("three/c",)),))
    asked = request("three/c", n=2)
    with pytest.raises(ClientError) as raised:
        await decide(Intent(found), asked, config)
    assert (raised.value.code, raised.value.route) == ("no_candidate_fits", route)


async def test_a_pinned_model_that_cools_down_is_not_first() -> None:
    snapshot = Snapshot(cooldowns={"two/b": Cooldown(Phase.COOLING, "failures", until=1e12)})
    decision = await decide(Intent(None), request(), CONFIG, snapshot, Pin("two/b", "code"))
    assert decision.ranked == (Ranked(C), Ranked(B, cooldown="failures"))
    assert not decision.pinned
    assert decision.classification_seconds is None


BLIND = replace(B, traits=Traits(images=False, context_window=10_000))
PICTURE = [{"type": "image_url", "image_url": {"url": "https://e.example/a.png"}}]
TWO_OF_ONE = Config((A, BLIND, C), routes=(replace(CODE, models=("two/b", "one/a")),))


def with_picture(**more: Any) -> ClientRequest:
    words = [{"type": "text", "text": "what is this?"}, *PICTURE]
    return request(messages=[{"role": "user", "content": words}], **more)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (with_picture(), Ineligible.IMAGES),
        (request(said="word " * 10_000), Ineligible.CONTEXT_WINDOW),
        (request(max_tokens=10_000), Ineligible.CONTEXT_WINDOW),
        (request(), None),
    ],
)
async def test_a_candidate_that_cannot_serve_the_request_goes_behind(
    asked: ClientRequest, reason: Ineligible | None
) -> None:
    decision = await decide(Intent("code"), asked, TWO_OF_ONE)
    if reason is None:
        assert decision.ranked == (Ranked(BLIND), Ranked(A))
    else:
        assert decision.ranked == (Ranked(A), Ranked(BLIND, ineligible=reason))


async def test_a_pinned_model_that_cannot_serve_the_request_is_not_first() -> None:
    decision = await decide(Intent(None), with_picture(), TWO_OF_ONE, pin=Pin("two/b", "code"))
    assert decision.ranked == (Ranked(A), Ranked(BLIND, ineligible=Ineligible.IMAGES))
    assert not decision.pinned


async def test_what_a_model_cannot_serve_is_no_probe_of_it() -> None:
    ours = Router(TWO_OF_ONE, Classifier(Intent("code")))
    snapshot = Snapshot(cooldowns={"two/b": PROBING["two/b"]})
    refused = await ours.decide(with_picture(), snapshot)
    assert refused.ranked == (
        Ranked(A),
        Ranked(BLIND, cooldown="failures", ineligible=Ineligible.IMAGES),
    )
    assert (await ours.decide(request(), snapshot)).ranked[0] == Ranked(BLIND, cooldown=PROBE)


async def test_the_requested_model_is_not_judged_alone() -> None:
    decision = await decide(Intent(None), with_picture(model="two/b"), TWO_OF_ONE)
    assert decision == classified((BLIND,), None, requested="two/b")


async def test_the_long_window_that_a_client_asks_for_counts() -> None:
    claude = replace(A, name="anthropic/*", provider="anthropic", model_id="*", default=False)
    name = "anthropic/claude-sonnet-4-5"
    config = Config((claude, B), routes=(replace(CODE, models=(name, "two/b")),))
    said = "word " * 200_000
    plain = await decide(Intent("code"), request(name, said=said), config)
    assert [each.model.name for each in plain.ranked] == ["two/b", name]
    marked = await decide(Intent("code"), request(f"{name}[1m]", said=said), config)
    assert [each.model.name for each in marked.ranked] == [name, "two/b"]
    kept = await decide(
        Intent("code"), request(f"{name}[1m]", said=said), config, pin=Pin(name, "code")
    )
    assert (kept.candidates[0].name, kept.pinned) == (name, True)


async def test_of_what_a_wildcard_covers_the_family_is_known() -> None:
    wildcard = replace(A, name="openai/*", provider="openai", model_id="*", default=False)
    models = ("openai/gpt-3.5-turbo", "openai/gpt-4o")
    config = Config((wildcard, B), routes=(replace(CODE, models=models),))
    decision = await decide(Intent("code"), with_picture(), config)
    found = [(each.model.model_id, each.ineligible) for each in decision.ranked]
    assert found == [("gpt-4o", None), ("gpt-3.5-turbo", Ineligible.IMAGES)]


TWO_ANSWERS = request(n=2)
"""Messages, which three/c speaks alone, has only one."""
SPOKEN = replace(CODE, models=("three/c",))


async def test_a_model_that_the_request_cannot_be_translated_for_is_no_candidate() -> None:
    decision = await decide(Intent("code"), TWO_ANSWERS)
    assert (decision.candidates, decision.unfit) == ((B,), False)
    assert [(one.model, one.code) for one in decision.skipped] == [("three/c", "skipped:n")]


async def test_where_a_route_has_no_other_the_requested_model_serves() -> None:
    decision = await decide(Intent("code"), TWO_ANSWERS, replace(CONFIG, routes=(SPOKEN,)))
    assert (decision.route, decision.candidates, decision.unfit) == (SPOKEN, (A,), True)
    assert [one.model for one in decision.skipped] == ["three/c"]


async def test_where_the_requested_model_cannot_serve_either_each_reason_is_told_once() -> None:
    with pytest.raises(ClientError) as raised:
        await decide(Intent("code"), request("three/c", n=2), replace(CONFIG, routes=(SPOKEN,)))
    assert (raised.value.status, raised.value.code) == (400, "no_candidate_fits")
    assert raised.value.message.count("three/c: n: ") == 1


@pytest.mark.parametrize("found", ["code", "prose", None])
@pytest.mark.parametrize("route", ["code", None])
async def test_a_pin_to_a_model_that_cannot_serve_the_request_is_no_verdict(
    route: str | None, found: str | None
) -> None:
    decision = await decide(Intent(found), TWO_ANSWERS, pin=Pin("three/c", route))
    assert decision == await decide(Intent(found), TWO_ANSWERS)
    assert decision.classification_seconds is not None


PROBING = {
    name: Cooldown(Phase.PROBING, "failures", until=0.0, probe=1) for name in ("two/b", "three/c")
}


async def test_a_probe_is_for_the_worker_that_claims_it() -> None:
    snapshot = Snapshot(cooldowns={"two/b": PROBING["two/b"]})
    for is_ours, first in ((False, Ranked(C)), (True, Ranked(B, cooldown=PROBE))):
        claim = {1: is_ours}.__getitem__
        ours = Router(CONFIG, Classifier(Intent("code")), claim=claim)
        assert (await ours.decide(request(), snapshot)).ranked[0] == first


async def test_what_does_not_reach_a_model_is_no_probe_of_it() -> None:
    """A decision alone is sent nowhere."""
    ours = Router(CONFIG, Classifier(Intent("code")))
    snapshot = Snapshot(cooldowns=PROBING)
    alone = await ours.decide(request(), snapshot, decision_only=True)
    assert alone.ranked == (Ranked(B, cooldown="failures"), Ranked(C, cooldown="failures"))
    sent = await ours.decide(request(), snapshot)
    assert sent.ranked == (Ranked(B, cooldown=PROBE), Ranked(C, cooldown="failures"))
    body = {"max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    spoken = await ours.decide(parse(MESSAGES, json.dumps(body).encode()), snapshot)
    assert spoken.ranked == (Ranked(C, cooldown=PROBE), Ranked(B, cooldown="failures"))


MANY = tuple(model(f"many/{number}", CHAT) for number in range(12))


async def test_the_best_of_a_routes_many_models_are_candidates() -> None:
    route = Route("many", "everything", tuple(one.name for one in MANY))
    config = Config(MANY, routes=(route,))
    decision = await decide(Intent("many"), request("many/0"), config)
    assert decision.candidates == MANY[:8]
    config = replace(config, limits=Limits(max_candidates=2))
    decision = await decide(Intent("many"), request("many/0"), config)
    assert decision.candidates == MANY[:2]


@pytest.mark.parametrize("names", [[one.name for one in MANY], ["many/0"] * 9, ["none"] * 1000])
async def test_more_models_than_are_tried_are_refused(names: list[str]) -> None:
    asked = request("many/0", routing_preferences=inline("r", names))
    with pytest.raises(ClientError) as raised:
        await decide(Intent("r"), asked, Config(MANY))
    assert raised.value.status == 400
    assert raised.value.code == "too_many_candidates"
    assert f"names {len(names)} models; at most 8 are tried" in raised.value.message


@pytest.mark.parametrize(
    "asked",
    [
        {"asked_for": "x" * 5_000_000},
        {
            "routing_preferences": [
                {"name": "r", "description": "d", "models": ["x" * 1_000_000] * 8}
            ]
        },
    ],
)
async def test_names_of_megabytes_are_not_repeated(asked: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as raised:
        await decide(Intent(None), request(**asked))
    assert len(raised.value.message) < 3000


def inline(name: str, models: Sequence[str]) -> list[dict[str, Any]]:
    return [{"name": name, "description": "d", "models": list(models)}]


LIMITED = Skipped("two/b", "limited", "it has had enough")


async def governed(
    *names: str,
    asked: ClientRequest | None = None,
    found: str | None = "code",
    pin: Pin | None = None,
    config: Config = CONFIG,
) -> Decision:
    return await router(config, Classifier(Intent(found))).decide(
        asked or request(), NOTHING_KNOWN, pin, bars=[Barring(*names)]
    )


async def test_a_barred_model_is_no_candidate() -> None:
    decision = await governed("two/b")
    assert (decision.candidates, decision.skipped, decision.unfit) == ((C,), (LIMITED,), False)


@pytest.mark.parametrize(("found", "route"), [("code", "code"), (None, None)])
async def test_where_no_model_may_be_tried_the_request_is_refused(
    found: str | None, route: str | None
) -> None:
    """It does not go to the requested model, which no route has led to."""
    with pytest.raises(ClientError, match="two/b: it has had enough") as raised:
        await governed("two/b", "three/c", asked=request("two/b"), found=found)
    assert (raised.value.status, raised.value.code) == (429, "limited")
    assert (raised.value.retry_after, raised.value.route) == (30, route)


async def test_one_barred_and_the_other_unfit_is_none_that_may_be_tried() -> None:
    foreign = replace(C, paths={MESSAGES: "/messages"})
    with pytest.raises(ClientError) as raised:
        await governed("two/b", asked=request(n=2), config=replace(CONFIG, models=(A, B, foreign)))
    assert raised.value.status == 429
    assert "three/c: n: " in raised.value.message


async def test_the_requested_model_obeys_bars_where_no_model_of_a_route_fits() -> None:
    foreign = tuple(replace(model, paths={MESSAGES: "/messages"}) for model in (B, C))
    config = replace(CONFIG, models=(A, *foreign))
    assert (await governed("two/b", asked=request(), config=config)).candidates == (foreign[1],)
    with pytest.raises(ClientError, match="one/a: it has had enough"):
        await governed("one/a", asked=request(n=2), config=config)


async def test_a_barred_session_goes_elsewhere_by_its_own_route() -> None:
    pin = Pin("two/b", "code")
    decision = await governed("two/b", found="prose", pin=pin)
    assert (decision.route, decision.candidates) == (CODE, (C,))
    assert (decision.pinned, decision.passed_over) == (False, True)
    decision = await governed("three/c", pin=pin)
    assert (decision.pinned, decision.passed_over) == (True, False)


USED_UP = Objection("budget", "it is used up", 429, 60)


def elsewhere(fallback: str, *names: str) -> Barring:
    return Barring(*names, objection=replace(USED_UP, fallback=fallback))


@pytest.mark.parametrize("found", ["code", None])
async def test_a_request_goes_to_the_route_that_what_bars_it_names(found: str | None) -> None:
    """With the policies of that route, and without pinning its session there."""
    decision = await router(CONFIG, Classifier(Intent(found))).decide(
        request("two/b"), NOTHING_KNOWN, bars=[elsewhere("prose", "two/b")]
    )
    if found is None:
        assert (decision.route, decision.candidates) == (PROSE, (C, A))
        assert decision.passed_over
    else:
        assert (decision.route, decision.candidates) == (CODE, (C,)), "a candidate is left"
    decision = await router(CONFIG, Classifier(Intent(found))).decide(
        request("two/b"), NOTHING_KNOWN, bars=[elsewhere("prose", "two/b", "three/c")]
    )
    assert (decision.route, decision.candidates) == (PROSE, (A,))
    assert (decision.passed_over, decision.unfit) == (True, False)
    assert (decision.diverted_to, decision.intent.route) == ("prose", found)
    assert [one.model for one in decision.skipped] == ["two/b", "three/c"]


@pytest.mark.parametrize(("found", "route"), [("code", CODE), (None, None)])
async def test_a_request_goes_to_the_model_that_what_bars_it_names(
    found: str | None, route: Route | None
) -> None:
    decision = await router(CONFIG, Classifier(Intent(found))).decide(
        request("two/b"), NOTHING_KNOWN, bars=[elsewhere("one/a", "two/b", "three/c")]
    )
    assert (decision.route, decision.candidates) == (route, (A,))
    assert decision.passed_over


@pytest.mark.parametrize("fallback", ["prose", "three/c", "gone"])
async def test_where_the_fallback_may_not_be_tried_either_the_request_is_refused(
    fallback: str,
) -> None:
    bars = [elsewhere(fallback, "two/b", "three/c"), Barring("one/a", "three/c")]
    with pytest.raises(ClientError) as raised:
        await router(CONFIG, Classifier(Intent("code"))).decide(
            request("two/b"), NOTHING_KNOWN, bars=bars
        )
    assert raised.value.status == 429
    assert raised.value.route == "code"


async def test_a_request_that_is_decided_again_is_not_classified_again() -> None:
    classifier = Classifier(Intent("code"))
    ours = router(CONFIG, classifier)
    first = await ours.decide(request(), NOTHING_KNOWN)
    again = await ours.decide(request(), NOTHING_KNOWN, bars=[Barring("two/b")], again=first)
    assert (first.candidates, again.candidates) == ((B, C), (C,))
    assert again.intent == first.intent
    assert len(classifier.asked) == 1


async def test_what_only_one_model_can_go_on_from_waits_for_it() -> None:
    keeping = replace(B, paths={Dialect.RESPONSES: "/responses"})
    config = replace(CONFIG, models=(A, keeping, C))
    body = {"model": "one/a", "input": "hi", "previous_response_id": "resp_1"}
    asked = parse(Dialect.RESPONSES, json.dumps(body).encode())
    ours = router(config, Classifier(Intent("code")))
    origin = Pin("two/b", "code")
    for bars in ([], [Barring("one/a")]):
        decision = await ours.decide(asked, NOTHING_KNOWN, origin=origin, bars=bars)
        assert decision.candidates == (keeping,)
    with pytest.raises(ClientError) as raised:
        await ours.decide(asked, NOTHING_KNOWN, origin=origin, bars=[Barring("two/b")])
    assert (raised.value.status, raised.value.route) == (429, "code")


@pytest.mark.parametrize(
    ("caps", "code"),
    [
        (InlineCaps(allowed=False), "forbidden"),
        (InlineCaps(max_routes=1), "too_many_routes"),
        (InlineCaps(models=("two/b",)), "model_not_allowed"),
        (InlineCaps(max_price=5.0), "model_too_dear"),
    ],
)
async def test_inline_preferences_are_held_to_the_operators_caps(
    caps: InlineCaps, code: str
) -> None:
    config = replace(CONFIG, inline_caps=caps)
    preferences = [preference("code", "two/b"), preference("prose", "quick")]
    snapshot = Snapshot(prices={"three/c": Price(3.0, 3.0)})
    asked = request(routing_preferences=preferences)
    with pytest.raises(ClientError) as raised:
        await decide(Intent("code"), asked, config, snapshot)
    assert raised.value.code == code
    assert (await decide(Intent("prose"), request(), config, snapshot)).candidates == (C, A)


SHADOWED = replace(CODE, shadow=Shadow("one/a", 50.0))


class Chance(random.Random):
    """Always the same."""

    def __init__(self, value: float) -> None:
        super().__init__(1)
        self._value = value

    def random(self) -> float:
        return self._value


@pytest.mark.parametrize(
    ("asked", "route", "snapshot", "chance", "copied"),
    [
        (request(), SHADOWED, NOTHING_KNOWN, 0.49, True),
        (request(), SHADOWED, NOTHING_KNOWN, 0.5, False),
        (request(), CODE, NOTHING_KNOWN, 0.0, False),
        (request(), replace(SHADOWED, models=("one/a", "two/b")), NOTHING_KNOWN, 0.0, False),
        (
            request(),
            SHADOWED,
            Snapshot(cooldowns={"one/a": Cooldown(Phase.COOLING, "failures", until=9.0)}),
            0.0,
            False,
        ),
        (request(n=2), replace(SHADOWED, shadow=Shadow("three/c", 100)), NOTHING_KNOWN, 0.0, False),
    ],
    ids=["drawn", "not drawn", "no shadow", "goes first anyway", "cools down", "untranslatable"],
)
async def test_who_gets_a_copy(
    asked: ClientRequest, route: Route, snapshot: Snapshot, chance: float, copied: bool
) -> None:
    config = replace(CONFIG, routes=(route,))
    deciding = Router(config, Classifier(Intent("code")), Chance(chance))
    decision = await deciding.decide(asked, snapshot)
    assert decision.shadow == (A if copied else None)
    alone = await deciding.decide(asked, snapshot, decision_only=True)
    assert alone.shadow is None
