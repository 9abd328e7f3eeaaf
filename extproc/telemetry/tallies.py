"""Counts and histograms for Prometheus that cost next to nothing to add to.

prometheus-client's own take a lock, and look up their labels as text, at every call: of what a
request costs the observer that was a third. These are told in one thread, and become families of
metrics when somebody scrapes.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

__all__ = ["Count", "Histogram", "Tallies"]


class Count:
    """How often, or how much, by labels."""

    __slots__ = ("_help", "_labels", "_name", "_values")

    def __init__(self, name: str, help_text: str, labels: Sequence[str]) -> None:
        self._name = name
        self._help = help_text
        self._labels = labels
        self._values: dict[tuple[str, ...], float] = {}

    def add(self, *labels: str, amount: float = 1) -> None:
        """Add to what was counted under these labels' values, which are in the labels' order."""
        self._values[labels] = self._values.get(labels, 0) + amount

    def family(self) -> Metric:
        """What was counted."""
        family = CounterMetricFamily(self._name, self._help, labels=self._labels)
        for labels, value in self._values.items():
            family.add_metric(labels, value)
        return family


class Histogram:
    """How often something was how much, by labels."""

    __slots__ = ("_bounds", "_counts", "_help", "_labels", "_name", "_sums")

    def __init__(
        self, name: str, help_text: str, bounds: Sequence[float], labels: Sequence[str]
    ) -> None:
        self._name = name
        self._help = help_text
        self._bounds = bounds
        self._labels = labels
        self._counts: dict[tuple[str, ...], list[int]] = {}
        self._sums: dict[tuple[str, ...], float] = {}
        if not labels:
            self._begin(())

    def add(self, amount: float, *labels: str) -> None:
        """Count one under these labels' values."""
        counts = self._counts.get(labels)
        if counts is None:
            counts = self._begin(labels)
        counts[bisect_left(self._bounds, amount)] += 1
        self._sums[labels] += amount

    def _begin(self, labels: tuple[str, ...]) -> list[int]:
        self._sums[labels] = 0.0
        counts = self._counts[labels] = [0] * (len(self._bounds) + 1)
        return counts

    def family(self) -> Metric:
        """What was counted."""
        family = HistogramMetricFamily(self._name, self._help, labels=self._labels)
        bounds = [*map(floatToGoString, self._bounds), "+Inf"]
        for labels, counts in self._counts.items():
            buckets = [*zip(bounds, itertools.accumulate(counts), strict=True)]
            family.add_metric(labels, buckets, self._sums[labels])
        return family


class Tallies(Collector):
    """All that is counted, for a registry."""

    def __init__(self, prefix: str) -> None:
        """Nothing is counted yet; ``prefix`` is what all names begin with."""
        self._prefix = prefix
        self._tallies: list[Count | Histogram] = []

    def count(self, name: str, help_text: str, *labels: str) -> Count:
        """A new count.

        Args:
            name: of the metric, without the prefix and ``_total``.
            help_text: what it says.
            labels: their names.
        """
        tally = Count(self._prefix + name, help_text, labels)
        self._tallies.append(tally)
        return tally

    def histogram(
        self, name: str, help_text: str, bounds: Sequence[float], *labels: str
    ) -> Histogram:
        """A new histogram.

        Args:
            name: of the metric, without the prefix.
            help_text: what it says.
            bounds: the upper ends of its buckets, in ascending order.
            labels: their names.
        """
        tally = Histogram(self._prefix + name, help_text, bounds, labels)
        self._tallies.append(tally)
        return tally

    def collect(self) -> Iterator[Metric]:
        """The metrics of the moment."""
        return (tally.family() for tally in self._tallies)
