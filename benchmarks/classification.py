"""``python -m benchmarks.classification``: CPU per classification, and decisions under load.

First every case is classified alone: CPU of the calling thread with the encoder always and with
the first stage before it. Then concurrent streams, each thinking a while before its next question,
are served in turn: on the event loop as they come (inline), one per round of the loop (turns), on a
thread (thread), by batches that wait together for a thread (batches), and as the package does, with
only the encoder on a thread (packaged). A batch still encodes text by text, because the encoder
rounds activations over everything in a run and answers must not depend on neighbours. A wait counts
from when the stream meant to ask, so that a blocked loop shows. Figures are medians over the
rounds: other work on the machine spoils some. ``--processor`` measures as on an older one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import yaml
from rich.console import Console
from rich.table import Table

from benchmarks.older_processor import KINDS, OlderProcessorError, run_as
from extproc.core.conversation import Conversation, Turn
from extproc.core.routes import Route
from extproc.intent import Intent
from extproc.intent.embedded import EmbeddedClassifier

__all__ = ["WAYS", "Case", "Load", "measure_alone", "measure_streams", "read_cases"]

Case: TypeAlias = tuple[Conversation, tuple[Route, ...]]
Ask: TypeAlias = Callable[[Case], Awaitable[Intent]]

_CASES = Path(__file__).parent.parent / "tests" / "intent" / "handwritten_cases.yaml"
_TICK = 0.005
_ALONE = 3


@dataclass(frozen=True, slots=True)
class Load:
    """``streams`` ask at once, each ``thinking`` seconds on average after an answer, for
    ``seconds`` a turn."""

    streams: int = 50
    thinking: float = 0.1
    seconds: float = 5.0
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds: from asking to the decision, and what another stream waited for the loop."""

    decisions: list[float]
    others: list[float]


def read_cases(place: Path) -> list[Case]:
    """The cases of a YAML file, or of a folder of ``.jsonl`` files (messages and routes)."""
    if place.is_dir():
        lines = [
            line for file in sorted(place.glob("*.jsonl")) for line in file.read_text().splitlines()
        ]
        return [_case(json.loads(line)) for line in lines]
    cases = []
    for group in yaml.safe_load(place.read_text()):
        routes = tuple(Route(name, text, ()) for name, text in group["routes"].items())
        for said, _ in group["cases"]:
            texts = [said] if isinstance(said, str) else said
            turns = (
                Turn("assistant" if nth % 2 else "user", text) for nth, text in enumerate(texts)
            )
            cases.append((tuple(turns), routes))
    return cases


def _case(line: dict[str, Any]) -> Case:
    turns = tuple(
        Turn(message["role"], message["content"])
        for message in line["messages"]
        if message["role"] in {"user", "assistant"}
    )
    return turns, tuple(Route(route["name"], route["description"], ()) for route in line["routes"])


def measure_alone(classifier: EmbeddedClassifier, cases: Sequence[Case]) -> list[float]:
    """CPU milliseconds of every case, its routes known beforehand."""
    spent = []
    for conversation, routes in cases:
        classifier.scores(conversation, routes)
        began = time.thread_time()
        classifier.decide(conversation, routes)
        spent.append(1000 * (time.thread_time() - began))
    return spent


def _inline(classifier: EmbeddedClassifier) -> Ask:
    async def ask(case: Case) -> Intent:
        return classifier.decide(*case)

    return ask


def _by_turn(classifier: EmbeddedClassifier) -> Ask:
    turn = asyncio.Lock()

    async def ask(case: Case) -> Intent:
        async with turn:
            intent = classifier.decide(*case)
            await asyncio.sleep(0)
        return intent

    return ask


def _threaded(classifier: EmbeddedClassifier) -> Ask:
    thread = ThreadPoolExecutor(1)

    async def ask(case: Case) -> Intent:
        return await asyncio.get_running_loop().run_in_executor(thread, classifier.decide, *case)

    return ask


def _batched(classifier: EmbeddedClassifier) -> Ask:
    waiting: list[tuple[Case, asyncio.Future[Intent]]] = []
    thread = ThreadPoolExecutor(1)
    serving: list[asyncio.Task[None]] = []

    def answer(cases: Sequence[Case]) -> list[Intent]:
        return [classifier.decide(*case) for case in cases]

    async def serve() -> None:
        while waiting:
            taken = waiting.copy()
            waiting.clear()
            cases = [case for case, _ in taken]
            intents = await asyncio.get_running_loop().run_in_executor(thread, answer, cases)
            for (_, future), intent in zip(taken, intents, strict=True):
                future.set_result(intent)
        serving.clear()

    async def ask(case: Case) -> Intent:
        future = asyncio.get_running_loop().create_future()
        waiting.append((case, future))
        if not serving:
            serving.append(asyncio.create_task(serve()))
        intent: Intent = await future
        return intent

    return ask


