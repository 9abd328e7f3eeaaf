"""``python -m benchmarks``: what Dragoman costs, beside what it cannot avoid."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.figures import Summary, summarize
from benchmarks.report import show, to_json
from benchmarks.rounds import Load, measure
from benchmarks.setups import SETUPS
from benchmarks.stage import BenchmarkError, Cores, set_stage
from benchmarks.workload import LEAST_BODY_BYTES

__all__ = ["main", "run"]

_QUICK = Load(rounds=1, seconds=1.0)
_LOAD = Load()


async def run(load: Load, console: Console) -> tuple[Summary, Cores | None]:
    """Measure all set-ups under a load.

    Raises:
        BenchmarkError: a set-up does not start, or fails requests.
    """
    progress = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console
    )
    with progress:
        task = progress.add_task("starting", total=load.rounds * len(SETUPS) + 1)

        def advance(number: int, setup: str) -> None:
            progress.update(
                task, advance=1, description=f"round {number} of {load.rounds}: {setup}"
            )

        async with set_stage(SETUPS) as stage:
            summary = summarize(await measure(stage, load, advance))
            progress.update(task, advance=1, description="done")
    return summary, stage.cores


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Drive, side by side, Envoy alone (envoy), an ext_proc handler that decides "
        "nothing (empty), and Dragoman without (pipeline) and with classification (classified), "
        "between dialects (translated), and with streams of 64 deltas, as they are (streamed) and "
        "translated.",
    )

    def add(option: str, kind: type, metavar: str, summary: str) -> None:
        parser.add_argument(option, type=kind, metavar=metavar, help=summary)

    add("--rounds", int, "N", f"turns of each set-up (default: {_LOAD.rounds})")
    add("--seconds", float, "S", f"duration of a turn (default: {_LOAD.seconds:g})")
    add("--connections", int, "N", f"concurrent clients (default: {_LOAD.connections})")
    add("--body-bytes", int, "N", f"size of the request body (default: {_LOAD.body_bytes})")
    add("--json", Path, "FILE", "write all figures to a file, too")
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"{_QUICK.rounds} round of {_QUICK.seconds:g} s, to see that it works",
    )
    return parser


def _load(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> Load:
    default = _QUICK if arguments.quick else _LOAD
    load = Load(
        rounds=default.rounds if arguments.rounds is None else arguments.rounds,
        seconds=default.seconds if arguments.seconds is None else arguments.seconds,
        connections=default.connections if arguments.connections is None else arguments.connections,
        body_bytes=default.body_bytes if arguments.body_bytes is None else arguments.body_bytes,
    )
    if min(load.rounds, load.connections) < 1 or load.seconds <= 0:
        parser.error("--rounds, --seconds and --connections must be greater than zero")
    if load.body_bytes < LEAST_BODY_BYTES:
        parser.error(f"--body-bytes must be at least {LEAST_BODY_BYTES}")
    return load


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and report.

    Returns:
        The exit code: 1 when the figures could not be had, whatever they are 0.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    load = _load(parser, arguments)
    console = Console()
    try:
        summary, cores = asyncio.run(run(load, console))
    except BenchmarkError as error:
        console.print(f"[red]benchmark failed:[/] {error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        return 130
    show(summary, load, cores, console)
    if arguments.json is not None:
        arguments.json.write_bytes(to_json(summary, load, cores))
    return 0


if __name__ == "__main__":
    sys.exit(main())
