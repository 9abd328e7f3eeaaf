"""How long models take at most, nearly always: after which time hedging asks another one.

An attempt that was given up because another one of its request answered first would have taken
longer than it was waited for. It counts with that time where this is above what the model is known
to take, so that giving up slow attempts does not make their model seem faster.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, TypeAlias

from extproc.core.records import Attempt
from extproc.core.sources import ObservedLatency
from extproc.observer.latencies import VALUED_EVERY, ObservedLatencies
from extproc.ranking.snapshot import Tail

__all__ = ["Samples", "Tails"]

Samples: TypeAlias = Mapping[str, tuple[tuple[float, float], ...]]

_SETTINGS: Final = ObservedLatency(percentile=95.0, window=900.0)
_FEWEST_SAMPLES: Final = 20
"""Of fewer, one is more than a twentieth."""


class Tails:
    """The latest times of each model, those of streams and those of whole answers apart."""

    def __init__(self) -> None:
        self._streams = ObservedLatencies(_SETTINGS, fewest_samples=_FEWEST_SAMPLES)
        self._whole = ObservedLatencies(_SETTINGS, fewest_samples=_FEWEST_SAMPLES)
        self._values: Mapping[str, Tail] = {}
        self._valued_at = -math.inf

    def attempted(self, attempt: Attempt, began: float) -> None:
        """Learn from an attempt that began then, by a clock that nobody sets."""
        value = self._time(attempt)
        if value is not None:
            times = self._streams if attempt.streamed else self._whole
            times.add(attempt.model, value, began + attempt.duration)

    def _time(self, attempt: Attempt) -> float | None:
        if not attempt.lost:
            return attempt.shown_after if attempt.succeeded else None
        known = self._values.get(attempt.model, Tail())
        tail = known.stream if attempt.streamed else known.whole
        return attempt.duration if tail is not None and attempt.duration >= tail else None

    def current(self, now: float) -> Mapping[str, Tail]:
        """What is known at this time of the models of which enough is."""
        if now - self._valued_at >= VALUED_EVERY:
            streams, whole = self._streams.values(now), self._whole.values(now)
            self._values = {
                model: Tail(streams.get(model), whole.get(model)) for model in {**streams, **whole}
            }
            self._valued_at = now
        return self._values

    def samples(self) -> tuple[Samples, Samples]:
        """Those of streams, and those of whole answers."""
        return self._streams.samples(), self._whole.samples()

    def inherit(self, streams: Samples, whole: Samples) -> None:
        """Go on from what another one has measured."""
        self._streams.inherit(streams)
        self._whole.inherit(whole)
