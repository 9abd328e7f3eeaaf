"""The decision: which models, in which order."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from extproc.affinity import Pin
from extproc.core.config import Config, Limits
from extproc.core.conversation import Turn
from extproc.core.models import Dialect, Model
from extproc.core.records import Ranked
from extproc.core.requirements import Ineligible
from extproc.core.routes import CostBasis, Preference, Route, Shadow
from extproc.core.sources import LatencySource, ObservedLatency
from extproc.dialects.request import ClientRequest, parse
from extproc.errors import ClientError
from extproc.intent import Intent
from extproc.ranking.ranker import PROBE
from extproc.ranking.snapshot import Cooldown, Phase, Price, Snapshot
from extproc.router import Router
from tests.helpers.bars import Barring
from tests.helpers.routing import (
    BLIND,
    CODE,
    CONFIG,
    MANY,
    MESSAGES,
    NOTHING_KNOWN,
    PROSE,
    TWO_ANSWERS,
    TWO_OF_ONE,
    A,
    B,
    C,
    Classifier,
    classified,
    decide,
    ranking,
    request,
    router,
    with_picture,
)


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


async def test_what_a_model_cannot_serve_is_no_probe_of_it() -> None:
    ours = Router(TWO_OF_ONE, Classifier(Intent("code")))
    snapshot = Snapshot(cooldowns={"two/b": PROBING["two/b"]})
    refused = await ours.decide(with_picture(), snapshot)
    assert refused.ranked == (
        Ranked(A),
        Ranked(BLIND, cooldown="failures", ineligible=Ineligible.IMAGES),
    )
    assert (await ours.decide(request(), snapshot)).ranked[0] == Ranked(BLIND, cooldown=PROBE)


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


async def test_a_model_that_the_request_cannot_be_translated_for_is_no_candidate() -> None:
    decision = await decide(Intent("code"), TWO_ANSWERS)
    assert (decision.candidates, decision.unfit) == ((B,), False)
    assert [(one.model, one.code) for one in decision.skipped] == [("three/c", "skipped:n")]


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


async def test_the_best_of_a_routes_many_models_are_candidates() -> None:
    route = Route("many", "everything", tuple(one.name for one in MANY))
    config = Config(MANY, routes=(route,))
    decision = await decide(Intent("many"), request("many/0"), config)
    assert decision.candidates == MANY[:8]
    config = replace(config, limits=Limits(max_candidates=2))
    decision = await decide(Intent("many"), request("many/0"), config)
    assert decision.candidates == MANY[:2]


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
