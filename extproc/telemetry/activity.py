"""How models and routes did lately, minute by minute: what a console shows of them.

Metrics count since the start, receipts tell of the latest requests alone. In between, this tells of
an hour, in memory that depends on how many models and routes there are, not on traffic.
"""

from __future__ import annotations

import math
import time
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from extproc.core.config import Config
from extproc.core.outcomes import Blame
from extproc.core.records import Attempt, DecisionRecord
from extproc.telemetry.labels import Labels

__all__ = ["MINUTES", "SCORE_BINS", "Activity", "Durations", "ModelCounts", "RouteCounts"]

MINUTES: Final = 60
"""For how long it is remembered."""
SCORE_BINS: Final = 20
"""Of a score from 0 to 1; below 0 is counted as 0."""

_MINUTE: Final = 60
_AHEAD: Final = 1
"""Minutes by which the clocks of others may be before ours."""
_SHORTEST: Final = 0.001
_STEP: Final = math.log(1.15)
_BUCKETS: Final = 96
"""From a millisecond to eleven minutes, each 15 % wider than the one before."""
_NOT_THE_MODELS: Final = frozenset({Blame.NONE, Blame.IF_LATE})


@dataclass(frozen=True, slots=True)
class Durations:
    """How often something took how long; known to within 8 %."""

    counts: array[int] = field(default_factory=lambda: array("L", [0]) * _BUCKETS)

    def add(self, seconds: float) -> None:
        """Count one more."""
        bucket = math.log(max(seconds, _SHORTEST) / _SHORTEST) / _STEP
        self.counts[min(int(bucket), _BUCKETS - 1)] += 1

    def join(self, other: Durations) -> None:
        """Count all of another one's."""
        for bucket, count in enumerate(other.counts):
            self.counts[bucket] += count

    def quantile(self, share: float) -> float | None:
        """Seconds that so large a share (0 to 1) took at most; None if none was counted."""
        rank, seen = share * sum(self.counts), 0
        for bucket, count in enumerate(self.counts):
            seen += count
            if count and seen >= rank:
                return _SHORTEST * math.exp((bucket + 0.5) * _STEP)
        return None


@dataclass(slots=True)
class ModelCounts:
    """What a model's attempts came to. ``failed`` are those that speak against the model: what its
    request is to blame for, or a client that went away, is not among them."""

    attempts: int = 0
    failed: int = 0
    first_byte: Durations = field(default_factory=Durations)
    duration: Durations = field(default_factory=Durations)

    def add(self, attempt: Attempt) -> None:
        """Count an attempt."""
        self.attempts += 1
        self.failed += attempt.outcome.blame not in _NOT_THE_MODELS
        if attempt.succeeded and not attempt.forwarded:
            self.duration.add(attempt.duration)
            if attempt.first_byte is not None:
                self.first_byte.add(attempt.first_byte)

    def join(self, other: ModelCounts) -> None:
        """Count all of another one's."""
        self.attempts += other.attempts
        self.failed += other.failed
        self.first_byte.join(other.first_byte)
        self.duration.join(other.duration)


@dataclass(slots=True)
class RouteCounts:
    """What a route's requests came to. ``scores`` counts by score, in ``SCORE_BINS`` bins, those
    that have one; ``unclassified`` are those whose classification failed."""

    requests: int = 0
    pinned: int = 0
    unclassified: int = 0
    scores: list[int] = field(default_factory=lambda: [0] * SCORE_BINS)

    def add(self, record: DecisionRecord) -> None:
        """Count a request."""
        self.requests += 1
        self.pinned += record.pinned
        self.unclassified += record.failure is not None
        if record.intent.score is not None:
            bin_ = int(record.intent.score * SCORE_BINS)
            self.scores[max(0, min(bin_, SCORE_BINS - 1))] += 1

    def join(self, other: RouteCounts) -> None:
        """Count all of another one's."""
        self.requests += other.requests
        self.pinned += other.pinned
        self.unclassified += other.unclassified
        for bin_, count in enumerate(other.scores):
            self.scores[bin_] += count


@dataclass(slots=True)
class _Minute:
    models: defaultdict[str, ModelCounts] = field(default_factory=lambda: defaultdict(ModelCounts))
    routes: defaultdict[str, RouteCounts] = field(default_factory=lambda: defaultdict(RouteCounts))


class Activity:
    """Counts decisions and attempts under the names that metrics give to models and routes, in the
    minute in which they were."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.time) -> None:
        """Count nothing yet.

        Args:
            config: says which names of models and routes are the operator's.
            clock: seconds since the epoch.
        """
        self._labels = Labels(config)
        self._clock = clock
        self._minutes: dict[int, _Minute] = {}

    def decided(self, record: DecisionRecord) -> None:
        """A worker decided; what went on by names alone had no route to find."""
        if record.forwarded is None:
            route = self._labels.route(record.route)
            if (minute := self._minute_of(record.at)) is not None:
                minute.routes[route].add(record)

    def attempted(self, attempt: Attempt) -> None:
        """An attempt ended."""
        model = self._labels.model(attempt.model, attempt.cluster)
        if (minute := self._minute_of(attempt.at + attempt.duration)) is not None:
            minute.models[model].add(attempt)

    def models(self, minutes: int) -> dict[str, ModelCounts]:
        """What each model's attempts of the latest minutes came to, the running one included."""
        joined: defaultdict[str, ModelCounts] = defaultdict(ModelCounts)
        for minute in self._latest(minutes):
            for name, counts in minute.models.items():
                joined[name].join(counts)
        return joined

    def routes(self, minutes: int) -> dict[str, RouteCounts]:
        """What each route's requests of the latest minutes came to."""
        joined: defaultdict[str, RouteCounts] = defaultdict(RouteCounts)
        for minute in self._latest(minutes):
            for name, counts in minute.routes.items():
                joined[name].join(counts)
        return joined

    def by_minute(self, model: str) -> Iterator[tuple[int, int]]:
        """A model's attempts, and how many of them failed, in each of ``MINUTES``, oldest first."""
        for minute in self._hour():
            counts = minute.models.get(model) if minute else None
            yield (counts.attempts, counts.failed) if counts else (0, 0)

    def requests_by_minute(self) -> Sequence[int]:
        """How many requests were decided in each of ``MINUTES``, the oldest first."""
        return [
            sum(counts.requests for counts in minute.routes.values()) if minute else 0
            for minute in self._hour()
        ]

    def _hour(self) -> Iterator[_Minute | None]:
        now = self._now()
        return (self._minutes.get(number) for number in range(now - MINUTES + 1, now + 1))

    def _latest(self, minutes: int) -> Iterable[_Minute]:
        since = self._now() - minutes
        return (minute for number, minute in self._minutes.items() if number > since)

    def _minute_of(self, at: float) -> _Minute | None:
        """The minute in which something was, None if that is forgotten or has not come yet."""
        number, now = int(at // _MINUTE), self._now()
        if not now - MINUTES < number <= now + _AHEAD:
            return None
        minute = self._minutes.get(number)
        if minute is None:
            minute = self._minutes[number] = _Minute()
            for old in [n for n in self._minutes if n <= now - MINUTES]:
                del self._minutes[old]
        return minute

    def _now(self) -> int:
        return int(self._clock() // _MINUTE)
