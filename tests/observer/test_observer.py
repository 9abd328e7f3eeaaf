"""What the observer hears comes together, and goes out as snapshots."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from extproc.affinity import MemoryPins, Pin
from extproc.core.config import Config
from extproc.core.ledger import LedgerSettings
from extproc.core.outcomes import StreamEnd
from extproc.core.records import DecisionRecord, Ranked
from extproc.core.sources import CostSource, LatencySource, ObservedLatency, PriceFormat
from extproc.core.tracing import RequestSpan
from extproc.link.messages import FailureNotice, PinNotice, WorkerStats
from extproc.link.worker_end import WorkerEnd
from extproc.observer.observer import Observer
from extproc.ranking.snapshot import Phase, Price, Snapshot
from extproc.sources import refreshing
from extproc.telemetry.receipt import Receipt, ReceiptConsumer
from tests.helpers.set_clock import SetClock
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    NOW,
    REQUEST,
    TRACE,
    attempt,
    completion,
    configuration,
    decision,
    turned_away,
)
from tests.helpers.waiting import until

CONFIG = configuration()


def observer_of(
    config: Config = CONFIG,
    pins: MemoryPins | None = None,
    time: SetClock | None = None,
    consumers: Sequence[ReceiptConsumer] = (),
) -> Observer:
    clock = time or SetClock(NOW)
    return Observer(config, pins, clock, steady=clock, consumers=consumers)


@contextlib.asynccontextmanager
async def publishing(observer: Observer) -> AsyncIterator[None]:
    """The observer publishes meanwhile, and has done so once."""
    task = asyncio.create_task(observer.publish_regularly())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def linked(observer: Observer, directory: Path) -> AsyncIterator[tuple[WorkerEnd, WorkerEnd]]:
    """Two workers that are connected to the observer."""
    socket = directory / "link.sock"
    first, second = WorkerEnd(socket, 0), WorkerEnd(socket, 1)
    async with observer.link.listening(socket), first.connected(), second.connected():
        await until(lambda: list(observer.link.workers) == [0, 1])
        yield first, second


async def test_before_it_publishes_regularly_nothing_is_said(tmp_path: Path) -> None:
    """A worker that ran before the observer knows more than an observer that has just started."""
    observer = observer_of()
    async with linked(observer, tmp_path) as (worker, _):
        observer.publish()
        observer.logged(attempt(status=429, retry_after=60.0))
        worker.tell(FailureNotice(LARGE))
        worker.tell(decision())
        await until(lambda: len(observer.receipts) == 1)
        assert observer.snapshot == Snapshot()
        await asyncio.sleep(0.05)
        assert not worker.informed
        assert worker.snapshot == Snapshot()
        async with publishing(observer):
            await until(lambda: worker.informed)
            assert worker.snapshot == observer.snapshot
            assert set(worker.snapshot.cooldowns) == {MINI, LARGE}


async def test_the_first_snapshot_goes_out_though_nothing_is_known() -> None:
    observer = observer_of()
    async with publishing(observer):
        assert observer.snapshot == Snapshot(version=1)


async def test_versions_grow_only_when_something_changes() -> None:
    observer = observer_of()
    async with publishing(observer):
        for _ in range(3):
            observer.publish()
        assert observer.snapshot.version == 1
        observer.logged(completion())
        observer.logged(attempt())
        observer.publish()
        assert observer.snapshot.version == 1
        observer.logged(attempt(status=429, retry_after=60.0))
        assert observer.snapshot.version == 2
        observer.publish()
        assert observer.snapshot.version == 2


async def test_streams_without_an_end_are_a_models_way_whichever_log_tells_of_them() -> None:
    observer = observer_of()
    async with publishing(observer):
        for _ in range(6):
            observer.logged(attempt(stream_end=StreamEnd.UNFINISHED))
        assert observer.snapshot.cooldowns == {}


async def test_what_changes_with_time_is_published_regularly(tmp_path: Path) -> None:
    time = SetClock(NOW)
    observer = observer_of(time=time)
    async with linked(observer, tmp_path) as (worker, _), publishing(observer):
        observer.logged(attempt(status=429, at=NOW, duration=0.0, retry_after=5.0))
        await until(lambda: worker.snapshot.version == 2)
        assert worker.snapshot.cooldowns[MINI].phase is Phase.COOLING
        time.now += 5
        await until(lambda: worker.snapshot.cooldowns[MINI].phase is Phase.PROBING)
        first = worker.snapshot.cooldowns[MINI].probe
        assert first is not None
        worker.tell(decision(candidates=(Ranked(MINI, cooldown="probe"),)))
        await until(lambda: worker.snapshot.cooldowns[MINI].probe is None)
        observer.logged(completion())
        await until(lambda: worker.snapshot.cooldowns[MINI].probe == first + 1)


@pytest.mark.parametrize("step", [-7200.0, 7200.0])
async def test_a_pause_does_not_change_when_the_clock_is_set(step: float) -> None:
    day, steady = SetClock(NOW), SetClock(NOW)
    observer = Observer(CONFIG, None, day, steady=steady)
    async with publishing(observer):
        observer.logged(attempt(status=429, at=NOW, duration=0.0, retry_after=60.0))
        day.now += step
        for clock in (day, steady):
            clock.now += 59
        observer.publish()
        cooldown = observer.snapshot.cooldowns[MINI]
        assert (cooldown.phase, cooldown.until) == (Phase.COOLING, day.now + 1)
        steady.now += 1
        observer.publish()
        assert observer.snapshot.cooldowns[MINI].phase is Phase.PROBING


async def test_a_failed_attempt_is_published_at_once_and_a_good_one_is_not() -> None:
    time = SetClock(NOW)
    observer = observer_of(replace(CONFIG, latencies=ObservedLatency(percentile=50)), time=time)
    async with publishing(observer):
        time.now += 5
        for number in range(1, 4):
            observer.logged(attempt(number, at=NOW, first_byte=0.25))
        assert observer.snapshot == Snapshot(version=1)
        observer.logged(attempt(status=429, retry_after=60.0))
        assert observer.snapshot.cooldowns[MINI].phase is Phase.COOLING
        assert observer.snapshot.latencies == {MINI: 0.25}
        assert observer.snapshot.latencies_at == NOW + 1.5


async def test_a_suspect_is_published_at_once(tmp_path: Path) -> None:
    observer = observer_of()
    async with linked(observer, tmp_path) as (first, second), publishing(observer):
        await until(lambda: second.snapshot.version == 1)
        first.tell(FailureNotice(LARGE))
        await until(lambda: LARGE in second.snapshot.cooldowns)
        assert second.snapshot.cooldowns[LARGE].phase is Phase.SUSPECTED
        assert second.snapshot.version == observer.snapshot.version == 2


async def test_how_long_answers_are_is_published(tmp_path: Path) -> None:
    observer = observer_of()
    async with linked(observer, tmp_path) as (first, second), publishing(observer):
        first.tell(decision())
        await until(lambda: len(observer.receipts) == 1)
        observer.logged(attempt())
        await until(lambda: second.snapshot.output_tokens == {"code": 200.0})


async def test_a_copy_is_told_of_and_teaches_nothing() -> None:
    observer = observer_of(replace(CONFIG, latencies=ObservedLatency()))
    observer.told(decision(shadow=MINI))
    for _ in range(5):
        observer.logged(attempt(0, MINI, 429, retry_after=60.0))
        observer.logged(attempt(0, MINI, first_byte=9.0))
    async with publishing(observer):
        observer.publish()
        assert observer.snapshot == Snapshot(version=1)
    (receipt,) = observer.receipts.all()
    assert (receipt.attempts, receipt.shadow is not None) == ((), True)
    told = observer.metrics.registry.get_sample_value
    labels = {"model_name": MINI, "status": "429"}
    assert told("dragoman_shadow_attempts_total", labels) == 5
    assert told("dragoman_attempts_total", labels) is None


async def test_prices_are_the_sources(tmp_path: Path) -> None:
    path = tmp_path / "prices.yaml"
    path.write_text(f"{MINI}: {{input_per_million: 1, output_per_million: 2}}\n")
    costs = CostSource(PriceFormat.OWN, path=str(path))
    latencies = LatencySource("http://127.0.0.1:9", "q")
    config = replace(CONFIG, costs=costs, latencies=latencies)
    observer = observer_of(config)
    async with refreshing(config, {}, observer.publish, clock=lambda: 77.0) as sources:
        observer.sources = sources
        await until(lambda: sources.costs.updated_at is not None)
        assert observer.snapshot == Snapshot()
        async with publishing(observer):
            assert observer.snapshot == Snapshot(
                version=1, prices={MINI: Price(1, 2)}, prices_at=77.0
            )
        assert observer.metrics.registry.get_sample_value(
            "dragoman_source_refreshes_total", {"source": "price", "outcome": "ok"}
        )


async def test_observed_latencies_stand_in_for_those_of_a_source() -> None:
    config = replace(CONFIG, latencies=ObservedLatency(percentile=50))
    time = SetClock(NOW)
    observer = observer_of(config, time=time)
    async with refreshing(config, {}, observer.publish) as sources:
        observer.sources = sources
        async with publishing(observer):
            time.now += 5
            for number in range(1, 4):
                observer.logged(attempt(number, at=NOW, first_byte=0.25))
            observer.publish()
            assert observer.snapshot == Snapshot(
                version=2, latencies={MINI: 0.25}, latencies_at=NOW + 1.5
            )


async def test_sessions_in_memory_follow_in_every_worker(tmp_path: Path) -> None:
    observer = observer_of()
    async with linked(observer, tmp_path) as (first, second):
        heard: list[PinNotice] = []
        first.hear_pin = second.hear_pin = heard.append
        first.tell(decision(session_id="ours", session_key="tenant:ours"))
        await until(lambda: len(observer.receipts) == 1)
        observer.logged(attempt(1, MINI, 503))
        observer.logged(attempt(2, CLAUDE))
        await until(lambda: len(heard) == 2)
        assert heard == [PinNotice("tenant:ours", CLAUDE, "code")] * 2


async def test_sessions_in_a_store_follow_there(tmp_path: Path) -> None:
    pins = MemoryPins(ttl=600, max_entries=10)
    observer = observer_of(pins=pins)
    async with linked(observer, tmp_path) as (first, second):
        heard: list[PinNotice] = []
        first.hear_pin = second.hear_pin = heard.append
        first.tell(decision(session_id="ours", session_key="tenant:ours"))
        await until(lambda: len(observer.receipts) == 1)
        observer.logged(attempt(2, CLAUDE))
        assert pins.known("tenant:ours") == Pin(CLAUDE, "code")
        first.tell(WorkerStats({}, 0))
        await until(lambda: bool(observer.link.stats))
        assert heard == []


async def test_receipts_and_metrics_are_of_all_that_is_heard(tmp_path: Path) -> None:
    observer = observer_of()
    async with linked(observer, tmp_path) as (first, second):
        observer.logged(attempt(1, MINI, 503))
        first.tell(decision())
        second.tell(decision("another request", "another trace"))
        await until(lambda: len(observer.receipts) == 2)
        observer.logged(attempt(2, LARGE))
        observer.logged(completion(2, LARGE))
    (receipt,) = observer.receipts.find(TRACE)
    assert receipt.decision.request_id == REQUEST
    assert [told.attempt.status for told in receipt.attempts] == [503, 200]
    assert receipt.completion is not None
    samples = {
        (sample.name, sample.labels.get("model_name")): sample.value
        for metric in observer.metrics.registry.collect()
        for sample in metric.samples
    }
    assert samples["dragoman_attempts_total", MINI] == 1
    assert samples["dragoman_attempts_total", LARGE] == 1


async def test_consumers_are_told_of_requests_that_have_ended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Sequence[Receipt]) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("extproc.observer.observer._PERIOD", 0.01)
    heard: list[Receipt] = []
    observer = observer_of(consumers=(broken, heard.extend))
    async with linked(observer, tmp_path) as (first, _):
        telling = asyncio.create_task(observer.hand_on_regularly())
        first.tell(decision())
        first.tell(decision("under way"))
        await until(lambda: len(observer.receipts) == 2)
        observer.logged(attempt(1, MINI))
        assert heard == []
        observer.logged(completion(1, MINI))
        await until(lambda: len(heard) == 1)
        observer.logged(completion(1, MINI, request_id="under way"))
        await asyncio.sleep(0.05)
        assert len(heard) == 1
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling
    assert [receipt.decision.request_id for receipt in heard] == [REQUEST, "under way"]
    errors = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert errors == ["what became of 1 requests is lost to a consumer"] * 2


async def test_metrics_add_up_what_the_workers_have_counted(tmp_path: Path) -> None:
    observer = observer_of()
    async with linked(observer, tmp_path) as (first, second), publishing(observer):
        first.tell(WorkerStats({"hits": 1, "misses": 2}, 1))
        first.tell(WorkerStats({"hits": 3, "misses": 2}, 4))
        second.tell(WorkerStats({"hits": 10, "timeouts": 1}, 0, store_reachable=False))
        await until(lambda: observer.link.stats.get(0) == WorkerStats({"hits": 3, "misses": 2}, 4))
        await until(lambda: 1 in observer.link.stats)
        value = observer.metrics.registry.get_sample_value
        found = {
            outcome: value("dragoman_affinity_total", {"outcome": outcome})
            for outcome in ("hits", "misses", "timeouts")
        }
        assert found == {"hits": 13, "misses": 2, "timeouts": 1}
        assert value("dragoman_dropped_records_total") == 4
        assert value("dragoman_affinity_workers_without_store") == 1
        assert value("dragoman_prices_held_back_total") == 0
        assert value("dragoman_snapshot_version") == 1


async def test_what_cannot_be_learned_from_does_not_cut_the_link(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer = observer_of()
    learned = observer.metrics.decided

    def learn(record: DecisionRecord) -> None:
        if record.request_id == "bad one":
            raise ValueError
        learned(record)

    monkeypatch.setattr(observer.metrics, "decided", learn)
    async with linked(observer, tmp_path) as (first, _):
        first.tell(decision("bad one"))
        first.tell(decision("good one"))
        await until(lambda: bool(observer.receipts.find("good one")))
        assert list(observer.link.workers) == [0, 1]
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.getMessage() for record in errors] == [
        "what a worker told could not be learned from"
    ]


async def test_what_clients_have_said_is_for_spans_alone() -> None:
    """Receipts are shown, and written to files."""
    said: list[tuple[str, str]] = []
    for prompted in (lambda *told: said.append(told), None):
        finished: list[Receipt] = []
        observer = Observer(CONFIG, None, consumers=[finished.extend], prompted=prompted)
        span = RequestSpan("a1b2c3d4e5f60718", prompt="a secret of mine")
        observer.told(decision(span=span))
        observer.logged(attempt())
        observer.logged(completion())
        observer.hand_on()
        (receipt,) = finished
        assert receipt.decision.span == replace(span, prompt=None)
        assert "a secret of mine" not in repr(observer.receipts.latest(1))
    assert said == [(receipt.decision.request_id, "a secret of mine")]


def test_who_is_turned_away_is_counted_once_and_spent_nothing(tmp_path: Path) -> None:
    """Only some of many leave receipts, so whoever counts hears of none."""
    told: list[Receipt] = []
    undecided: list[Receipt] = []
    clock = SetClock(NOW)
    ledger = LedgerSettings(str(tmp_path / "ledger.db"))
    config = replace(CONFIG, ledger=ledger)
    observer = Observer(
        config, None, clock, steady=clock, consumers=[told.extend], of_undecided=[undecided.extend]
    )
    for number in range(100):
        observer.logged(turned_away(f"request {number}"))
    observer.hand_on()
    observer.hand_on(stragglers=True)
    assert told == []
    assert [receipt.decision.request_id for receipt in undecided] == [
        f"request {number}" for number in range(10)
    ]
    value = observer.metrics.registry.get_sample_value
    labels = {"route": "none", "status": "401", "dialect": "chat"}
    assert value("dragoman_requests_total", labels) == 100
    assert value("dragoman_requests_without_receipt_total") == 90
    page = generate_latest(observer.metrics.registry).decode()
    assert "dragoman_decisions_total{" not in page
    assert "gen_ai_client_operation_duration_seconds_count{" not in page
    assert list(observer.costs.since(0)) == []
    assert observer.ledger is not None
    assert observer.ledger._waiting == []
