"""``python -m benchmarks.soak``: hours of mixed traffic through a real sidecar, and what grows.

Prints, for each process, the memory (PSS), file descriptors and threads that it had once it was
warm and at the end, and what did not go as it should.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.setups import KEY
from benchmarks.stage import BenchmarkError, free_port
from benchmarks.starts import kind_of, up
from benchmarks.traffic import CONFIGURATION, KINDS, TrafficError, behaving
from extproc.demo.provider import FakeProvider

__all__ = ["Held", "Soaked", "main", "soak"]

_WARM_UP = 0.2
"""Of the whole time: caches fill, and memory that is freed is not given back at once."""
_MOST_AT_ONCE = 64
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds: memory in MB (PSS), open files, threads."""

    memory_mb: float
    files: int
    threads: int


@dataclass(slots=True)
class Soaked:
    """What a soak has shown. ``warm`` and ``end`` are by process."""

    sent: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    warm: Mapping[str, Held] = field(default_factory=dict)
    end: Mapping[str, Held] = field(default_factory=dict)


def _held(supervisor: psutil.Process) -> dict[str, Held]:
    held = {}
    numbers: Counter[str] = Counter()
    for process in (supervisor, *supervisor.children(recursive=True)):
        kind = kind_of(process)
        held[f"{kind} {numbers[kind]}" if kind == "worker" else kind] = Held(
            process.memory_full_info().pss / 1e6, process.num_fds(), process.num_threads()
        )
        numbers[kind] += 1
    return held


async def soak(seconds: float, per_second: float, workers: int) -> Soaked:
    """Put requests of all kinds to a sidecar of its own.

    Args:
        seconds: for how long.
        per_second: how many requests are due.
        workers: how many processes decide.

    Raises:
        BenchmarkError: the sidecar does not start, or it has ended.
    """
    provider = FakeProvider("fake", keep=10, strict=False)
    behaving(provider)
    port = free_port()
    with TemporaryDirectory(prefix="dragoman-soak-") as directory:
        async with provider:
            file = Path(directory) / "config.yaml"
            text = CONFIGURATION.format(
                port=port, url=provider.url, key=KEY, admin_port=free_port(), more=""
            )
            file.write_text(text, encoding="utf-8")
            url = f"http://127.0.0.1:{port}"
            try:
                async with up(file, url, workers) as supervisor:
                    return await _under_load(supervisor, url, seconds, per_second)
            except psutil.NoSuchProcess as error:
                raise BenchmarkError(f"a process of the sidecar ended: {error}") from None


async def _under_load(
    supervisor: psutil.Process, url: str, seconds: float, per_second: float
) -> Soaked:
    soaked = Soaked()
    began = time.monotonic()
    names = list(KINDS)
    weights = [weight for weight, _ in KINDS.values()]
    at_once = asyncio.Semaphore(_MOST_AT_ONCE)
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=_MOST_AT_ONCE)

    async with httpx.AsyncClient(
        base_url=url, trust_env=False, timeout=_PATIENCE, limits=limits
    ) as client:

        async def one() -> None:
            (name,) = random.choices(names, weights)
            try:
                await KINDS[name][1](client)
            except (TrafficError, httpx.HTTPError, ValueError) as error:
                soaked.wrong[f"{name}: {error or type(error).__name__}"] += 1
            finally:
                soaked.sent[name] += 1
                at_once.release()

        async with asyncio.TaskGroup() as requests:
            for number in itertools.count():
                due = began + number / per_second
                now = time.monotonic()
                if now - began > seconds:
                    break
                if not soaked.warm and now - began > seconds * _WARM_UP:
                    soaked.warm = await asyncio.to_thread(_held, supervisor)
                await asyncio.sleep(max(0.0, due - now))
                await at_once.acquire()
                requests.create_task(one())
    soaked.end = await asyncio.to_thread(_held, supervisor)
    return soaked


def _show(soaked: Soaked, console: Console) -> None:
    table = Table(title="Warm -> at the end", box=box.SIMPLE_HEAD, padding=0)
    for heading in ("process", "PSS MB", "growth", "open files", "threads"):
        table.add_column(heading, justify="left" if heading == "process" else "right")
    for name, end in soaked.end.items():
        warm = soaked.warm.get(name)
        if warm is None:
            table.add_row(name, f"? -> {end.memory_mb:.1f}", "?", f"{end.files}", f"{end.threads}")
            continue
        table.add_row(
            name,
            f"{warm.memory_mb:.1f} -> {end.memory_mb:.1f}",
            f"{end.memory_mb - warm.memory_mb:+.1f}",
            f"{warm.files} -> {end.files}",
            f"{warm.threads} -> {end.threads}",
        )
    console.print(table)
    console.print(
        f"{soaked.sent.total():,} requests, {soaked.wrong.total():,} not as they should be"
    )
    for told, count in soaked.wrong.most_common():
        console.print(f"  {count} x {told}", highlight=False)


def main(argv: Sequence[str] | None = None) -> int:
    """Soak and show.

    Returns:
        The exit code: 1 when requests came to something else than they should.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak",
        description="Mixed traffic through a real sidecar: what grows, and what goes wrong.",
    )
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--rate", type=float, default=25.0, help="requests per second")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(argv)
    if min(options.minutes, options.rate, options.workers) <= 0:
        parser.error("--minutes, --rate and --workers must be greater than zero")
    console = Console()
    try:
        soaked = asyncio.run(soak(options.minutes * 60, options.rate, options.workers))
    except BenchmarkError as error:
        console.print(f"[red]soak failed:[/] {error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        return 130
    _show(soaked, console)
    return 1 if soaked.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