def _packaged(classifier: EmbeddedClassifier) -> Ask:
    async def ask(case: Case) -> Intent:
        return await classifier.classify(*case)

    return ask


WAYS: dict[str, Callable[[EmbeddedClassifier], Ask]] = {
    "inline": _inline,
    "turns": _by_turn,
    "thread": _threaded,
    "batches": _batched,
    "packaged": _packaged,
}
"""How classifications are served, by name."""


async def measure_streams(ask: Ask, cases: Sequence[Case], load: Load, seed: int) -> Waits:
    """One turn of one way under load."""
    waits = Waits([], [])
    end = time.perf_counter() + load.seconds

    async def stream(chance: random.Random) -> None:
        pause = chance.random() * load.thinking
        while (due := time.perf_counter() + pause) < end:
            await asyncio.sleep(pause)
            await ask(chance.choice(cases))
            waits.decisions.append(1000 * (time.perf_counter() - due))
            pause = chance.expovariate(1 / load.thinking)

    async def other() -> None:
        while time.perf_counter() < end:
            began = time.perf_counter()
            await asyncio.sleep(_TICK)
            waits.others.append(1000 * (time.perf_counter() - began - _TICK))

    streams = [stream(random.Random(f"{seed}/{nth}")) for nth in range(load.streams)]
    await asyncio.gather(other(), *streams)
    return waits


async def _in_turn(
    classifier: EmbeddedClassifier, cases: Sequence[Case], load: Load
) -> dict[str, list[Waits]]:
    every: dict[str, list[Waits]] = {way: [] for way in WAYS}
    for number in range(load.rounds):
        for way, served in WAYS.items():
            every[way].append(await measure_streams(served(classifier), cases, load, number))
    return every


def _row(name: str, rounds: Sequence[Sequence[float]]) -> list[str]:
    figures = [(np.mean(one), *np.percentile(one, [50, 99]), max(one)) for one in rounds]
    return [name, *(f"{figure:.2f}" for figure in np.median(figures, axis=0))]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and show; returns 0."""
    default = Load()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.classification",
        description="CPU per classification, and how long decisions take under load.",
    )
    parser.add_argument("--cases", type=Path, default=_CASES)
    parser.add_argument("--streams", type=int, default=default.streams)
    parser.add_argument("--thinking", type=float, default=default.thinking)
    parser.add_argument("--seconds", type=float, default=default.seconds)
    parser.add_argument("--rounds", type=int, default=default.rounds)
    parser.add_argument("--processor", choices=KINDS, help="as if it were an older one")
    options = parser.parse_args(argv)
    if options.processor is not None:
        given = [
            f"--{name}={value}" for name, value in vars(options).items() if name != "processor"
        ]
        try:
            return run_as(options.processor, "benchmarks.classification", given)
        except OlderProcessorError as error:
            parser.error(f"--processor: {error}")
    load = Load(options.streams, options.thinking, options.seconds, options.rounds)
    cases = read_cases(options.cases)
    packaged = EmbeddedClassifier()
    always = EmbeddedClassifier(caution=None)
    console = Console()

    alone = Table("CPU ms per classification", "mean", "p50", "p99", "most")
    several = range(_ALONE)
    alone.add_row(*_row("encoder always", [measure_alone(always, cases) for _ in several]))
    alone.add_row(*_row("first stage before it", [measure_alone(packaged, cases) for _ in several]))
    console.print(alone)

    if not load.rounds:
        return 0
    waits = asyncio.run(_in_turn(packaged, cases, load))
    table = Table(f"ms, {load.streams} streams", "mean", "p50", "p99", "most", "per second")
    for way, rounds in waits.items():
        rate = sum(len(one.decisions) for one in rounds) / (load.seconds * load.rounds)
        table.add_row(*_row(f"decision, {way}", [r.decisions for r in rounds]), f"{rate:.0f}")
    for way, rounds in waits.items():
        table.add_row(*_row(f"another stream, {way}", [r.others for r in rounds]), "")
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
