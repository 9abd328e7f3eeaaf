"""A comparison as tables of words, for a terminal and for the documentation alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.compared import (
    AIMS,
    Comparison,
    SectionFigures,
    gateway_cpu,
    gateway_cpu_ms,
    per_cpu_second,
)
from benchmarks.figures import Percentiles, Round
from benchmarks.starts import Start

__all__ = ["Table", "tables"]

_NONE = ""
"""What stands where there is no figure."""


@dataclass(frozen=True, slots=True)
class Table:
    """A title, what it shows, and rows of which the first column says whose they are."""

    title: str
    shows: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def _milliseconds(of: Percentiles) -> tuple[str, str, str]:
    return f"{of.p50_ms:.2f}", f"{of.p99_ms:.2f}", f"{of.p999_ms:.2f}"


def _parts(one: Round) -> str:
    """The CPU of each process of a gateway, in microseconds."""
    return " + ".join(f"{process} {cpu * 1000:,.0f}" for process, cpu in gateway_cpu(one).items())


def _cost(section: SectionFigures) -> Table:
    def row(setup: str, one: Round) -> Sequence[str]:
        direct = gateway_cpu_ms(one) == 0
        return (
            setup,
            f"{one.requests_per_second:,.0f}",
            *_milliseconds(one.latency),
            _NONE if direct else f"{per_cpu_second(one):,.0f}",
            _NONE if direct else f"{gateway_cpu_ms(one) * 1000:,.0f}",
            _parts(one),
        )

    return Table(
        section.name,
        section.shows,
        (
            "set-up",
            "req/s",
            *("p50 ms", "p99 ms", "p99.9"),
            "per CPU s",
            "CPU µs",
            "of which",
        ),
        [row(setup, one) for setup, one in section.medians.items()],
    )


def _streams(section: SectionFigures) -> Table:
    def row(setup: str, one: Round) -> Sequence[str]:
        assert one.first_event is not None
        assert one.event_delay is not None
        first, delay = _milliseconds(one.first_event), _milliseconds(one.event_delay)
        cpu = gateway_cpu_ms(one)
        return (setup, *first[:2], *delay[:2], f"{cpu * 1000:,.0f}" if cpu else _NONE, _parts(one))

    return Table(
        section.name,
        section.shows,
        (
            "set-up",
            *("first p50 ms", "p99 ms"),
            *("each p50 ms", "p99 ms"),
            "CPU µs",
            "of which",
        ),
        [row(setup, one) for setup, one in section.medians.items()],
    )


def _aims(comparison: Comparison) -> Table:
    reached = [(aim, aim.reached(comparison)) for aim in AIMS]
    return Table(
        "aims",
        "Ratios of two set-ups of this run: the median of those of the rounds. The last column is "
        "what the empty handler would reach, so the best that anything behind ext_proc can.",
        ("aim", "bound", "reached", "", "empty"),
        [
            (
                aim.what,
                f"{'at least' if aim.at_least else 'at most'} {aim.bound:.2f}",
                f"{ratio:.2f}",
                "met" if aim.met(ratio) else "not met",
                _NONE if (empty := aim.of_empty(comparison)) is None else f"{empty:.2f}",
            )
            for aim, ratio in reached
            if ratio is not None
        ],
    )


def _memory(comparison: Comparison) -> Table:
    def row(setup: str, held: dict[str, float]) -> Sequence[str]:
        parts = " + ".join(f"{process} {size:,.0f}" for process, size in held.items())
        return setup, f"{sum(held.values()):,.0f}", parts

    return Table(
        "memory",
        "MB that each set-up holds after all that (PSS: what processes share is divided).",
        ("set-up", "MB", "of which"),
        [row(setup, dict(held)) for setup, held in comparison.memory_mb.items()],
    )


def _start(start: Start) -> Table:
    return Table(
        "start",
        f"`dragoman up` with 10 models and 3 routes: {start.seconds:.1f} s to the first 200 of "
        "`/healthz`, and what each process has used and holds then.",
        ("process", "CPU s", "MB"),
        [
            (process, f"{cpu:.1f}", f"{start.memory_mb[process]:.0f}")
            for process, cpu in start.cpu.items()
        ],
    )


def tables(comparison: Comparison) -> Sequence[Table]:
    """All that was measured."""
    measured = [
        _streams(one) if one.of_stamped_streams else _cost(one) for one in comparison.sections
    ]
    aims = _aims(comparison)
    start = [_start(comparison.start)] if comparison.start else []
    return [*([aims] if aims.rows else []), *measured, _memory(comparison), *start]
