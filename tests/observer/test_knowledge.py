"""What is known of the models at a moment."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from extproc.core.sources import ObservedLatency
from extproc.observer.clock import Clock
from extproc.observer.knowledge import known
from extproc.observer.learner import Learner
from extproc.ranking.snapshot import Price
from tests.helpers.telemetry_events import LARGE, MINI, NOW, attempt, configuration

STEADY = 5000.0
CLOCK = Clock(lambda: NOW, lambda: STEADY)
PRICES = {MINI: Price(1.0, 2.0)}
SOURCES: Any = SimpleNamespace(
    costs=SimpleNamespace(prices=PRICES, updated_at=NOW - 60),
    latency=SimpleNamespace(latencies={MINI: 7.0}, updated_at=NOW - 30),
)


def learner(*, observes: bool) -> Learner:
    config = configuration()
    latencies = ObservedLatency() if observes else None
    made = Learner(replace(config, latencies=latencies), lambda _: None, lambda _: None)
    made.attempted(attempt(1, LARGE, 429, retry_after=30.0), STEADY - 1.5)
    for number in range(2, 5):
        made.attempted(attempt(number, MINI), STEADY - 10 + number)
    return made


def test_the_workers_are_told_times_of_day() -> None:
    learned = learner(observes=True)
    found = known(learned, None, CLOCK, STEADY, 7)
    steady = learned.cooldowns()[LARGE].until
    assert found.cooldowns[LARGE].until == steady + NOW - STEADY
    assert found.latencies_at is not None
    assert NOW - 60 < found.latencies_at <= NOW
    assert found.version == 7


def test_what_sources_say_is_there_once_they_have_said_it() -> None:
    learned = learner(observes=False)
    assert known(learned, None, CLOCK, STEADY, 0).prices == {}
    found = known(learned, SOURCES, CLOCK, STEADY, 0)
    assert (found.prices, found.prices_at) == (PRICES, NOW - 60)
    assert (found.latencies, found.latencies_at) == ({MINI: 7.0}, NOW - 30)


def test_what_was_observed_goes_before_a_source() -> None:
    found = known(learner(observes=True), SOURCES, CLOCK, STEADY, 0)
    assert found.prices == PRICES
    assert found.latencies[MINI] != 7.0
