"""Where budgets stand, for Prometheus. Those of tenants are told by their limits alone: clients
name tenants, and a metric must not have as many labels as they please."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from extproc.core.budgets import DOLLAR, Budget
from extproc.quotas import Counters, StoreError
from extproc.quotas.standing import Standing, standing

__all__ = ["BudgetMetrics"]

_PERIOD: Final = 5.0


class BudgetMetrics(Collector):
    """Gauges of budgets. ``known`` is what their store last told of them."""

    def __init__(
        self,
        budgets: Sequence[Budget],
        counters: Counters,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            budgets: the configuration's.
            counters: where they are counted.
            clock: the time, in seconds since the epoch.
        """
        self._budgets = budgets
        self._counters = counters
        self._clock = clock
        self.known: Sequence[Standing] = ()

    async def refresh(self) -> None:
        """Read where budgets stand; what a store that does not answer said last is no longer true
        enough to be told."""
        try:
            self.known = await standing(self._budgets, self._counters, self._clock(), tenants=False)
        except StoreError:
            self.known = ()

    async def refresh_regularly(self) -> None:
        """Read until cancelled."""
        while True:
            await self.refresh()
            await asyncio.sleep(_PERIOD)

    def collect(self) -> Iterator[Metric]:
        """The metrics of the moment."""
        limit = _gauge("limit", "What a budget has in each day or month, in US dollars.")
        for budget in self._budgets:
            limit.add_metric([budget.name], budget.amount / DOLLAR)
        spent = _gauge("spent", "What is spent of a budget, in US dollars.")
        reserved = _gauge(
            "reserved", "What is set aside of a budget for requests under way, in US dollars."
        )
        for each in self.known:
            spent.add_metric([each.budget.name], each.spent / DOLLAR)
            reserved.add_metric([each.budget.name], each.reserved / DOLLAR)
        yield from (limit, spent, reserved)


def _gauge(what: str, words: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"dragoman_budget_{what}_usd", words, labels=["budget"])
