"""Where requests go of whose route no model can serve them, or may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extproc.core.records import Skipped
from extproc.core.routes import Route
from extproc.errors import ClientError
from extproc.intent import Intent
from extproc.ranking.bars import Objection
from tests.helpers.bars import Barring
from tests.helpers.routing import (
    BLIND,
    CODE,
    CONFIG,
    MESSAGES,
    NOTHING_KNOWN,
    PROSE,
    SPOKEN,
    TWO_ANSWERS,
    TWO_OF_ONE,
    A,
    B,
    C,
    Classifier,
    classified,
    decide,
    governed,
    request,
    router,
    with_picture,
)


async def test_no_route_matches_an_unknown_model() -> None:
    with pytest.raises(ClientError) as raised:
        await decide(Intent(None), request("no/such/model"))
    assert (raised.value.status, raised.value.code) == (404, "model_not_found")


@pytest.mark.parametrize(("found", "route"), [("code", "code"), (None, None)])
async def test_a_refusal_tells_the_route_that_had_matched(
    found: str | None, route: str | None
) -> None:
    config = replace(CONFIG, models=(A, B, C), routes=(replace(CODE, models=("three/c",)),))
    asked = request("three/c", n=2)
    with pytest.raises(ClientError) as raised:
        await decide(Intent(found), asked, config)
    assert (raised.value.code, raised.value.route) == ("no_candidate_fits", route)


async def test_the_requested_model_is_not_judged_alone() -> None:
    decision = await decide(Intent(None), with_picture(model="two/b"), TWO_OF_ONE)
    assert decision == classified((BLIND,), None, requested="two/b")


async def test_where_a_route_has_no_other_the_requested_model_serves() -> None:
    decision = await decide(Intent("code"), TWO_ANSWERS, replace(CONFIG, routes=(SPOKEN,)))
    assert (decision.route, decision.candidates, decision.unfit) == (SPOKEN, (A,), True)
    assert [one.model for one in decision.skipped] == ["three/c"]


async def test_where_the_requested_model_cannot_serve_either_each_reason_is_told_once() -> None:
    with pytest.raises(ClientError) as raised:
        await decide(Intent("code"), request("three/c", n=2), replace(CONFIG, routes=(SPOKEN,)))
    assert (raised.value.status, raised.value.code) == (400, "no_candidate_fits")
    assert raised.value.message.count("three/c: n: ") == 1


LIMITED = Skipped("two/b", "limited", "it has had enough")


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
