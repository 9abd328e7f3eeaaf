"""What a whole comparison came to, and the aims that it is held to."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from benchmarks.figures import TARGET, Round, median
from benchmarks.machine import Machine
from benchmarks.rounds import Load
from benchmarks.setups import CLASSIFIED, EMPTY, LITELLM_WHOLE, PIPELINE, PORTKEY_WHOLE
from benchmarks.starts import Start

__all__ = [
    "AIMS",
    "Aim",
    "Comparison",
    "SectionFigures",
    "gateway_cpu",
    "gateway_cpu_ms",
    "per_cpu_second",
]

_NOT_THE_GATEWAY = frozenset({"upstream", "client"})


def gateway_cpu(one: Round) -> Mapping[str, float]:
    """Milliseconds of CPU that a request costs, by process of a gateway."""
    return {process: cpu for process, cpu in one.cpu.items() if process not in _NOT_THE_GATEWAY}


def gateway_cpu_ms(one: Round) -> float:
    """Milliseconds of CPU that a request costs in all processes of a gateway."""
    return sum(gateway_cpu(one).values())


def per_cpu_second(one: Round) -> float:
    """How many requests a gateway answers for each second of CPU that it uses."""
    return 1000 / gateway_cpu_ms(one)


@dataclass(frozen=True, slots=True)
class SectionFigures:
    """The rounds of each set-up under one load."""

    name: str
    shows: str
    load: Load
    rounds: Mapping[str, Sequence[Round]]

    @property
    def medians(self) -> Mapping[str, Round]:
        """By set-up."""
        return {setup: median(rounds) for setup, rounds in self.rounds.items()}

    @property
    def of_stamped_streams(self) -> bool:
        """Whether it is known how long each piece of a stream was under way."""
        return all(one.event_delay for rounds in self.rounds.values() for one in rounds)

    def ratio(self, setup: str, other: str, figure: Callable[[Round], float]) -> float | None:
        """The median of a figure's ratio, round by round; None where one did not take part."""
        if setup not in self.rounds or other not in self.rounds:
            return None
        pairs = zip(self.rounds[setup], self.rounds[other], strict=True)
        return statistics.median(figure(one) / figure(its) for one, its in pairs)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One run: memory in MB (PSS) by set-up and process after all loads, the median of several
    starts of a whole sidecar, or None if none was started."""

    on: date
    machine: Machine
    sections: Sequence[SectionFigures]
    memory_mb: Mapping[str, Mapping[str, float]]
    start: Start | None

    def section(self, name: str) -> SectionFigures | None:
        """The section of that name; None where it was not measured."""
        return next((section for section in self.sections if section.name == name), None)


@dataclass(frozen=True, slots=True)
class Aim:
    """A ratio of two set-ups that shall be at least, or at most, as great as ``bound``."""

    what: str
    section: str
    setup: str
    other: str
    figure: Callable[[Round], float]
    bound: float
    at_least: bool = True

    def reached(self, comparison: Comparison) -> float | None:
        """The ratio; None where one of the two was not measured."""
        return self._ratio(comparison, self.setup)

    def of_empty(self, comparison: Comparison) -> float | None:
        """The ratio of the empty handler, which is the best that anything in Python behind Envoy's
        ext_proc could do; None where it was not measured, or is what the aim compares with."""
        return None if self.other == EMPTY.name else self._ratio(comparison, EMPTY.name)

    def _ratio(self, comparison: Comparison, setup: str) -> float | None:
        section = comparison.section(self.section)
        return section.ratio(setup, self.other, self.figure) if section else None

    def met(self, ratio: float) -> bool:
        """Whether a ratio is good enough."""
        return ratio >= self.bound if self.at_least else ratio <= self.bound


def _rate(one: Round) -> float:
    return one.requests_per_second


def _p50(one: Round) -> float:
    return one.latency.p50_ms


AIMS = (
    Aim("pipeline's rate to an empty handler's", "2 KB", PIPELINE.name, EMPTY.name, _rate, TARGET),
    Aim(
        "requests per CPU second to Portkey's",
        "2 KB",
        PIPELINE.name,
        PORTKEY_WHOLE.name,
        per_cpu_second,
        1.7,
    ),
    Aim(
        "requests per CPU second to LiteLLM's",
        "2 KB",
        PIPELINE.name,
        LITELLM_WHOLE.name,
        per_cpu_second,
        18.0,
    ),
    Aim(
        "classified requests per CPU second to LiteLLM's",
        "2 KB",
        CLASSIFIED.name,
        LITELLM_WHOLE.name,
        per_cpu_second,
        4.0,
    ),
    Aim(
        "requests of 300 KB per CPU second to Portkey's",
        "300 KB",
        PIPELINE.name,
        PORTKEY_WHOLE.name,
        per_cpu_second,
        4.0,
    ),
    Aim(
        "one connection's p50 to Portkey's",
        "one connection",
        PIPELINE.name,
        PORTKEY_WHOLE.name,
        _p50,
        1.0,
        at_least=False,
    ),
)
"""What the cost of a request is held to."""
