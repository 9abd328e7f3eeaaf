"""``python -m benchmarks.faults``: what clients lose when a part fails.

A sidecar of its own for each fault, two workers, requests at a steady rate for a route of two
models. A request is lost if it gets a 5xx, a broken connection, or no end. Nothing is tried again
by the client.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks.breakable import ANSWER_TIME, House, open_house
from benchmarks.stage import BenchmarkError

__all__ = ["FAULTS", "Fault", "Losses", "main", "measure"]

_BODY: Final = {
    "messages": [{"role": "user", "content": "Write a Python function that sorts a list"}]
}
_BEFORE: Final = 2.0
"""Seconds of ordinary traffic before something fails."""
_REQUEST_PATIENCE: Final = 20.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that fails. ``needs`` is the server without which it cannot be shown."""

    name: str
    happen: Callable[[House], Awaitable[None]]
    seconds: float = 6.0
    needs: str | None = None


@dataclass(slots=True)
class Losses:
    """What a fault cost: how many requests were sent after it, how many of those in flight and of
    those after it were lost and how, the longest wait of one that was answered, and the seconds
    after which none was lost any more."""

    sent: int = 0
    lost: int = 0
    longest: float = 0.0
    over_after: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)


def _signalled(number: signal.Signals, kind: str, most: int = 1) -> Callable[..., Awaitable[None]]:
    async def happen(house: House) -> None:
        house.send(number, kind, most)

    return happen


async def _nothing(_: House) -> None:
    """For comparison."""


async def _provider_gone(house: House) -> None:
    await house.first.stop()


def _server_gone(name: str) -> Callable[[House], Awaitable[None]]:
    async def happen(house: House) -> None:
        house.servers[name].kill()

    return happen


async def _run_directory_gone(house: House) -> None:
    shutil.rmtree(house.run_directory())


async def _socket_gone(house: House) -> None:
    next(house.run_directory().glob("*worker-0.sock")).unlink()


FAULTS: Final[Sequence[Fault]] = (
    Fault("nothing", _nothing),
    Fault("one of two workers is killed", _signalled(signal.SIGKILL, "worker")),
    Fault("all workers are killed", _signalled(signal.SIGKILL, "worker", 2), 12.0),
    Fault("one of two workers hangs", _signalled(signal.SIGSTOP, "worker"), 16.0),
    Fault("the observer is killed", _signalled(signal.SIGKILL, "observer")),
    Fault("the observer hangs", _signalled(signal.SIGSTOP, "observer"), 16.0),
    Fault("Envoy is killed", _signalled(signal.SIGKILL, "envoy")),
    Fault("Envoy hangs", _signalled(signal.SIGSTOP, "envoy"), 20.0),
    Fault("the first model's provider is gone", _provider_gone),
    Fault("Redis is gone", _server_gone("redis-server"), needs="redis-server"),
    Fault("Prometheus is gone", _server_gone("prometheus"), needs="prometheus"),
    Fault("a worker's socket is removed", _socket_gone, 16.0),
    Fault("the run directory is removed", _run_directory_gone, 16.0),
)


async def measure(fault: Fault, per_second: float) -> Losses:
    """Let one thing fail under traffic.

    Args:
        fault: what.
        per_second: how many requests are sent.

    Raises:
        BenchmarkError: the sidecar does not start.
    """
    losses = Losses()
    with TemporaryDirectory(prefix="dragoman-faults-") as directory:
        async with open_house(Path(directory)) as (house, url):
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=32)
            async with httpx.AsyncClient(
                base_url=url, trust_env=False, timeout=_REQUEST_PATIENCE, limits=limits
            ) as client:
                await _under_traffic(client, house, fault, per_second, losses)
    return losses


async def _under_traffic(
    client: httpx.AsyncClient, house: House, fault: Fault, per_second: float, losses: Losses
) -> None:
    began = time.monotonic()
    happened = began + _BEFORE

    async def one(number: int, sent: float) -> None:
        lost = await _lost(client, number)
        now = time.monotonic()
        if now < happened:
            return
        losses.sent += 1
        if lost is None:
            losses.longest = max(losses.longest, now - sent)
        else:
            losses.lost += 1
            losses.kinds[lost] += 1
            losses.over_after = max(losses.over_after, now - happened)

    async def fail() -> None:
        await asyncio.sleep(_BEFORE)
        await fault.happen(house)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(fail())
        for number in itertools.count():
            due = began + number / per_second
            if due - began > _BEFORE + fault.seconds:
                break
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            tasks.create_task(one(number, time.monotonic()))


async def _lost(client: httpx.AsyncClient, number: int) -> str | None:
    """How a request was lost, None if it was answered."""
    headers = {"x-model-affinity": f"session-{number % 50}"} if number % 2 else {}
    try:
        response = await client.post("/v1/chat/completions", json=_BODY, headers=headers)
    except httpx.HTTPError as error:
        return type(error).__name__
    return None if response.status_code < 500 else f"status {response.status_code}"


def _show(measured: Mapping[str, Losses], per_second: float, console: Console) -> None:
    table = Table(
        title=f"{per_second:g} requests per second, answered in {ANSWER_TIME:g} s each",
        box=box.MARKDOWN,
    )
    for heading in ("what fails", "requests", "lost", "none lost after", "longest wait", "how"):
        table.add_column(heading, justify="left" if heading in ("what fails", "how") else "right")
    for name, losses in measured.items():
        table.add_row(
            name,
            f"{losses.sent}",
            f"{losses.lost}",
            f"{losses.over_after:.1f} s" if losses.lost else "",
            f"{losses.longest:.1f} s",
            ", ".join(f"{count} x {kind}" for kind, count in losses.kinds.most_common()),
        )
    console.print(table)


def main(argv: Sequence[str] | None = None) -> int:
    """Let one thing after another fail, and show what that cost."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.faults", description="What clients lose when a part fails."
    )
    parser.add_argument("--rate", type=float, default=20.0, help="requests per second")
    parser.add_argument("--only", metavar="WORDS", help="faults whose name has these words")
    options = parser.parse_args(argv)
    console = Console()
    measured = {}
    try:
        for fault in FAULTS:
            if options.only is not None and options.only not in fault.name:
                continue
            if fault.needs is not None and shutil.which(fault.needs) is None:
                console.print(f"{fault.name}: not shown, for {fault.needs} is not installed")
                continue
            measured[fault.name] = asyncio.run(measure(fault, options.rate))
    except BenchmarkError as error:
        console.print(f"[red]benchmark failed:[/] {error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        return 130
    _show(measured, options.rate, console)
    return 0


if __name__ == "__main__":
    sys.exit(main())
