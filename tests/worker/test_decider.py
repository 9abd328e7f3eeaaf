"""A decision with its session before it and its record after it."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from extproc.affinity import MemoryPins, Origins, Pin
from extproc.core.config import Config
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import DecisionRecord, Ranked
from extproc.core.routes import CostBasis, Preference, Route, Weight
from extproc.core.sessions import Sessions
from extproc.core.sources import ObservedLatency
from extproc.core.switching import RoutingBudget, SessionCosts, SwitchReason
from extproc.core.tracing import RequestSpan
from extproc.core.traits import Traits
from extproc.dialects.prefixes import prefix_of
from extproc.dialects.request import ClientRequest, parse
from extproc.errors import ClientError
from extproc.intent import ClassificationError, Intent
from extproc.ranking.bars import BarredError
from extproc.ranking.snapshot import Cooldown, Phase, Price, Snapshot
from extproc.router import Decision, Router
from extproc.worker.decider import Decider
from extproc.worker.sessions import Session
from tests.helpers.bars import Barring, Governing
from tests.helpers.fixed_decisions import Classifier, decider
from tests.helpers.near import near

ENDPOINT = Endpoint("https", "h", 443, "h")
CHAT = {Dialect.CHAT: "/chat"}
ONE, TWO, THREE = (
    Model(f"{provider}/m", provider, "m", ENDPOINT, CHAT) for provider in ("one", "two", "three")
)
CODE = Route("code", "writing code", ("one/m", "two/m"), Preference.CHEAPEST, CostBasis.REQUEST)
PROSE = Route("prose", "writing prose", ("three/m", "one/m"))
CONFIG = Config((ONE, TWO, THREE), routes=(CODE, PROSE))
TENANTS = Config((ONE, TWO, THREE), routes=(CODE, PROSE), sessions=Sessions(tenant_header="x-org"))

HEADERS = {"x-request-id": "0aaf-7e3c"}
OURS = HEADERS | {"x-model-affinity": "ours"}
MATCH = Intent("code", 0.9, "prose", 0.3, ("more",), "embedded", "deadline")
NO_MATCH = Intent(None, 0.1)
LATE = ClassificationError("deadline", "took too long")


def request(model: str | None = "three/m", said: str = "hi", **more: Any) -> ClientRequest:
    body = {"model": model, "messages": [{"role": "user", "content": said}]} | more
    return parse(Dialect.CHAT, json.dumps(body).encode())


class Unlucky(random.Random):
    """Chance at its least: whatever has a share of requests gets this one."""

    def random(self) -> float:
        return 0.0


class Surroundings:
    """A decider, what it kept and what it told."""

    def __init__(
        self,
        answer: Intent | Exception = MATCH,
        *,
        config: Config = CONFIG,
        snapshot: Snapshot | None = None,
        **pinned: Pin,
    ) -> None:
        self.classifier = Classifier(answer)
        self.pins = MemoryPins(ttl=600, max_entries=10)
        for key, pin in pinned.items():
            self.pins.keep(key, pin)
        self.told: list[DecisionRecord] = []
        self.made = Origins(MemoryPins(ttl=600, max_entries=10))
        self.decider: Decider = decider(
            config,
            self.classifier,
            pins=self.pins,
            snapshot=snapshot,
            tell=self.told.append,
            origins=self.made,
        )

    async def decide(
        self, asked: ClientRequest | None = None, **headers: str
    ) -> tuple[Decision, Session | None]:
        given = OURS | {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.decider.decide(asked or request(), given)


async def test_the_first_request_of_a_session_pins_it() -> None:
    around = Surroundings()
    decision, session = await around.decide()
    assert session == Session("ours", "ours")
    assert (decision.candidates, decision.pinned) == ((ONE, TWO), False)
    assert around.pins.known("ours") == Pin("one/m", "code")


async def test_weights_draw_alike_for_all_of_a_session_without_its_pin() -> None:
    weighed = replace(CODE, weights=(Weight("one/m", 1.0), Weight("two/m", 1.0)))
    config = replace(CONFIG, routes=(weighed, PROSE))
    firsts = set()
    for _ in range(20):
        around = Surroundings(config=config)
        decision, _session = await around.decide()
        firsts.add(decision.candidates[0].name)
        assert around.told[0].candidates[0].drawn
    assert len(firsts) == 1


async def test_a_session_is_pinned_to_what_is_tried_first() -> None:
    """The first candidate, whichever dialect it speaks."""
    foreign = replace(ONE, paths={Dialect.MESSAGES: "/messages"})
    config = replace(CONFIG, models=(foreign, TWO, THREE))
    for decision_only in (False, True):
        here = Surroundings(config=config)
        headers = OURS | {"x-dragoman-client": "c0ffee"}
        await here.decider.decide(request(), headers, decision_only=decision_only)
        assert await here.pins.find("c0ffee:ours") == Pin("one/m", "code")


async def test_a_request_that_no_route_matches_pins_nothing() -> None:
    """The next one may match, or name another model."""
    around = Surroundings(NO_MATCH)
    await around.decide()
    assert around.pins.known("ours") is None
    await around.decide(request("two/m"))
    assert [one.model for one in around.told[-1].candidates] == ["two/m"]


async def test_a_route_that_no_model_of_its_own_fits_pins_nothing() -> None:
    foreign = [replace(model, paths={Dialect.MESSAGES: "/messages"}) for model in (ONE, TWO)]
    around = Surroundings(config=replace(CONFIG, models=(*foreign, THREE)))
    await around.decide(request(n=2))
    assert around.pins.known("ours") is None


async def test_clients_see_the_sessions_of_their_own_key_alone() -> None:
    around = Surroundings()
    _, mine = await around.decide(x_dragoman_client="c0ffee")
    assert mine == Session("ours", "c0ffee:ours")
    for other in ("decaf", ""):
        decision, session = await around.decide(x_dragoman_client=other)
        assert session is not None
        assert session.key != "c0ffee:ours"
        assert not decision.pinned
    decision, _ = await around.decide(x_dragoman_client="c0ffee")
    assert decision.pinned


async def test_what_anybody_may_ask_pins_no_request() -> None:
    around = Surroundings()
    _, session = await around.decider.decide(request(), OURS, decision_only=True)
    assert session == Session("ours", "decision:ours")
    decision, _ = await around.decider.decide(request(), OURS, decision_only=True)
    assert decision.pinned
    decision, _ = await around.decide()
    assert not decision.pinned


async def test_a_tenant_goes_before_the_clients_key() -> None:
    around = Surroundings(config=TENANTS)
    _, session = await around.decide(x_org="acme", x_dragoman_client="c0ffee")
    assert session == Session("ours", "acme:ours")


async def test_a_pinned_session_is_not_classified_and_keeps_its_pin() -> None:
    around = Surroundings(ours=Pin("two/m", "code"))
    for _ in range(2):
        decision, _ = await around.decide()
        assert (decision.candidates, decision.pinned) == ((TWO, ONE), True)
    assert around.classifier.asked == 0
    assert around.pins.known("ours") == Pin("two/m", "code")
    assert (around.pins.stats.hits, around.pins.stats.misses) == (2, 0)


async def test_a_request_of_no_session_neither_finds_nor_keeps_a_pin() -> None:
    around = Surroundings()
    for name in ("", " ", "x" * 257, "a\x00b"):
        _, session = await around.decide(x_model_affinity=name)
        assert session is None
    decision, session = await around.decider.decide(request(), HEADERS)
    assert (decision.candidates, session) == ((ONE, TWO), None)
    assert (around.pins.stats.hits, around.pins.stats.misses) == (0, 0)
    assert all(record.session_id is record.session_key is None for record in around.told)
    assert len(around.told) == 5


async def test_a_session_whose_model_is_set_back_moves_on() -> None:
    snapshot = Snapshot(cooldowns={"two/m": Cooldown(Phase.COOLING, "failures", until=1e12)})
    around = Surroundings(snapshot=snapshot, ours=Pin("two/m", "code"))
    decision, _ = await around.decide()
    assert (decision.candidates, decision.pinned) == ((ONE, TWO), False)
    assert around.classifier.asked == 0
    assert around.pins.known("ours") == Pin("one/m", "code")


async def test_a_session_whose_model_is_no_longer_declared_is_decided_anew() -> None:
    around = Surroundings(ours=Pin("gone/m", "code"))
    decision, _ = await around.decide()
    assert (decision.candidates, decision.pinned) == ((ONE, TWO), False)
    assert around.classifier.asked == 1
    assert around.pins.known("ours") == Pin("one/m", "code")


async def test_a_session_whose_route_is_gone_is_pinned_to_the_one_in_its_place() -> None:
    around = Surroundings(ours=Pin("two/m", "gone"))
    for classified in (1, 1):
        decision, _ = await around.decide()
        assert (decision.candidates, decision.pinned) == ((TWO, ONE), True)
        assert around.classifier.asked == classified
    assert around.pins.known("ours") == Pin("two/m", "code")


async def test_the_record_tells_what_was_skipped() -> None:
    foreign = replace(TWO, paths={Dialect.MESSAGES: "/messages"})
    around = Surroundings(config=replace(CONFIG, models=(ONE, foreign, THREE)))
    await around.decide(request(n=2))
    (record,) = around.told
    assert [one.model for one in record.candidates] == ["one/m"]
    assert [(one.model, one.code) for one in record.skipped] == [("two/m", "skipped:n")]
    assert not record.unfit


async def test_the_record_tells_that_no_model_of_the_route_fits() -> None:
    foreign = [replace(model, paths={Dialect.MESSAGES: "/messages"}) for model in (ONE, TWO)]
    around = Surroundings(config=replace(CONFIG, models=(*foreign, THREE)))
    await around.decide(request(n=2))
    (record,) = around.told
    assert [one.model for one in record.candidates] == ["three/m"]
    assert [one.model for one in record.skipped] == ["one/m", "two/m"]
    assert record.unfit


async def test_a_classification_that_failed_pins_nothing() -> None:
    around = Surroundings(LATE)
    decision, session = await around.decide()
    assert decision.failure is LATE
    assert session is not None
    assert around.pins.known("ours") is None


@pytest.mark.parametrize(
    "asked", [request(routing_preferences=[]), request(messages=[]), request(said=" ")]
)
async def test_a_request_that_is_not_routed_pins_nothing(asked: ClientRequest) -> None:
    around = Surroundings()
    decision, _ = await around.decide(asked)
    assert decision.candidates == (THREE,)
    assert around.pins.known("ours") is None


async def test_where_there_are_no_routes_nothing_is_pinned() -> None:
    around = Surroundings(config=Config((ONE, TWO, THREE)))
    decision, _ = await around.decide()
    assert (decision.candidates, decision.pinned) == ((THREE,), False)
    assert around.pins.known("ours") is None


async def test_a_request_with_routing_off_leaves_its_sessions_pin_alone() -> None:
    pin = Pin("two/m", "code")
    around = Surroundings(ours=pin)
    decision, _ = await around.decide(request(routing_preferences=[]))
    assert (decision.candidates, decision.pinned) == ((THREE,), False)
    assert around.pins.known("ours") == pin


async def test_a_request_that_is_refused_pins_nothing_and_tells_nothing() -> None:
    around = Surroundings(NO_MATCH)
    with pytest.raises(ClientError):
        await around.decide(request("no/such/model"))
    assert around.pins.known("ours") is None
    assert around.told == []


@pytest.mark.parametrize(
    ("config", "headers", "key"),
    [
        (CONFIG, {"x_org": "acme"}, "ours"),
        (TENANTS, {"x_org": "acme"}, "acme:ours"),
        (TENANTS, {"x_org": "a:b%"}, "a%3Ab%25:ours"),
        (TENANTS, {"x_org": ""}, ":ours"),
        (TENANTS, {}, ":ours"),
    ],
)
async def test_a_tenants_sessions_are_its_own(
    config: Config, headers: dict[str, str], key: str
) -> None:
    around = Surroundings(config=config)
    _, session = await around.decide(None, **headers)
    assert session == Session("ours", key)
    assert around.pins.known(key) == Pin("one/m", "code")


async def test_without_a_tenant_no_name_of_a_session_reaches_a_tenants() -> None:
    around = Surroundings(config=TENANTS)
    await around.decide(x_org="acme")
    decision, session = await around.decide(x_model_affinity="acme:ours")
    assert session is not None
    assert session.key == ":acme:ours"
    assert not decision.pinned


async def test_a_tenant_that_cannot_be_remembered_has_no_sessions() -> None:
    around = Surroundings(config=TENANTS)
    assert (await around.decide(x_org="x" * 257))[1] is None


async def test_the_record_of_a_decision() -> None:
    snapshot = Snapshot(
        version=7,
        prices={"one/m": Price(3.0, 4.0), "two/m": Price(1.0, 2.0)},
        prices_at=50.0,
        cooldowns={"two/m": Cooldown(Phase.COOLING, "retry_after", until=1e12)},
        output_tokens={"code": 100.0},
    )
    around = Surroundings(snapshot=snapshot)
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    asked = request(None, said="x" * 40, stream=True)
    await around.decide(asked, traceparent=f"00-{trace}-00f067aa0ba902b7-01")
    (record,) = around.told
    assert record.classification_seconds is not None
    assert 0 < record.classification_seconds <= record.decision_seconds
    assert record.at > 0
    assert record == DecisionRecord(
        request_id="0aaf-7e3c",
        trace_id=trace,
        at=record.at,
        dialect=Dialect.CHAT,
        requested_model=None,
        candidates=(
            Ranked("one/m", near(430e-6), 50.0),
            Ranked("two/m", near(210e-6), 50.0, "retry_after"),
        ),
        route="code",
        intent=MATCH,
        prefer=Preference.CHEAPEST,
        cost_basis=CostBasis.REQUEST,
        snapshot=7,
        session_id="ours",
        session_key="ours",
        streamed=True,
        decision_seconds=record.decision_seconds,
        classification_seconds=record.classification_seconds,
    )


async def test_the_record_says_which_candidates_are_explored_or_probed() -> None:
    fast = Route("code", "d", ("one/m", "two/m"), Preference.FASTEST)
    config = replace(CONFIG, routes=(fast,), latencies=ObservedLatency())
    snapshot = Snapshot(latencies={"one/m": 0.5}, latencies_at=9.0)
    told: list[DecisionRecord] = []
    router = Router(config, Classifier(MATCH), chance=Unlucky())
    pins = MemoryPins(ttl=600, max_entries=10)
    deciding = Decider(router, pins, lambda: snapshot, told.append, config="0a1b2c3d4e5f")
    await deciding.decide(request(), HEADERS)
    assert told[0].config == "0a1b2c3d4e5f"
    probing = Cooldown(Phase.PROBING, "failures", until=0.0, probe=1)
    around = Surroundings(snapshot=Snapshot(cooldowns={"one/m": probing}))
    await around.decide()
    assert told[0].candidates == (
        Ranked("two/m", explored=True),
        Ranked("one/m", 0.5, 9.0),
    )
    assert around.told[0].candidates[0] == Ranked("one/m", cooldown="probe")


async def test_the_record_of_a_pinned_decision() -> None:
    around = Surroundings(ours=Pin("three/m", "prose"))
    await around.decide()
    (record,) = around.told
    assert (record.pinned, record.route, record.classification_seconds) == (True, "prose", None)
    assert record.candidates == (Ranked("three/m"), Ranked("one/m"))
    assert (record.prefer, record.cost_basis) == (Preference.NONE, CostBasis.TOTAL)


async def test_the_record_says_why_a_request_was_not_classified() -> None:
    around = Surroundings(LATE)
    await around.decide()
    (record,) = around.told
    assert (record.failure, record.route, record.intent.score) == ("deadline", None, None)
    assert record.classification_seconds is not None


async def test_the_record_says_that_only_the_decision_was_asked_for() -> None:
    around = Surroundings()
    await around.decider.decide(request(), OURS, decision_only=True)
    await around.decider.decide(request(), OURS)
    assert [record.decision_only for record in around.told] == [True, False]
    assert around.pins.known("ours") == Pin("one/m", "code")


async def test_only_a_request_that_is_sent_is_a_probe() -> None:
    probing = Cooldown(Phase.PROBING, "failures", until=0.0, probe=1)
    around = Surroundings(snapshot=Snapshot(cooldowns={"one/m": probing}))
    alone, _ = await around.decider.decide(request(), HEADERS, decision_only=True)
    sent, _ = await around.decider.decide(request(), HEADERS)
    later, _ = await around.decider.decide(request(), HEADERS)
    assert [decision.candidates[0] for decision in (alone, sent, later)] == [TWO, ONE, TWO]


async def test_every_decision_is_by_what_is_known_then() -> None:
    known = Snapshot(version=1, prices={"one/m": Price(1, 1)}, prices_at=1.0)
    around = Surroundings()
    router = Router(CONFIG, around.classifier)
    current = Decider(router, around.pins, lambda: known, around.told.append)
    first, _ = await current.decide(request(), HEADERS)
    known = Snapshot(version=2, prices={"two/m": Price(1, 1)}, prices_at=2.0)
    second, _ = await current.decide(request(), HEADERS)
    assert (first.candidates[0], second.candidates[0]) == (ONE, TWO)
    assert [record.snapshot for record in around.told] == [1, 2]


async def test_the_record_holds_no_megabytes_of_a_clients() -> None:
    """The observer keeps a thousand records, and a link carries them."""
    here = Surroundings()
    headers = {"x-request-id": "r" * 60_000, "x-model-affinity": "s" * 256}
    await here.decider.decide(request("m" * 5_000_000), headers)
    (record,) = here.told
    assert len(repr(record)) < 4000
    assert record.requested_model == "m" * 255 + "…"
    assert record.request_id == record.trace_id == "r" * 255 + "…"


def going_on(previous: str) -> ClientRequest:
    body = {"model": "three/m", "input": "hi", "previous_response_id": previous}
    return parse(Dialect.RESPONSES, json.dumps(body).encode())


async def test_a_request_goes_on_with_the_model_that_keeps_what_was_said() -> None:
    keeping = [
        replace(model, paths={Dialect.RESPONSES: "/responses"}) for model in (ONE, TWO, THREE)
    ]
    config = replace(CONFIG, models=tuple(keeping))
    around = Surroundings(config=config)
    for made, pin in (
        ("resp_1", Pin("two/m", "code")),
        ("resp_2", Pin("two/m", None)),
        ("resp_3", Pin("gone/m", "code")),
    ):
        around.made.learn(made, pin)
    for previous, candidates, route in (
        ("resp_1", ["two/m"], "code"),
        ("resp_2", ["two/m"], None),
        ("resp_3", ["one/m", "two/m"], "code"),
        ("resp_4", ["one/m", "two/m"], "code"),
    ):
        decision, _ = await around.decider.decide(going_on(previous), HEADERS)
        assert [model.name for model in decision.candidates] == candidates
        assert (decision.route.name if decision.route else None) == route
    assert around.classifier.asked == 2


async def test_its_session_follows() -> None:
    keeping = replace(TWO, paths={Dialect.RESPONSES: "/responses"})
    around = Surroundings(config=replace(CONFIG, models=(ONE, keeping, THREE)), ours=Pin("one/m"))
    around.made.learn("resp_1", Pin("two/m", "code"))
    await around.decide(going_on("resp_1"))
    assert around.pins.known("ours") == Pin("two/m", "code")


async def test_a_model_that_does_not_keep_answers_any_more() -> None:
    around = Surroundings()
    around.made.learn("resp_1", Pin("two/m", "code"))
    with pytest.raises(ClientError, match="No candidate can serve"):
        await around.decide(going_on("resp_1"))


def threaded(previous: str) -> ClientRequest:
    thread = {"type": "continue", "previous_message_id": previous}
    body = {"model": "three/m", "messages": [{"role": "user", "content": "hi"}], "thread": thread}
    return parse(Dialect.MESSAGES, json.dumps(body).encode())


async def test_a_thread_stays_with_the_model_that_made_its_message() -> None:
    holding = replace(TWO, paths={Dialect.MESSAGES: "/messages"})
    around = Surroundings(config=replace(CONFIG, models=(ONE, holding, THREE)))
    around.made.learn("msg_1", Pin("two/m", "code"))
    decision, _ = await around.decide(threaded("msg_1"))
    assert [model.name for model in decision.candidates] == ["two/m"]
    assert around.classifier.asked == 0
    assert around.told[0].kept
    other, _ = await around.decide(threaded("msg_2"))
    assert [model.name for model in other.candidates] == ["two/m"]
    assert {one.code for one in other.skipped} == {"skipped:previous_message_id"}


async def test_a_thread_that_no_candidate_has() -> None:
    with pytest.raises(ClientError, match=r"'msg_1'.*send the whole conversation") as raised:
        await Surroundings().decide(threaded("msg_1"))
    assert (raised.value.status, raised.value.code) == (404, "thread_not_found")


async def test_the_record_names_the_tenant_where_a_header_tells() -> None:
    told: list[DecisionRecord] = []
    pins = MemoryPins(ttl=600, max_entries=10)
    router = Router(CONFIG, Classifier(MATCH))
    for settings in (Sessions(), Sessions(tenant_header="x-tenant")):
        deciding = Decider(router, pins, Snapshot, told.append, settings)
        for headers in (HEADERS, {**HEADERS, "x-tenant": "us" * 500}):
            await deciding.decide(request(), headers)
    tenants = [record.tenant for record in told]
    assert tenants[:3] == [None, None, None]
    assert tenants[3] is not None
    assert tenants[3].startswith("usus")
    assert len(tenants[3]) < 500


async def test_governors_have_a_say_and_are_told_the_tenant() -> None:
    governing = Governing(Barring("one/m"))
    told: list[DecisionRecord] = []
    deciding = decider(TENANTS, Classifier(MATCH), tell=told.append, governors=[governing])
    decision, _ = await deciding.decide(request(), HEADERS | {"x-org": "acme"})
    assert [model.name for model in decision.candidates] == ["two/m"]
    assert [one.code for one in told[0].skipped] == ["limited"]
    assert governing.tenants == ["acme"]


async def test_a_request_that_no_model_may_be_tried_for_is_told_of() -> None:
    told: list[DecisionRecord] = []
    pins = MemoryPins(ttl=600, max_entries=10)
    bars = Governing(Barring("one/m", "two/m"))
    deciding = decider(CONFIG, Classifier(MATCH), pins=pins, tell=told.append, governors=[bars])
    span = RequestSpan("00f067aa0ba902b7", sampled=True)
    with pytest.raises(BarredError):
        await deciding.decide(request(), HEADERS | OURS, span=span)
    (record,) = told
    assert (record.candidates, record.route, record.span) == ((), "code", span)
    assert [(one.model, one.code) for one in record.skipped] == [
        ("one/m", "limited"),
        ("two/m", "limited"),
    ]
    assert pins.known("ours") is None


async def test_a_session_whose_model_is_barred_keeps_its_pin() -> None:
    pins = MemoryPins(ttl=600, max_entries=10)
    for key, expected in (("ours", Pin("two/m", "code")), ("new", Pin("one/m", "code"))):
        pins.keep("ours", Pin("two/m", "code"))
        deciding = decider(
            CONFIG, Classifier(MATCH), pins=pins, governors=[Governing(Barring("two/m"))]
        )
        decision, _ = await deciding.decide(request(), HEADERS | {"x-model-affinity": key})
        assert [model.name for model in decision.candidates] == ["one/m"]
        assert pins.known(key) == expected


RATES = Snapshot(
    prices={
        "one/m": Price(3.0, 15.0, cached_input=0.3),
        "two/m": Price(5.0, 15.0, cached_input=0.5),
        "three/m": Price(0.01, 0.02, cached_input=0.005),
    },
    prices_at=1.0,
)
FREE_ROUTES = (
    replace(CODE, prefer=Preference.NONE, models=("one/m", "three/m")),
    replace(PROSE, models=("two/m", "one/m")),
)
BUDGETED = replace(
    CONFIG,
    routes=FREE_ROUTES,
    sessions=Sessions(budget=RoutingBudget(0.25, records_counterfactual=True)),
)


class Moods(Classifier):
    """Answers one intent after the other."""

    def __init__(self, *names: str) -> None:
        super().__init__(Intent(names[0], 0.9))
        self._names = iter(names)

    async def classify(self, *_: Any) -> Intent:
        self.asked += 1
        return Intent(next(self._names), 0.9)


async def sent(around: Surroundings, *, said: str = "hi") -> tuple[Decision, DecisionRecord]:
    decision, _ = await around.decide(request("three/m", said))
    return decision, around.told[-1]


def budgeted(*names: str, config: Config = BUDGETED, snapshot: Snapshot = RATES) -> Surroundings:
    around = Surroundings(config=config, snapshot=snapshot)
    around.classifier = Moods(*names)
    around.decider = decider(
        config,
        around.classifier,
        pins=around.pins,
        snapshot=snapshot,
        tell=around.told.append,
    )
    return around


async def test_a_session_with_a_budget_changes_its_model_when_that_pays() -> None:
    around = budgeted("code", "prose", "code")
    decision, record = await sent(around)
    assert (decision.candidates[0], decision.switched, record.switch) == (ONE, False, None)
    first = around.pins.known("ours")
    assert first is not None
    assert first.costs is not None
    decision, record = await sent(around)
    assert decision.route == FREE_ROUTES[1]
    assert (decision.candidates, decision.pinned) == ((ONE, TWO), True)
    assert record.switch is not None
    assert (record.switch.switched, record.switch.reason) == (False, SwitchReason.OVER_BUDGET)
    assert record.switch.counterfactual is not None
    kept = around.pins.known("ours")
    assert kept is not None
    assert kept.costs is not None
    assert (kept.model, kept.route) == ("one/m", "prose")
    assert kept.costs.stayed > 0


async def test_a_budget_that_pays_for_it() -> None:
    around = budgeted("code", "prose", "code")
    await sent(around)
    begun = around.pins.known("ours")
    assert begun is not None
    assert begun.costs is not None
    around.pins.keep("ours", replace(begun, costs=replace(begun.costs, stayed=1.0)))
    decision, record = await sent(around)
    assert (decision.candidates, decision.switched) == ((TWO, ONE), True)
    assert record.switch is not None
    assert record.switch.reason is SwitchReason.WITHIN_BUDGET
    moved = around.pins.known("ours")
    assert moved is not None
    assert moved.costs is not None
    assert (moved.model, moved.costs.switches, moved.costs.first) == ("two/m", 1, "one/m")
    assert moved.costs.spent == pytest.approx(record.switch.cost)
    decision, record = await sent(around)
    assert record.switch is not None
    assert (decision.candidates[0], record.switch.reason) == (ONE, SwitchReason.FREE)


async def test_a_session_whose_cache_is_cold_goes_where_its_route_leads() -> None:
    around = budgeted("code", "prose")
    around.pins.keep("ours", Pin("one/m", "code", SessionCosts("one/m", "p", used_at=1.0)))
    decision, record = await sent(around)
    assert decision.candidates[0] == ONE, "its own route"
    kept = around.pins.known("ours")
    assert kept is not None
    assert kept.costs is not None
    drifted = replace(kept.costs, prefix="other")
    around.pins.keep("ours", replace(kept, costs=drifted))
    decision, record = await sent(around)
    assert (decision.candidates[0], decision.switched) == (TWO, True)
    assert record.switch is not None
    assert record.switch.reason is SwitchReason.DRIFTED


async def test_a_session_whose_model_fails_changes_it_whatever_that_costs() -> None:
    cooling = {"one/m": Cooldown(Phase.COOLING, "failures", until=1e12)}
    around = budgeted("code", "prose", snapshot=replace(RATES, cooldowns=cooling))
    around.pins.keep("ours", Pin("one/m", "code", SessionCosts("one/m", "p", used_at=1e12)))
    decision, record = await sent(around)
    assert (decision.candidates[0], decision.switched) == (THREE, True)
    assert record.switch is not None
    assert record.switch.reason is SwitchReason.UNAVAILABLE


async def test_a_session_whose_model_cannot_take_the_request_changes_it() -> None:
    small = replace(ONE, traits=Traits(context_window=1))
    config = replace(BUDGETED, models=(small, TWO, THREE))
    around = budgeted("prose", "prose", config=config)
    prefix = prefix_of(request())
    costs = SessionCosts("one/m", prefix, used_at=1e12)
    around.pins.keep("ours", Pin("one/m", "prose", costs))
    decision, record = await sent(around)
    assert (decision.candidates[0], decision.switched) == (TWO, True)
    assert record.switch is not None
    assert record.switch.reason is SwitchReason.UNAVAILABLE


async def test_a_session_that_is_passed_over_keeps_its_pin_and_its_account() -> None:
    pin = Pin("one/m", "code", SessionCosts("one/m", "p", used_at=1.0))
    around = budgeted("code")
    around.pins.keep("ours", pin)
    around.decider = decider(
        BUDGETED,
        around.classifier,
        pins=around.pins,
        snapshot=RATES,
        governors=[Governing(Barring("one/m"))],
    )
    decision, _ = await around.decide()
    assert (decision.candidates[0], decision.switched) == (THREE, False)
    assert around.pins.known("ours") == pin


async def test_only_what_a_person_says_is_routed_anew() -> None:
    sessions = Sessions(on_user_only=True)
    around = budgeted("code", "prose", config=replace(BUDGETED, sessions=sessions))
    asked = [{"role": "user", "content": "hi"}]
    answered = [
        *asked,
        {"role": "assistant", "content": "so"},
        {"role": "tool", "tool_call_id": "t", "content": "done"},
    ]
    for turns, model, known in ((asked, ONE, 1), (answered, ONE, 1), (asked, TWO, 2)):
        decision, _ = await around.decide(request(messages=turns))
        assert (decision.candidates[0], around.classifier.asked) == (model, known)
    switch = around.told[-1].switch
    assert switch is not None
    assert (switch.switched, switch.reason) == (True, SwitchReason.UNBUDGETED)


async def test_an_account_waits_while_requests_bring_no_budget() -> None:
    """Where only clients give budgets, some of a session's requests may have none."""
    sessions = Sessions(takes_budgets=True)
    around = budgeted("code", config=replace(BUDGETED, sessions=sessions))
    await around.decide(x_plano_max_switch_spend_pct="20")
    known = around.pins.known("ours")
    assert known is not None
    assert known.costs is not None
    decision, _ = await around.decide()
    assert (decision.pinned, decision.switch) == (True, None)
    assert around.pins.known("ours") == known
