"""``dragoman demo``: the main job, shown with fake providers and real clients."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.status import Status

from extproc.demo.access_log import AccessLog
from extproc.demo.config import CLIENT_KEY
from extproc.demo.invitation import suggestions
from extproc.demo.keys import KeyCheck, check_keys
from extproc.demo.performance import Performance, perform
from extproc.demo.report import Report
from extproc.demo.scenario import Scenario
from extproc.demo.scenarios import SCENARIOS
from extproc.demo.stage import ACCESS_LOG, Stage, stage
from extproc.demo.stderr import stderr_into
from extproc.errors import StartError

if TYPE_CHECKING:
    from extproc.demo.clients import Clients

__all__ = ["show"]

_SDKS = ("openai", "anthropic")
_PLAIN_WIDTH = 120
_LAST_LINES = 30


async def show(
    *,
    keep: bool = False,
    scenarios: Sequence[Scenario] = SCENARIOS,
    console: Console | None = None,
) -> int:
    """Start everything, perform the scenarios, say what held, and end everything.

    Args:
        keep: stay up afterwards, until SIGINT or SIGTERM.
        scenarios: what to show.
        console: where to show it; standard output by default.

    Returns:
        The exit code: 0 if every expectation held, else 1.

    Raises:
        StartError: the sidecar did not start, or an SDK is not installed; the message says why.
    """
    _check_sdks()
    console = console or _console()
    with _own_directory() as directory, _stopped_by_sigterm():
        notes = directory / "stderr.log"
        try:
            with contextlib.ExitStack() as quiet:
                quiet.enter_context(stderr_into(notes))
                at = quiet.enter_context(console.status("Starting Envoy, router and providers"))
                loading = asyncio.create_task(asyncio.to_thread(_load_clients))
                async with stage(directory) as running:
                    async with (await loading)(running.url) as clients:
                        log = AccessLog(directory / ACCESS_LOG)
                        performances = await _perform(scenarios, running, clients, log, at)
                    at.stop()
                    report = Report(performances, _keys(running), running)
                    console.print(report)
                    if keep:
                        quiet.close()
                        await _stay(running, performances, console)
        except StartError as error:
            raise StartError("\n".join([str(error), *_tail(notes)])) from None
        if not report.held:
            console.print("What Envoy and the router said meanwhile:", style="bold")
            console.print("\n".join(_tail(notes)) or "nothing", markup=False, style="dim")
    return 0 if report.held else 1


@contextlib.contextmanager
def _own_directory() -> Iterator[Path]:
    try:
        directory = tempfile.TemporaryDirectory(prefix="dragoman-demo-")
    except OSError as error:
        raise StartError(
            f"nothing can be written to the temporary folder: {error.strerror}. "
            "Set TMPDIR to another one."
        ) from None
    with directory as path:
        yield Path(path)


def _check_sdks() -> None:
    missing = [name for name in _SDKS if find_spec(name) is None]
    if missing:
        raise StartError(
            f"the demonstration speaks through real SDKs, and {' and '.join(missing)} cannot be "
            f"imported. Install what it needs: pip install {' '.join(missing)}"
        )


def _load_clients() -> Callable[[str], AbstractAsyncContextManager[Clients]]:
    """Loading the SDKs takes seconds, in which the sidecar can start."""
    from extproc.demo.clients import clients

    return clients


async def _perform(
    scenarios: Sequence[Scenario], running: Stage, clients: Clients, log: AccessLog, at: Status
) -> list[Performance]:
    performances = []
    for number, scenario in enumerate(scenarios, 1):
        at.update(f"{number} of {len(scenarios)}: {scenario.title}")
        performances.append(await perform(scenario, running, clients, log))
    return performances


def _keys(running: Stage) -> KeyCheck:
    exchanges = {name: provider.exchanges for name, provider in running.providers.items()}
    return check_keys(running.config, running.secrets, CLIENT_KEY, exchanges)


async def _stay(running: Stage, performances: Sequence[Performance], console: Console) -> None:
    """Wait for SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    console.print(f"\nAll of it stays up on {running.url}. To try:", style="bold")
    receipts = [performance.receipt for performance in performances if performance.receipt]
    traces = [receipt["trace_id"] for receipt in receipts]
    addresses = {name: provider.url for name, provider in running.providers.items()}
    for suggestion in suggestions(running.url, running.admin_url, traces, addresses):
        console.print(f"\n# {suggestion.why}", style="dim", markup=False, soft_wrap=True)
        console.print(suggestion.command, markup=False, soft_wrap=True)
    console.print(f"\nIts console is {running.admin_url}/console/", style="bold", soft_wrap=True)
    console.print("Ctrl-C ends it.", style="bold")
    await stop.wait()


@contextlib.contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Have SIGTERM cancel what runs, so that nothing stays behind."""
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    if task is not None:
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def _console() -> Console:
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    measured = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if measured else _PLAIN_WIDTH, highlight=False)


def _tail(notes: Path) -> list[str]:
    return notes.read_text(errors="replace").splitlines()[-_LAST_LINES:]
