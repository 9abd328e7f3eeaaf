"""What models and routes did lately: counted by the minute, and forgotten after an hour."""

from __future__ import annotations

import pytest

from extproc.core.records import Ranked
from extproc.ranking.snapshot import Cooldown, Phase, Snapshot
from extproc.telemetry.activity import MINUTES, SCORE_BINS, Activity, Durations
from extproc.telemetry.activity_json import activity_json
from tests.helpers.set_clock import SetClock
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    NOW,
    PRICES,
    attempt,
    configuration,
    decision,
)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def activity(clock: SetClock) -> Activity:
    return Activity(configuration(), clock)


@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.43, 1.0, 17.0, 400.0])
def test_a_quantile_is_near_what_was_counted(seconds: float) -> None:
    durations = Durations()
    for _ in range(10):
        durations.add(seconds)
    assert durations.quantile(0.5) == pytest.approx(seconds, rel=0.08)
    assert durations.quantile(0.95) == durations.quantile(0.5)


def test_quantiles_lie_where_they_should() -> None:
    durations = Durations()
    for hundredth in range(1, 101):
        durations.add(hundredth / 100)
    assert durations.quantile(0.5) == pytest.approx(0.5, rel=0.1)
    assert durations.quantile(0.95) == pytest.approx(0.95, rel=0.1)


def test_nothing_counted_has_no_quantile() -> None:
    assert Durations().quantile(0.5) is None


def test_what_is_out_of_bounds_counts_at_the_bound() -> None:
    durations = Durations()
    durations.add(0)
    durations.add(1e9)
    assert sum(durations.counts) == 2


def test_errors_are_what_speaks_against_the_model(activity: Activity) -> None:
    for status in (200, 429, 503, 400, 0):
        activity.attempted(attempt(1, MINI, status))
    counts = activity.models(1)[MINI]
    assert (counts.attempts, counts.failed) == (5, 2)
    assert sum(counts.duration.counts) == 1


def test_latencies_are_those_of_routed_answers(activity: Activity) -> None:
    activity.attempted(attempt(1, MINI, forwarded=True))
    assert activity.models(1)[MINI].attempts == 1
    assert activity.models(1)[MINI].first_byte.quantile(0.5) is None


def test_names_that_clients_choose_are_counted_together(activity: Activity) -> None:
    for number in range(500):
        activity.decided(decision(f"{number}", route=f"own {number}"))
        activity.attempted(attempt(1, f"mistral/m{number}", cluster="mistral/*"))
    assert set(activity.routes(1)) == {"inline"}
    assert set(activity.models(1)) == {"mistral/*"}


def test_scores_are_counted_in_bins(activity: Activity) -> None:
    for score in (-0.3, 0.0, 0.049, 0.41, 1.0):
        activity.decided(decision(score=score))
    activity.decided(decision(score=None))
    counts = activity.routes(1)["code"]
    assert counts.requests == 6
    assert (counts.scores[0], counts.scores[8], counts.scores[-1]) == (3, 1, 1)
    assert len(counts.scores) == SCORE_BINS


def test_what_is_forwarded_has_no_route_to_find(activity: Activity) -> None:
    activity.decided(decision(forwarded="/v1/embeddings"))
    assert activity.routes(1) == {}


def test_only_the_latest_minutes_are_summed_up(activity: Activity, clock: SetClock) -> None:
    for _ in range(5):
        activity.decided(decision(at=clock.now))
        activity.attempted(attempt(at=clock.now))
        clock.now += 60
    assert activity.routes(3)["code"].requests == 2
    assert activity.models(MINUTES)[MINI].attempts == 5
    assert activity.requests_by_minute()[-6:] == [1, 1, 1, 1, 1, 0]
    assert list(activity.by_minute(MINI))[-2:] == [(1, 0), (0, 0)]


def test_after_an_hour_nothing_is_left(activity: Activity, clock: SetClock) -> None:
    activity.decided(decision())
    clock.now += MINUTES * 60
    activity.decided(decision(route=None, at=clock.now))
    assert set(activity.routes(MINUTES)) == {"none"}
    assert len(activity.requests_by_minute()) == MINUTES


@pytest.mark.parametrize("minutes", [-MINUTES, 3])
def test_what_was_long_ago_or_never_counts_nowhere(activity: Activity, minutes: int) -> None:
    activity.decided(decision(at=NOW + minutes * 60))
    activity.attempted(attempt(at=NOW + minutes * 60))
    assert activity.routes(MINUTES) == {}
    assert activity.models(MINUTES) == {}


def test_what_is_told_late_counts_when_it_was(activity: Activity) -> None:
    activity.decided(decision(at=NOW - 600))
    assert activity.routes(5) == {}
    assert activity.routes(15)["code"].requests == 1


def test_as_json(activity: Activity) -> None:
    activity.decided(decision(candidates=(Ranked(MINI),)))
    activity.decided(decision(route=None, score=0.1))
    activity.attempted(attempt(1, CLAUDE, 429, cluster="anthropic/*"))
    activity.attempted(attempt(2, MINI))
    snapshot = Snapshot(
        prices=PRICES,
        prices_at=NOW - 120,
        latencies={MINI: 0.4},
        latencies_at=NOW - 3,
        cooldowns={CLAUDE: Cooldown(Phase.COOLING, "retry_after", NOW + 30)},
        output_tokens={"code": 320.0},
    )
    told = activity_json(configuration(), activity, snapshot, 15, NOW)
    models = {model["model"]: model for model in told["models"]}
    routes = {route["route"]: route for route in told["routes"]}
    assert list(models) == [MINI, LARGE, "anthropic/*", "mistral/*", CLAUDE]
    assert models[MINI]["share"] == 0.5
    assert models[MINI]["error_rate"] == 0
    assert models[MINI]["first_byte_ms"]["p50"] == pytest.approx(250, rel=0.08)
    assert models[MINI]["price"]["input"] == 0.15
    assert models[MINI]["price_at"] == "2027-01-15T07:58:00.000+00:00"
    assert models[MINI]["latency_s"] == 0.4
    assert models[MINI]["routes"] == ["code"]
    assert models[CLAUDE]["cooldown"]["reason"] == "retry_after"
    assert models[CLAUDE]["error_rate"] == 1
    assert models[CLAUDE]["price_at"] is None
    assert models[LARGE]["error_rate"] is None
    assert list(routes) == ["code", "chat", "none"]
    assert routes["code"]["description"] == "writing code"
    assert routes["code"]["threshold"] == 0.14
    assert routes["code"]["output_tokens"] == 320
    assert routes["none"]["share"] == 0.5
    assert routes["none"]["configured"] is False
