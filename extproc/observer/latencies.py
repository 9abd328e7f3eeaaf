"""Latencies as they were measured here: a percentile of each model's over a sliding window."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from extproc.core.records import Attempt
from extproc.core.sources import LatencyMeasure, ObservedLatency

__all__ = ["VALUED_EVERY", "Observed", "ObservedLatencies", "measured", "nearest_rank"]

VALUED_EVERY: Final = 0.5
"""Seconds for which percentiles stay good: to sort thousands of samples takes a while."""

_MOST_SAMPLES: Final = 1000
_MOST_MODELS: Final = 1000
_FEWEST_SAMPLES: Final = 3
"""A single attempt may have met a cold connection; three in the window agree on something."""


def measured(attempt: Attempt, measure: LatencyMeasure) -> float | None:
    """What an attempt says of its model's latency, in seconds; None if nothing.

    Only successful attempts count: an error that comes at once would make its model the fastest.
    """
    if not attempt.succeeded:
        return None
    return attempt.first_byte if measure is LatencyMeasure.FIRST_BYTE else attempt.duration


def nearest_rank(ordered: Sequence[float], percentile: float) -> float:
    """The smallest value that at least ``percentile`` percent of the values do not exceed.

    Args:
        ordered: at least one value, in ascending order.
        percentile: above 0, at most 100.
    """
    # Rounded first: 95 percent of 20 must not be 19.000000000000004.
    rank = math.ceil(round(percentile * len(ordered) / 100, 9))
    return ordered[max(rank, 1) - 1]


class ObservedLatencies:
    """The latest latencies of each model, and the percentile that ranks it.

    It knows no clock: every call says what time it is. Memory is bounded: of each model the latest
    ``most_samples`` count, and when there are too many models, the one that was silent for longest
    is forgotten. A model with fewer than ``fewest_samples`` in the window has no latency.
    """

    def __init__(
        self,
        settings: ObservedLatency,
        *,
        fewest_samples: int = _FEWEST_SAMPLES,
        most_samples: int = _MOST_SAMPLES,
        most_models: int = _MOST_MODELS,
    ) -> None:
        self._settings = settings
        self._fewest_samples = fewest_samples
        self._most_samples = most_samples
        self._most_models = most_models
        # In the order of their latest samples.
        self._samples: dict[str, deque[tuple[float, float]]] = {}

    def add(self, model: str, value: float, at: float) -> None:
        """Count one latency.

        Args:
            model: the model's name.
            value: in seconds.
            at: when it was measured, in seconds of any steady clock.

        Raises:
            ValueError: the value is negative or not finite.
        """
        if not (math.isfinite(value) and value >= 0):
            raise ValueError(f"no latency: {value}")
        samples = self._samples.pop(model, None) or deque(maxlen=self._most_samples)
        samples.append((at, value))
        self._samples[model] = samples
        if len(self._samples) > self._most_models:
            del self._samples[next(iter(self._samples))]

    def samples(self) -> Mapping[str, tuple[tuple[float, float], ...]]:
        """Each model's samples: when it was, and the value."""
        return {model: tuple(samples) for model, samples in self._samples.items()}

    def inherit(self, samples: Mapping[str, tuple[tuple[float, float], ...]]) -> None:
        """Go on from what another one has measured."""
        for model, earlier in samples.items():
            own = self._samples.get(model, ())
            self._samples[model] = deque((*earlier, *own), maxlen=self._most_samples)

    def values(self, now: float) -> Mapping[str, float]:
        """The percentile of every model that has enough samples in the window, in seconds."""
        since = now - self._settings.window
        found: dict[str, float] = {}
        for model, samples in [*self._samples.items()]:
            # Log entries come in batches: the samples' order is not quite that of their times.
            recent = sorted(value for at, value in samples if at > since)
            if not recent:
                del self._samples[model]
            elif len(recent) >= self._fewest_samples:
                found[model] = nearest_rank(recent, self._settings.percentile)
        return found


class Observed:
    """Latencies as Envoy measures them, and when it did so last."""

    def __init__(self, settings: ObservedLatency) -> None:
        self._latencies = ObservedLatencies(settings)
        self._measure = settings.measure
        self._measured_at: float | None = None
        self._values: Mapping[str, float] = {}
        self._valued_at = -math.inf

    def attempted(self, attempt: Attempt, began: float) -> None:
        """Learn from an attempt that began then, by a clock that nobody sets."""
        value = measured(attempt, self._measure)
        if value is not None:
            self._measured_at = began + attempt.duration
            self._latencies.add(attempt.model, value, self._measured_at)

    def samples(self) -> Mapping[str, tuple[tuple[float, float], ...]]:
        """Each model's samples: when it was, and the value."""
        return self._latencies.samples()

    def inherit(self, samples: Mapping[str, tuple[tuple[float, float], ...]]) -> None:
        """Go on from what another one has measured."""
        self._latencies.inherit(samples)
        times = [at for each in samples.values() for at, _ in each]
        self._measured_at = max((self._measured_at or 0.0, *times)) or None

    def current(self, now: float) -> tuple[Mapping[str, float], float | None]:
        """The latency of each model of which enough is known at this time, and when the last one
        was measured."""
        if now - self._valued_at >= VALUED_EVERY:
            self._values, self._valued_at = self._latencies.values(now), now
        return self._values, self._measured_at
