"""``python -m benchmarks.costly_routes``: what others wait while some bring costly routes along.

Plain requests over two configured routes come at a steady rate, and beside them requests with 64
routes of their own, each with a description and an example that no one has sent before: 128 runs
of the encoder. Waits are those of the plain ones, in milliseconds, from when each was due.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.table import Table

from extproc.core.config import IntentSettings
from extproc.core.conversation import Turn
from extproc.core.routes import Route
from extproc.intent import ClassificationError
from extproc.intent.embedded import Bounds, EmbeddedClassifier

__all__ = ["Waits", "main", "measure"]

_PLAIN: Final = (
    Route("complex_reasoning", "complex reasoning tasks, multi-step analysis", ()),
    Route("code_generation", "generating new code, writing functions", ()),
)
_PLAIN_PER_SECOND: Final = 20
_ROUTES: Final = 64
_SUBJECTS: Final = ("invoices", "weather", "medicine", "travel", "law", "music", "history", "sport")


@dataclass(frozen=True, slots=True)
class Waits:
    """Of plain requests, in milliseconds, and who answered how many of the costly ones."""

    plain: list[float] = field(default_factory=list)
    costly: Counter[str] = field(default_factory=Counter)


async def measure(bounds: Bounds, costly_per_second: float, seconds: float) -> Waits:
    """Put both kinds of requests to a classifier of these bounds; wait for the plain ones only."""
    classifier = EmbeddedClassifier(configured=_PLAIN, bounds=bounds)
    waits = Waits()

    async def plain(number: int, due: float) -> None:
        asked = f"Have a look at number {number}, please, and tell us what you think of it"
        await classifier.classify((Turn("user", asked),), _PLAIN)
        waits.plain.append(1000 * (time.perf_counter() - due))

    async def costly(number: int, _: float) -> None:
        routes = _costly_routes(number)
        try:
            intent = await classifier.classify((Turn("user", "Tell me more"),), routes)
        except ClassificationError as error:
            waits.costly[f"nobody ({error.reason})"] += 1
        else:
            waits.costly[intent.fallback or intent.classifier] += 1

    end = time.perf_counter() + seconds
    async with asyncio.TaskGroup() as tasks:
        others = asyncio.create_task(_at_a_rate(costly, costly_per_second, end))
        await tasks.create_task(_at_a_rate(plain, _PLAIN_PER_SECOND, end))
        others.cancel()
    await asyncio.wait([others])
    await classifier.close()
    return waits


async def _at_a_rate(
    ask: Callable[[int, float], Coroutine[Any, Any, None]], per_second: float, end: float
) -> None:
    began = time.perf_counter()
    async with asyncio.TaskGroup() as asked:
        for number in itertools.count() if per_second > 0 else ():
            due = began + number / per_second
            if due >= end:
                break
            await asyncio.sleep(due - time.perf_counter())
            asked.create_task(ask(number, due))


def _costly_routes(number: int) -> tuple[Route, ...]:
    def words(start: int, count: int) -> str:
        return " ".join(
            f"{_SUBJECTS[(start + nth) % len(_SUBJECTS)]} {number}" for nth in range(count)
        )

    return tuple(
        Route(f"{number} {nth}", words(nth, 25), (), examples=(f"{nth} {words(nth, 20)}",))
        for nth in range(_ROUTES)
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show; returns 0."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.costly_routes",
        description="What plain requests wait while others bring 64 routes each along.",
    )
    parser.add_argument("--rates", type=float, nargs="+", default=[0, 2, 8], metavar="PER_SECOND")
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args(argv)
    settings = IntentSettings()
    every = {
        "unbounded": Bounds(),
        "deadline": Bounds(settings.embedded_timeout),
        "as configured": Bounds(settings.embedded_timeout, settings.embedded_texts),
    }
    table = Table("bounds", "costly per second", "plain p50 ms", "p99", "most", "costly answered")
    for rate in options.rates:
        for name, bounds in every.items():
            waits = asyncio.run(measure(bounds, rate, options.seconds))
            figures = [*np.percentile(waits.plain, [50, 99]), max(waits.plain)]
            answered = ", ".join(f"{count} {who}" for who, count in waits.costly.items())
            table.add_row(name, f"{rate:g}", *(f"{figure:.1f}" for figure in figures), answered)
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
