"""What a request goes on with: its plan, and what Envoy is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extproc.core.config import Limits, Listener
from extproc.core.failover import DEFAULT_POLICY, FailoverPolicy
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked
from extproc.core.routes import Route
from extproc.core.timeouts import Timeouts
from extproc.dialects.request import parse
from extproc.router import Decision
from extproc.worker.deadlines import Terms
from extproc.worker.planning import Planner

ENDPOINT = Endpoint("https", "h", 443, "h")
A, B, SHADOW = (Model(name, "p", name, ENDPOINT, {Dialect.CHAT: "/chat"}) for name in "abs")
ROUTE = Route("r", "d", ("a", "b"))
REQUEST = parse(
    Dialect.CHAT, b'{"model":"openai/x","messages":[{"role":"user","content":"hi"}],"stream":true}'
)
ONE = Decision((Ranked(A),), ROUTE)
TWO = Decision((Ranked(A), Ranked(B)), ROUTE)
NOW = 1_000_000.0
LISTENER = Listener()


def told(
    decision: Decision,
    listener: Listener = LISTENER,
    policies: tuple[FailoverPolicy, ...] = (),
) -> dict[str, str]:
    planner = Planner(Limits(), listener, policies)
    planned = planner.plan(REQUEST, decision, "", None)
    return planner.headers(planned, decision, None, NOW)


def test_the_body_is_the_first_candidates_and_the_plan_says_where_its_name_is() -> None:
    planned = Planner(Limits()).plan(REQUEST, replace(TWO, shadow=SHADOW), "a=1", None)
    plan, sent = planned.plan, b"".join(planned.body.pieces)
    assert sent[plan.model_start : plan.model_end] == b'"a"'
    assert (plan.candidates, plan.shadow, plan.query) == (("a", "b"), "s", "a=1")
    assert plan.streamed


@pytest.mark.parametrize(("most", "retries"), [(None, "1"), (5, "1"), (1, "1"), (0, "0")])
def test_no_more_candidates_than_attempts(most: int | None, retries: str) -> None:
    headers = told(TWO, Listener(max_retries=most))
    assert headers["x-envoy-max-retries"] == retries
    assert headers["x-dragoman-candidates"] == ("1" if most == 0 else "2")


@pytest.mark.parametrize(("decision", "hedged"), [(ONE, False), (TWO, True)])
def test_only_what_has_a_second_candidate_is_hedged(decision: Decision, hedged: bool) -> None:
    headers = told(replace(decision, hedge_after=0.5))
    assert ("x-dragoman-hedged" in headers) is hedged


def test_a_copy_is_told_how_long_it_may_take_also_where_there_is_no_other_attempt() -> None:
    assert "x-dragoman-terms" not in told(ONE)
    terms = Terms.decode(told(replace(ONE, shadow=SHADOW))["x-dragoman-terms"])
    assert terms.timeouts.answer == Limits().timeouts.answer


def test_a_routes_own_times_count() -> None:
    own = replace(ROUTE, timeouts=Timeouts(1.0, 2.0, 3.0))
    terms = Terms.decode(told(replace(TWO, route=own))["x-dragoman-terms"])
    assert (terms.timeouts.attempt, terms.timeouts.answer) == (1.0, 3.0)


@pytest.mark.parametrize(
    ("own", "number"), [(None, None), (DEFAULT_POLICY, None), (FailoverPolicy((429,)), "1")]
)
def test_envoy_is_told_which_policy_says_what_moves_on(
    own: FailoverPolicy | None, number: str | None
) -> None:
    policies = (DEFAULT_POLICY, FailoverPolicy((429,)))
    decision = replace(TWO, route=replace(ROUTE, failover=own))
    assert told(decision, policies=policies).get("x-dragoman-failover") == number
