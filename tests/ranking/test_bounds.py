"""What bounds on cost and time keep from a request."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.requirements import Requirements
from extproc.core.routes import Route
from extproc.core.sources import LatencyMeasure, LatencySource, ObservedLatency
from extproc.ranking.bars import allowed, permit
from extproc.ranking.bounds import CostBar, DeadlineBar, Pace
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Price, Snapshot

PATHS = {Dialect.CHAT: "/chat"}
CHEAP, DEAR, UNKNOWN = (
    Model(name, "p", name, Endpoint("https", "h", 443, "h"), PATHS)
    for name in ("cheap", "dear", "unknown")
)
REQUIRED = Requirements(input_tokens=1_000, output_tokens=100)
SNAPSHOT = Snapshot(
    prices={"cheap": Price(1.0, 10.0), "dear": Price(10.0, 100.0)},
    latencies={"cheap": 4.0, "dear": 1.0},
)
EXPECTED = Expectation(Route("code", "d", ()), SNAPSHOT, lambda: REQUIRED)
"""cheap costs $0.002, dear $0.02."""


def at_most(amount: float | None, *, refuses_unpriced: bool = False) -> CostBar:
    return CostBar(lambda route: amount if route else None, refuses_unpriced)


@pytest.mark.parametrize(
    ("most", "told"), [(0.005, "$0.005"), (0.012345, "$0.01235"), (1e-7, "$0.0000001")]
)
def test_what_costs_too_much_says_how_much(most: float, told: str) -> None:
    standing = allowed((DEAR,), [at_most(most)], EXPECTED)
    assert standing.skipped[0].reason == (
        f"it is expected to cost $0.02, and the request may cost {told}"
    )


def test_what_costs_too_much_is_not_tried() -> None:
    standing = allowed((DEAR, CHEAP), [at_most(0.005)], EXPECTED)
    assert standing.models == (CHEAP,)
    assert (standing.objections["dear"].code, standing.objections["dear"].status) == (
        "max_cost",
        400,
    )


@pytest.mark.parametrize(("amount", "barred"), [(0.02, False), (0.0199, True), (None, False)])
def test_the_bound_itself_may_be_spent(amount: float | None, barred: bool) -> None:
    assert (at_most(amount).against(DEAR, EXPECTED) is not None) == barred


def test_attempts_ahead_count_as_billed() -> None:
    behind = replace(EXPECTED, ahead=(CHEAP, UNKNOWN))
    assert at_most(0.022).against(DEAR, behind) is None
    objection = at_most(0.0219).against(DEAR, behind)
    assert objection is not None
    assert "$0.02 behind $0.002 for those ahead of it" in objection.reason


def test_an_unknown_price_bars_nothing_unless_it_is_declared_to() -> None:
    assert at_most(0.001).against(UNKNOWN, EXPECTED) is None
    objection = at_most(0.001, refuses_unpriced=True).against(UNKNOWN, EXPECTED)
    assert objection is not None
    assert "its price is not known" in objection.reason


def within(seconds: float | None, *, streamed: bool = False) -> DeadlineBar:
    return DeadlineBar(lambda _: seconds, Pace(ObservedLatency()), streamed)


def test_what_is_too_slow_leaves_the_place_to_others() -> None:
    standing = allowed((CHEAP, DEAR, UNKNOWN), [within(2.5)], EXPECTED)
    assert standing.models == (DEAR, UNKNOWN)
    assert standing.skipped[0].reason == "it takes 4 s to answer, and 2.5 s are left"
    assert allowed((CHEAP,), [within(4.0)], EXPECTED).objections == {}
    assert allowed((CHEAP, DEAR), [within(None)], EXPECTED).objections == {}


def test_where_all_are_too_slow_all_are_tried() -> None:
    """A percentile is no certainty, and none would be measured any more."""
    assert allowed((CHEAP, DEAR), [within(0.5)], EXPECTED).models == (CHEAP, DEAR)
    permit(CHEAP, [within(0.5)], EXPECTED)


def test_what_is_too_slow_is_tried_before_what_costs_too_much() -> None:
    standing = allowed((DEAR, CHEAP), [within(0.5), at_most(0.005)], EXPECTED)
    assert standing.models == (CHEAP,)
    assert [one.code for one in standing.skipped] == ["max_cost"]


@pytest.mark.parametrize(
    ("source", "of_streams"),
    [
        (ObservedLatency(LatencyMeasure.FIRST_BYTE), 4.0),
        (ObservedLatency(LatencyMeasure.DURATION), None),
        (LatencySource("http://h", "q"), None),
        (None, None),
    ],
)
def test_of_streams_only_the_time_to_their_beginning_tells(
    source: ObservedLatency | LatencySource | None, of_streams: float | None
) -> None:
    pace = Pace(source)
    assert pace.seconds("cheap", SNAPSHOT, streamed=True) == of_streams
    assert pace.seconds("cheap", SNAPSHOT, streamed=False) == 4.0
    assert pace.seconds("unknown", SNAPSHOT, streamed=False) is None
