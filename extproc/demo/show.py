"""``dragoman demo``: the main job, shown with fake providers and real clients."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.status import Status
from rich.text import Text

from extproc.demo.access_log import AccessLog
from extproc.demo.clients import clients
from extproc.demo.config import CLIENT_KEY
from extproc.demo.invitation import suggestions
from extproc.demo.keys import KeyCheck, check_keys
from extproc.demo.performance import Performance, perform
from extproc.demo.scenario import Scenario
from extproc.demo.scenarios import SCENARIOS
from extproc.demo.stage import Stage, stage
from extproc.demo.stderr import stderr_into
from extproc.demo.table import keys_lines, performances_table
from extproc.sidecar.supervisor import StartError

__all__ = ["show"]

_PLAIN_WIDTH = 110
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
        StartError: the sidecar did not start; the message says why.
    """
    console = console or _console()
    with tempfile.TemporaryDirectory(prefix="dragoman-demo-") as directory, _stopped_by_sigterm():
        notes, access_log = Path(directory, "stderr.log"), Path(directory, "access.log")
        try:
            with contextlib.ExitStack() as quiet:
                quiet.enter_context(stderr_into(notes))
                at = quiet.enter_context(console.status("Starting Envoy, router and providers"))
                async with stage(access_log) as running:
                    performances = await _perform(scenarios, running, AccessLog(access_log), at)
                    at.stop()
                    held = _report(performances, _keys(running), running, console)
                    if keep:
                        quiet.close()
                        await _stay(running, console)
        except StartError as error:
            raise StartError("\n".join([str(error), *_tail(notes)])) from None
        if not held:
            console.print("What Envoy and the router said meanwhile:", style="bold")
            console.print("\n".join(_tail(notes)) or "nothing", markup=False, style="dim")
    return 0 if held else 1


async def _perform(
    scenarios: Sequence[Scenario], running: Stage, log: AccessLog, at: Status
) -> list[Performance]:
    performances = []
    async with clients(running.url) as speakers:
        for number, scenario in enumerate(scenarios, 1):
            at.update(f"{number} of {len(scenarios)}: {scenario.title}")
            performances.append(await perform(scenario, running, speakers, log))
    return performances


def _keys(running: Stage) -> KeyCheck:
    exchanges = {name: provider.exchanges for name, provider in running.providers.items()}
    return check_keys(running.config, running.secrets, CLIENT_KEY, exchanges)


def _report(
    performances: Sequence[Performance], check: KeyCheck, running: Stage, console: Console
) -> bool:
    outcomes = [*(performance.held for performance in performances), check.held]
    held = all(outcomes)
    console.print(Text(f"A real Envoy on {running.url}, in front of three fake providers", "bold"))
    console.print(performances_table(performances, running.config))
    console.print(keys_lines(check))
    count = f"{sum(outcomes)} of {len(outcomes)} expectations held."
    console.print(Text(count, "bold green" if held else "bold red"))
    console.print(
        "Next: export OPENAI_API_KEY and ANTHROPIC_API_KEY, then "
        "make run CONFIG=config/quickstart.yaml",
        markup=False,
    )
    return held


async def _stay(running: Stage, console: Console) -> None:
    """Wait for SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    console.print(f"\nAll of it stays up on {running.url}. To try:", style="bold")
    for suggestion in suggestions(running.url):
        console.print(f"\n# {suggestion.why}", style="dim", markup=False, soft_wrap=True)
        console.print(suggestion.command, markup=False, soft_wrap=True)
    console.print("\nCtrl-C ends it.", style="bold")
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
