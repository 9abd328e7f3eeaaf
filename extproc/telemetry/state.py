"""What is read when somebody scrapes: the snapshot, its age, and counts that others keep."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from extproc.ranking.snapshot import Snapshot
from extproc.telemetry.labels import Labels

__all__ = ["State", "StateCollector"]


@dataclass(frozen=True, slots=True)
class State:
    """The observer's state at one moment. ``config`` is the fingerprint of its configuration.

    ``refreshes`` counts reads of a source by its kind (``price``, ``latency``) and outcome
    (``ok``, or why it failed). ``affinity`` counts what the store of sessions did, by outcome, and
    ``counters`` what the store of counters did.
    ``dropped_records`` is how many records the workers could not hand over,
    ``workers_without_store`` how many of them do not reach the shared store of sessions now.
    ``without_receipt`` counts requests that ended undecided and left no receipt, for there were
    many that were alike.
    ``ledger_lost`` counts requests that could not be written down.
    ``prices_held_back`` counts prices that had to wait for a second refresh to confirm them.
    """

    snapshot: Snapshot = field(default_factory=Snapshot)
    config: str = ""
    refreshes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    affinity: Mapping[str, int] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    dropped_records: int = 0
    without_receipt: int = 0
    workers_without_store: int = 0
    prices_held_back: int = 0
    ledger_lost: int = 0


class StateCollector(Collector):
    """Turns the state into metrics at each scrape."""

    def __init__(
        self, state: Callable[[], State], labels: Labels, clock: Callable[[], float] = time.time
    ) -> None:
        """Read nothing yet.

        Args:
            state: the state of the moment.
            labels: what models are called.
            clock: seconds since the epoch.
        """
        self._state = state
        self._labels = labels
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """The metrics of the moment."""
        state = self._state()
        yield GaugeMetricFamily(
            "dragoman_snapshot_version",
            "Version of what is known of the models.",
            value=state.snapshot.version,
        )
        yield InfoMetricFamily(
            "dragoman_config",
            "The configuration that runs, by its fingerprint, which receipts have, too.",
            {"hash": state.config},
        )
        yield self._ages(state.snapshot)
        yield self._cooldowns(state.snapshot)
        yield _refreshes(state)
        yield CounterMetricFamily(
            "dragoman_prices_held_back",
            "Prices that jumped, and waited for the next refresh to confirm them.",
            value=state.prices_held_back,
        )
        yield CounterMetricFamily(
            "dragoman_ledger_lost",
            "Requests that could not be written down in the ledger.",
            value=state.ledger_lost,
        )
        affinity = CounterMetricFamily(
            "dragoman_affinity", "Look-ups and changes of sessions.", labels=["outcome"]
        )
        for outcome, count in state.affinity.items():
            affinity.add_metric([outcome], count)
        yield affinity
        counters = CounterMetricFamily(
            "dragoman_counter_store",
            "What the store of limits and budgets failed at, by outcome.",
            labels=["outcome"],
        )
        for outcome, count in state.counters.items():
            counters.add_metric([outcome], count)
        yield counters
        yield GaugeMetricFamily(
            "dragoman_affinity_workers_without_store",
            "Workers that do not reach the shared store of sessions at the moment.",
            value=state.workers_without_store,
        )
        yield CounterMetricFamily(
            "dragoman_dropped_records",
            "Decision records that never reached the observer: receipts and metrics lack them.",
            value=state.dropped_records,
        )
        yield CounterMetricFamily(
            "dragoman_requests_without_receipt",
            "Requests that ended before they were decided, of which there were too many alike for "
            "each to leave a receipt.",
            value=state.without_receipt,
        )

    def _ages(self, snapshot: Snapshot) -> Metric:
        ages = GaugeMetricFamily(
            "dragoman_source_age_seconds",
            "Since the source last gave data; absent as long as it gave none.",
            labels=["source"],
        )
        now = self._clock()
        for source, at in (("price", snapshot.prices_at), ("latency", snapshot.latencies_at)):
            if at is not None:
                ages.add_metric([source], max(0.0, now - at))
        return ages

    def _cooldowns(self, snapshot: Snapshot) -> Metric:
        cooldowns = GaugeMetricFamily(
            "dragoman_cooldowns",
            "Models that are set back after failures, by how far they have recovered.",
            labels=["model_name", "phase"],
        )
        counts = Counter(
            (self._labels.model(name), cooldown.phase.value)
            for name, cooldown in snapshot.cooldowns.items()
        )
        for (model, phase), count in counts.items():
            cooldowns.add_metric([model, phase], count)
        return cooldowns


def _refreshes(state: State) -> Metric:
    refreshes = CounterMetricFamily(
        "dragoman_source_refreshes",
        "Reads of the sources of prices and latencies.",
        labels=["source", "outcome"],
    )
    for (source, outcome), count in state.refreshes.items():
        refreshes.add_metric([source, outcome], count)
    return refreshes
