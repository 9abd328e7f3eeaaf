"""Latencies as they were measured here."""

from __future__ import annotations

import random

import pytest

from extproc.core.records import Attempt
from extproc.core.sources import LatencyMeasure, ObservedLatency
from extproc.observer.latencies import ObservedLatencies, measured, nearest_rank


@pytest.mark.parametrize(
    ("count", "percentile", "expected"),
    [
        (1, 95, 1),
        (3, 95, 3),
        (10, 50, 5),
        (20, 95, 19),
        (21, 95, 20),
        (100, 95, 95),
        (100, 99.5, 100),
        (200, 99.5, 199),
        (1000, 99.9, 999),
        (100, 1, 1),
        (10, 1, 1),
        (100, 100, 100),
    ],
)
def test_nearest_rank(count: int, percentile: float, expected: int) -> None:
    assert nearest_rank(range(1, count + 1), percentile) == expected


def test_the_percentile_covers_as_many_values_as_it_says() -> None:
    chance = random.Random(7)
    for _ in range(500):
        values = sorted(chance.random() for _ in range(chance.randint(1, 60)))
        percentile = chance.randint(1, 100)
        found = nearest_rank(values, percentile)
        covered = sum(value <= found for value in values)
        assert 100 * covered >= percentile * len(values)
        assert 100 * (covered - 1) < percentile * len(values)


def latencies(**bounds: int) -> ObservedLatencies:
    return ObservedLatencies(ObservedLatency(percentile=50.0, window=10.0), **bounds)


def fill(observed: ObservedLatencies, model: str, at: float, *values: float) -> None:
    for value in values:
        observed.add(model, value, at)


def test_each_model_has_its_percentile() -> None:
    observed = latencies()
    fill(observed, "a", 0.0, 3.0, 1.0, 2.0)
    fill(observed, "b", 0.0, 0.5, 0.5, 9.0, 0.4)
    assert observed.values(1.0) == {"a": 2.0, "b": 0.5}


def test_too_few_samples_are_no_latency() -> None:
    observed = latencies()
    fill(observed, "a", 0.0, 1.0, 2.0)
    assert observed.values(1.0) == {}
    observed.add("a", 3.0, 1.0)
    assert observed.values(1.0) == {"a": 2.0}


def test_what_leaves_the_window_does_not_count_any_more() -> None:
    observed = latencies()
    fill(observed, "a", 0.0, 9.0, 9.0, 9.0)
    fill(observed, "a", 5.0, 1.0, 1.0, 1.0)
    assert observed.values(9.9) == {"a": 1.0}
    fill(observed, "a", 5.0, 9.0)
    assert observed.values(9.9) == {"a": 9.0}
    assert observed.values(10.0) == {"a": 1.0}
    assert observed.values(15.0) == {}
    # Nothing came back with the clock: what was forgotten is gone.
    assert observed.values(5.0) == {}


def test_samples_may_come_in_any_order() -> None:
    observed = latencies()
    for at, value in [(8.0, 1.0), (0.0, 9.0), (7.0, 2.0), (-5.0, 9.0), (9.0, 3.0)]:
        observed.add("a", value, at)
    assert observed.values(10.0) == {"a": 2.0}


def test_the_latest_samples_of_a_model_are_kept() -> None:
    observed = latencies(most_samples=5)
    fill(observed, "a", 0.0, *[9.0] * 50, *[1.0] * 5)
    assert observed.values(1.0) == {"a": 1.0}


def test_the_models_heard_of_last_are_kept() -> None:
    observed = latencies(most_models=2, fewest_samples=1)
    for model in ["a", "b", "a", "c"]:
        observed.add(model, 1.0, 0.0)
    assert set(observed.values(1.0)) == {"a", "c"}


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_what_is_no_latency(value: float) -> None:
    with pytest.raises(ValueError, match="no latency"):
        latencies().add("a", value, 0.0)


def attempt(status: int, first_byte: float | None) -> Attempt:
    return Attempt("r", 1, "a", "a", 0.0, status, duration=2.0, first_byte=first_byte)


@pytest.mark.parametrize(
    ("seen", "measure", "expected"),
    [
        (attempt(200, 0.5), LatencyMeasure.FIRST_BYTE, 0.5),
        (attempt(200, 0.5), LatencyMeasure.DURATION, 2.0),
        (attempt(200, None), LatencyMeasure.FIRST_BYTE, None),
        (attempt(429, 0.1), LatencyMeasure.FIRST_BYTE, None),
        (attempt(503, 0.1), LatencyMeasure.DURATION, None),
        (attempt(0, None), LatencyMeasure.DURATION, None),
    ],
)
def test_what_an_attempt_says(
    seen: Attempt, measure: LatencyMeasure, expected: float | None
) -> None:
    assert measured(seen, measure) == expected
