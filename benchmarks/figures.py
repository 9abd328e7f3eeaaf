"""What was measured, and what it comes to."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.setups import (
    EMPTY,
    PIPELINE,
    STREAMED,
    TRANSLATED,
    TRANSLATED_STREAM,
    SetUp,
)
from benchmarks.workload import DELTAS

__all__ = ["TARGET", "Figures", "Percentiles", "Round", "Summary", "median", "summarize"]

TARGET = 0.85
"""The share of the empty handler's throughput that the pipeline shall reach."""


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Milliseconds."""

    p50_ms: float
    p99_ms: float
    p999_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Percentiles:
        """Of what was measured, which is not nothing."""
        ordered = sorted(seconds)
        last = len(ordered) - 1
        return cls(*(ordered[round(last * share)] * 1000 for share in (0.5, 0.99, 0.999)))


@dataclass(frozen=True, slots=True)
class Round:
    """One set-up's turn under load. ``first_ms`` is the median time to an answer's first byte;
    ``cpu`` holds milliseconds per request, by process. Of streams whose pieces tell when they were
    sent, ``first_event`` is the time to the first, ``event_delay`` how long each was under way."""

    requests_per_second: float
    latency: Percentiles
    first_ms: float
    cpu: Mapping[str, float]
    first_event: Percentiles | None = None
    event_delay: Percentiles | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """One set-up: medians over its rounds.

    The ratios compare each round with the empty handler's turn of the same round; None where there
    is no router.
    """

    setup: str
    median: Round
    throughput_to_empty: float
    router_cpu_to_empty: float | None
    rounds: Sequence[Round]


@dataclass(frozen=True, slots=True)
class Translation:
    """What translation adds to an untranslated request: milliseconds of a worker's processor time
    for a request and its whole answer, the ratio of the two rates, the processor time of a thousand
    events of a stream (with all that is asked once per stream), and the time to a stream's first
    byte."""

    request_cpu_ms: float
    request_ratio: float
    thousand_events_cpu_ms: float
    first_byte_ms: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole run."""

    figures: Sequence[Figures]

    @property
    def share(self) -> float:
        """The pipeline's throughput as a share of the empty handler's."""
        return next(one.throughput_to_empty for one in self.figures if one.setup == PIPELINE.name)

    @property
    def target_met(self) -> bool:
        return self.share >= TARGET

    @property
    def translation(self) -> Translation:
        """What translation adds, round by round."""
        rounds = {one.setup: one.rounds for one in self.figures}

        def added(setup: SetUp, base: SetUp, figure: Callable[[Round], float]) -> float:
            pairs = zip(rounds[setup.name], rounds[base.name], strict=True)
            return statistics.median(figure(one) - figure(other) for one, other in pairs)

        stream = added(TRANSLATED_STREAM, STREAMED, lambda one: one.cpu["router"])
        return Translation(
            request_cpu_ms=added(TRANSLATED, PIPELINE, lambda one: one.cpu["router"]),
            request_ratio=_ratio(
                rounds[TRANSLATED.name],
                rounds[PIPELINE.name],
                lambda one: one.requests_per_second,
            ),
            thousand_events_cpu_ms=stream / DELTAS * 1000,
            first_byte_ms=added(TRANSLATED_STREAM, STREAMED, lambda one: one.first_ms),
        )


def _medians(of: Sequence[Percentiles]) -> Percentiles:
    return Percentiles(
        statistics.median(one.p50_ms for one in of),
        statistics.median(one.p99_ms for one in of),
        statistics.median(one.p999_ms for one in of),
    )


def median(rounds: Sequence[Round]) -> Round:
    """The median of each figure over the rounds of a set-up."""
    first_events = [one.first_event for one in rounds if one.first_event is not None]
    event_delays = [one.event_delay for one in rounds if one.event_delay is not None]
    return Round(
        requests_per_second=statistics.median(one.requests_per_second for one in rounds),
        latency=_medians([one.latency for one in rounds]),
        first_ms=statistics.median(one.first_ms for one in rounds),
        cpu={
            process: statistics.median(one.cpu[process] for one in rounds)
            for process in rounds[0].cpu
        },
        first_event=_medians(first_events) if first_events else None,
        event_delay=_medians(event_delays) if event_delays else None,
    )


def _ratio(
    rounds: Sequence[Round], base: Sequence[Round], figure: Callable[[Round], float]
) -> float:
    return statistics.median(
        figure(one) / figure(other) for one, other in zip(rounds, base, strict=True)
    )


def summarize(measured: Mapping[str, Sequence[Round]]) -> Summary:
    """From rounds by set-up to the figures of each."""
    base = measured[EMPTY.name]

    def figures(setup: str, rounds: Sequence[Round]) -> Figures:
        routed = "router" in rounds[0].cpu
        return Figures(
            setup=setup,
            median=median(rounds),
            throughput_to_empty=_ratio(rounds, base, lambda one: one.requests_per_second),
            router_cpu_to_empty=_ratio(rounds, base, lambda one: one.cpu["router"])
            if routed
            else None,
            rounds=rounds,
        )

    return Summary([figures(setup, rounds) for setup, rounds in measured.items()])
