"""Which model a session's request begins with."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.affinity import Pin
from extproc.core.config import Config
from extproc.core.records import Ranked
from extproc.core.requirements import Ineligible
from extproc.core.routes import Preference
from extproc.intent import Intent
from extproc.ranking.snapshot import Cooldown, Phase, Price, Snapshot
from extproc.router import Decision
from tests.helpers.routing import (
    BLIND,
    CODE,
    CONFIG,
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
    governed,
    preference,
    ranking,
    request,
    router,
    with_picture,
)


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


async def test_a_pinned_model_that_cools_down_is_not_first() -> None:
    snapshot = Snapshot(cooldowns={"two/b": Cooldown(Phase.COOLING, "failures", until=1e12)})
    decision = await decide(Intent(None), request(), CONFIG, snapshot, Pin("two/b", "code"))
    assert decision.ranked == (Ranked(C), Ranked(B, cooldown="failures"))
    assert not decision.pinned
    assert decision.classification_seconds is None


async def test_a_pinned_model_that_cannot_serve_the_request_is_not_first() -> None:
    decision = await decide(Intent(None), with_picture(), TWO_OF_ONE, pin=Pin("two/b", "code"))
    assert decision.ranked == (Ranked(A), Ranked(BLIND, ineligible=Ineligible.IMAGES))
    assert not decision.pinned


@pytest.mark.parametrize("found", ["code", "prose", None])
@pytest.mark.parametrize("route", ["code", None])
async def test_a_pin_to_a_model_that_cannot_serve_the_request_is_no_verdict(
    route: str | None, found: str | None
) -> None:
    decision = await decide(Intent(found), TWO_ANSWERS, pin=Pin("three/c", route))
    assert decision == await decide(Intent(found), TWO_ANSWERS)
    assert decision.classification_seconds is not None


async def test_a_barred_session_goes_elsewhere_by_its_own_route() -> None:
    pin = Pin("two/b", "code")
    decision = await governed("two/b", found="prose", pin=pin)
    assert (decision.route, decision.candidates) == (CODE, (C,))
    assert (decision.pinned, decision.passed_over) == (False, True)
    decision = await governed("three/c", pin=pin)
    assert (decision.pinned, decision.passed_over) == (True, False)
