"""The observer: everything that it hears comes together here, and snapshots go out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from msgspec import structs

from extproc.affinity import Origins, Pin, Pins
from extproc.core.config import Config
from extproc.core.config_json import fingerprint
from extproc.core.guards import GuardReport
from extproc.core.records import Attempt, Completion, DecisionRecord
from extproc.ledger.writer import LedgerWriter
from extproc.link.messages import FailureNotice, OriginNotice, PinNotice
from extproc.link.observer_end import ObserverEnd
from extproc.observer.clock import Clock
from extproc.observer.knowledge import known
from extproc.observer.learner import Learner
from extproc.observer.legacy import Legacy
from extproc.observer.terminators import Terminators
from extproc.ranking.snapshot import Snapshot
from extproc.sources import Sources
from extproc.telemetry.activity import Activity
from extproc.telemetry.cost_book import CostBook
from extproc.telemetry.counterfactuals import Counterfactuals
from extproc.telemetry.gen_ai_metrics import GenAiMetrics
from extproc.telemetry.labels import Labels
from extproc.telemetry.metrics import Metrics
from extproc.telemetry.receipt import Receipt, ReceiptConsumer
from extproc.telemetry.receipts import Receipts
from extproc.telemetry.state import State

__all__ = ["Observer"]

_log = logging.getLogger(__name__)

_PERIOD = 0.2
"""Seconds after which what is known is looked at anew."""
_PROBES_PER_SECOND = 1000
"""No observer offers more, so that the next one, which begins with the time of day, takes no number
twice."""


class Observer:
    """Learns, remembers, counts, and tells the workers what is known of the models.

    ``snapshot`` is what they were told last.
    """

    def __init__(
        self,
        config: Config,
        pins: Pins | None,
        now: Callable[[], float] = time.time,
        origins: Origins | None = None,
        steady: Callable[[], float] = time.monotonic,
        consumers: Sequence[ReceiptConsumer] = (),
        prompted: Callable[[str, str], None] | None = None,
        of_undecided: Sequence[ReceiptConsumer] = (),
    ) -> None:
        """
        Args:
            config: the configuration.
            pins: where sessions are kept, unless that is in the workers' memory.
            now: the time, in seconds since the epoch.
            origins: where it is kept who has made what, unless that is in the workers' memory.
            steady: a clock that nobody sets, in seconds.
            consumers: are told of every request that has ended.
            prompted: is told by a request's id what its client has said, where that is recorded.
                Nothing else keeps it: not receipts, nor what is written to files.
            of_undecided: are told of requests that ended before they were decided, of many that are
                alike only of some: none of them may count them.
        """
        self._prompted = prompted
        self.snapshot = Snapshot()
        self.sources: Sources | None = None
        self.link = ObserverEnd(self.told, config.sessions.max_entries, config.sessions.ttl)
        self.receipts = Receipts(config.admin.kept_decisions, lambda: self.snapshot, clock=steady)
        self.metrics = Metrics(config, self._state, now)
        self.activity = Activity(config, now)
        counterfactuals = Counterfactuals(config, lambda: self.snapshot)
        self.costs = CostBook(Labels(config), counterfactuals)
        self.ledger = LedgerWriter(config.ledger, counterfactuals) if config.ledger else None
        writing = () if self.ledger is None else (self.ledger.take,)
        gen_ai = GenAiMetrics(config, self.metrics.registry)
        self._consumers = (self.metrics.ended, self.costs.add, gen_ai.add, *writing, *consumers)
        self._of_undecided = tuple(of_undecided)
        self._config = fingerprint(config)
        self._pins = pins
        self._origins = origins
        self._clock = Clock(now, steady)
        self._terminators = Terminators()
        self._publishing = False
        self._learner = Learner(
            config, self._follow, self._remember, first_probe=round(now() * _PROBES_PER_SECOND)
        )

    async def publish_regularly(self) -> None:
        """From now on publish what has changed, until cancelled."""
        self._publishing = True
        while True:
            self.publish()
            await asyncio.sleep(_PERIOD)

    async def hand_on_regularly(self) -> None:
        """Tell the consumers of requests that end until cancelled, then of all that have ended."""
        try:
            while True:
                await asyncio.sleep(_PERIOD)
                self.hand_on()
        finally:
            self.hand_on(stragglers=True)

    def hand_on(self, *, stragglers: bool = False) -> None:
        """Tell the consumers of the requests that have ended since they were told last.

        This is where whoever wants to know of finished requests hears of them.

        Args:
            stragglers: tell also of those of which an attempt may be heard yet.
        """
        _tell(self._consumers, self.receipts.take_finished(stragglers=stragglers))
        _tell(self._of_undecided, self.receipts.take_undecided(stragglers=stragglers))

    def publish(self) -> None:
        """Tell the workers what is known now, if it is not what they were told last.

        Before ``publish_regularly`` they are told nothing: less would be known than they know.
        """
        if not self._publishing:
            return
        now = self._clock.now()
        self._learner.tick(now)
        current = self._known(now)
        if current != self.snapshot or current.version == 0:
            self.snapshot = replace(current, version=current.version + 1)
            self.link.publish(self.snapshot)

    def legacy(self) -> Legacy:
        """All that the observer of the next configuration is left."""
        return Legacy(
            self._learner.learned(),
            self.receipts.all(),
            tuple(self.link.known()),
            tuple(self.costs.since(0)),
        )

    def inherit(self, legacy: Legacy) -> None:
        """Go on where another observer ended."""
        self._learner.inherit(legacy.learned)
        self.receipts.inherit(legacy.receipts)
        self.costs.inherit(legacy.costs)
        for receipt in legacy.receipts:
            if not receipt.decided:
                continue
            self.activity.decided(receipt.decision)
            for entry in receipt.attempts:
                self.activity.attempted(entry.attempt)
        for notice in legacy.notices:
            if isinstance(notice, OriginNotice):
                self.link.origin(notice)
            else:
                self.link.pin(notice)

    def told(self, message: DecisionRecord | FailureNotice | GuardReport) -> None:
        """A worker tells of a decision, of what guards have said, or that it has seen an attempt
        fail."""
        if isinstance(message, GuardReport):
            self.receipts.guarded(message)
            self.metrics.guarded(message)
            return
        if isinstance(message, FailureNotice):
            self._learner.suspected(message.model, self._clock.now())
            self.publish()
            return
        message = self._without_prompt(message)
        self.receipts.decided(message)
        self.metrics.decided(message)
        self.activity.decided(message)
        self._learner.decided(message, self._clock.now())

    def _without_prompt(self, record: DecisionRecord) -> DecisionRecord:
        span = record.span
        if span is None or span.prompt is None:
            return record
        if self._prompted is not None:
            self._prompted(record.request_id, span.prompt)
        return structs.replace(record, span=replace(span, prompt=None))

    def logged(self, event: Attempt | Completion) -> None:
        """Envoy's access log tells of an attempt or of the end of a request."""
        if isinstance(event, Completion):
            self.receipts.completed(event)
            self.metrics.completed(event)
            self._learner.completed(event.request_id, self._clock.now())
            return
        # Each of Envoy's threads has a log of its own, and models serve all of them.
        attempt = self._terminators.judged(event)
        if attempt.is_shadow:
            self.metrics.shadowed(self.receipts.attempted(attempt))
            return
        self.metrics.attempted(self.receipts.attempted(attempt))
        self.activity.attempted(attempt)
        began = self._clock.heard(attempt.at + attempt.duration) - attempt.duration
        self._learner.attempted(attempt, began)
        if not attempt.succeeded:
            self.publish()

    def _known(self, now: float) -> Snapshot:
        return known(self._learner, self.sources, self._clock, now, self.snapshot.version)

    def _follow(self, notice: PinNotice) -> None:
        if self._pins is not None:
            self._pins.keep(notice.key, Pin(notice.model, notice.route))
        else:
            self.link.pin(notice)

    def _remember(self, notice: OriginNotice) -> None:
        if self._origins is not None:
            self._origins.learn(notice.made, Pin(notice.model, notice.route))
        else:
            self.link.origin(notice)

    def _state(self) -> State:
        told = self.link.stats.values()
        return State(
            snapshot=self.snapshot,
            config=self._config,
            refreshes=_refreshes(self.sources) if self.sources else {},
            affinity=sum((Counter(stats.sessions) for stats in told), Counter[str]()),
            counters=sum((Counter(stats.counters) for stats in told), Counter[str]()),
            without_receipt=self.receipts.passed_over,
            dropped_records=sum(stats.dropped for stats in told),
            workers_without_store=sum(not stats.store_reachable for stats in told),
            ledger_lost=0 if self.ledger is None else self.ledger.lost,
            prices_held_back=self.sources.costs.held_back if self.sources else 0,
        )


def _tell(consumers: Sequence[ReceiptConsumer], receipts: Sequence[Receipt]) -> None:
    for consume in consumers if receipts else ():
        try:
            consume(receipts)
        except Exception:  # noqa: BLE001 - one consumer must not keep the others from it
            _log.exception("what became of %d requests is lost to a consumer", len(receipts))


def _refreshes(sources: Sources) -> dict[tuple[str, str], int]:
    return {
        (refresh.kind, outcome): count
        for refresh in sources.refreshes
        for outcome, count in refresh.outcomes.items()
    }
