"""The observer: everything that it hears comes together here, and snapshots go out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from extproc.affinity import Pin, Pins
from extproc.config.values import Config
from extproc.link.messages import FailureNotice, PinNotice
from extproc.link.observer_end import ObserverEnd
from extproc.observer.learning import Learner
from extproc.ranking.snapshot import Snapshot
from extproc.ranking.sources import Sources
from extproc.records import Attempt, Completion, DecisionRecord
from extproc.telemetry.metrics import Metrics
from extproc.telemetry.receipts import Receipts

__all__ = ["Observer"]

_PERIOD = 0.2
"""Seconds after which what is known is looked at anew."""


class Observer:
    """Learns, remembers, counts, and tells the workers what is known of the models."""

    def __init__(
        self,
        config: Config,
        sources: Sources,
        receipts: Receipts,
        metrics: Metrics,
        pins: Pins | None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            config: the configuration.
            sources: the prices and latencies that are fetched.
            receipts: what is remembered of requests.
            metrics: what is counted.
            pins: where sessions are pinned, if that is not in the workers' memory.
            now: the time, in seconds since the epoch.
        """
        self.snapshot = Snapshot()
        self.link = ObserverEnd(self._told)
        self._sources = sources
        self._receipts = receipts
        self._metrics = metrics
        self._pins = pins
        self._now = now
        self._learner = Learner(config, self._follow)

    async def publish_regularly(self) -> None:
        """Let time pass and publish what has changed, until cancelled."""
        while True:
            self.publish()
            await asyncio.sleep(_PERIOD)

    def publish(self) -> None:
        """Tell the workers what is known now, if it is not what they were told last."""
        now = self._now()
        self._learner.tick(now, self.link.workers)
        observed = self._learner.latencies(now)
        known = Snapshot(
            version=self.snapshot.version,
            prices=self._sources.prices,
            prices_at=self._sources.prices_at,
            latencies=self._sources.latencies if observed is None else observed,
            latencies_at=self._sources.latencies_at if observed is None else now,
            cooldowns=self._learner.cooldowns(),
            output_tokens=self._learner.output_tokens(),
        )
        if known != self.snapshot or known.version == 0:
            self.snapshot = replace(known, version=known.version + 1)
            self.link.publish(self.snapshot)

    def logged(self, event: Attempt | Completion) -> None:
        """Envoy's access log tells of an attempt or of the end of a request."""
        if isinstance(event, Completion):
            self._receipts.completed(event)
            self._metrics.completed(event)
            return
        self._receipts.attempted(event)
        self._metrics.attempted(event)
        self._learner.attempted(event)
        if not event.succeeded:
            self.publish()

    def _told(self, message: DecisionRecord | FailureNotice) -> None:
        if isinstance(message, FailureNotice):
            self._learner.suspected(message.model, self._now())
            self.publish()
            return
        self._receipts.decided(message)
        self._metrics.decided(message)
        self._learner.decided(message)

    def _follow(self, notice: PinNotice) -> None:
        if self._pins is not None:
            self._pins.keep(notice.key, Pin(notice.model, notice.route))
        else:
            self.link.pin(notice)
