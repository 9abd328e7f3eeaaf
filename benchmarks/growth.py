"""``python -m benchmarks.growth``: what grows with models, routes, sessions and the size of bodies.

Two tables: how long a start takes and what each process holds then, and what a request costs. Every
row of the second is measured in the same minutes as the others, so that they can be compared.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.rounds import Load, measure
from benchmarks.setups import RouterKind, SetUp, routes_over
from benchmarks.stage import BenchmarkError, set_stage
from benchmarks.starts import Start, start
from benchmarks.workload import LEAST_BODY_BYTES
from extproc.contract import ROUTE

__all__ = ["Cost", "Growth", "costs", "main", "starts"]

_PROCESSES = ("router", "observer", "envoy")


@dataclass(frozen=True, slots=True)
class Growth:
    """Which sizes are compared. The first of each is the one that the others are varied from."""

    models: Sequence[int] = (10, 200, 2000)
    routes: Sequence[int] = (3, 50)
    sessions: Sequence[int] = (0, 10_000)
    body_bytes: Sequence[int] = (2048, 32_768, 524_288)
    rounds: int = 3
    seconds: float = 3.0
    connections: int = 8


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request costs: its time in milliseconds, and that of the processors by process."""

    name: str
    p50_ms: float
    cpu_ms: dict[str, float]


def starts(growth: Growth) -> Iterator[tuple[str, Start]]:
    """Start a sidecar of each size in turn.

    Raises:
        BenchmarkError: one of them does not become ready.
    """
    for models, routes in product(growth.models, growth.routes):
        yield _name(models, routes), start(models, routes)


async def costs(growth: Growth) -> list[Cost]:
    """Drive sidecars of all sizes, in turns.

    Raises:
        BenchmarkError: one of them does not start, or fails requests.
    """
    setups = [
        SetUp(
            _name(models, routes),
            RouterKind.FULL,
            preferences=routes_over(models, routes),
            proof=ROUTE,
            models=models,
        )
        for models, routes in product(growth.models, growth.routes)
    ]
    async with set_stage(setups) as stage:
        measured = []
        for sessions, body_bytes in _varied(growth):
            load = Load(growth.rounds, growth.seconds, growth.connections, body_bytes, sessions)
            turns = await measure(stage, load, lambda *_: None)
            measured += [
                Cost(
                    f"{name}, {sessions:,} sessions, {body_bytes:,} bytes",
                    statistics.median(one.latency.p50_ms for one in rounds),
                    {
                        process: statistics.median(one.cpu[process] for one in rounds)
                        for process in _PROCESSES
                    },
                )
                for name, rounds in turns.items()
            ]
    return measured


def _name(models: int, routes: int) -> str:
    return f"{models:,} models, {routes} routes"


def _varied(growth: Growth) -> list[tuple[int, int]]:
    """Each number of sessions with the first size, each further size with the first number."""
    first_sessions, *_ = growth.sessions
    first_size, *further_sizes = growth.body_bytes
    return [
        *((sessions, first_size) for sessions in growth.sessions),
        *((first_sessions, size) for size in further_sizes),
    ]


def _parser() -> argparse.ArgumentParser:
    default = Growth()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.growth",
        description="What a start and a request cost as models, routes, sessions and bodies grow.",
    )
    for name in ("models", "routes", "sessions", "body_bytes"):
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=int,
            nargs="+",
            default=getattr(default, name),
            metavar="N",
        )
    parser.add_argument("--rounds", type=int, default=default.rounds)
    parser.add_argument("--seconds", type=float, default=default.seconds)
    parser.add_argument("--connections", type=int, default=default.connections)
    return parser


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=0)
    for heading in headings:
        table.add_column(heading, justify="left" if heading == headings[0] else "right")
    return table


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show.

    Returns:
        The exit code: 1 when the figures could not be had.
    """
    parser = _parser()
    growth = Growth(**vars(parser.parse_args(argv)))
    if min(growth.models) < 2 or min(growth.routes) < 1:
        parser.error("--models must be at least 2, --routes at least 1")
    if min(growth.body_bytes) < LEAST_BODY_BYTES:
        parser.error(f"--body-bytes must be at least {LEAST_BODY_BYTES}")
    console = Console()
    try:
        started = list(starts(growth))
        processes = [*started[0][1].cpu]
        table = _table(
            "A start: seconds to /healthz, then CPU seconds / MB (PSS) by process",
            ["", "s", *processes],
        )
        for name, one in started:
            table.add_row(
                name,
                f"{one.seconds:.1f}",
                *(f"{one.cpu[name]:.1f} / {one.memory_mb[name]:.0f}" for name in processes),
            )
        console.print(table)
        table = _table("A request: ms of CPU by process", ["", "p50 ms", *_PROCESSES])
        for cost in asyncio.run(costs(growth)):
            table.add_row(
                cost.name,
                f"{cost.p50_ms:.2f}",
                *(f"{cost.cpu_ms[process]:.3f}" for process in _PROCESSES),
            )
        console.print(table)
    except BenchmarkError as error:
        console.print(f"[red]benchmark failed:[/] {error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
