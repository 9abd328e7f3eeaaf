"""``python -m benchmarks.comparison``: all that Dragoman costs, side by side in one run.

With ``--peers`` other gateways take their turns, too. ``--page`` writes the figures and a chart of
them into a page of the documentation.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path

import orjson
import psutil
from rich import box
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.compared import Comparison, SectionFigures
from benchmarks.machine import this_machine
from benchmarks.page import CHART_SECTION, around_figures, write_page
from benchmarks.rounds import Load, measure
from benchmarks.sections import Section, sections
from benchmarks.stage import BenchmarkError, Running, Stage, set_stage
from benchmarks.starts import Start, start
from benchmarks.tables import tables

__all__ = ["compare", "main"]

_STARTS = 3


async def compare(
    measured: Sequence[Section], progress: Callable[[str], None], *, starts: int = 0
) -> Comparison:
    """Measure these sections.

    Args:
        measured: what takes its turns, section after section.
        progress: told what is next, once for each turn and each start.
        starts: how often a whole sidecar is started, too.

    Raises:
        BenchmarkError: a set-up does not start, or fails requests.
    """
    setups = {setup.name: setup for section in measured for setup in section.setups}
    async with set_stage(list(setups.values())) as stage:
        figures = [await _section(section, stage, progress) for section in measured]
        memory = {one.setup.name: _memory(one) for one in stage.setups if not one.setup.direct}
    start_of_all = _start(starts, progress) if starts else None
    return Comparison(date.today(), this_machine(), figures, memory, start_of_all)


async def _section(
    section: Section, stage: Stage, progress: Callable[[str], None]
) -> SectionFigures:
    taking_part = [one for one in stage.setups if one.setup in section.setups]
    rounds = await measure(
        replace(stage, setups=taking_part),
        section.load,
        lambda number, setup: progress(f"{section.name}, round {number}: {setup}"),
    )
    return SectionFigures(section.name, section.shows, section.load, rounds)


def _memory(running: Running) -> dict[str, float]:
    """MB by process, with those that it has started."""
    held = {}
    for name, pid in running.processes.items():
        if name != "upstream":
            process = psutil.Process(pid)
            every = (process, *process.children(recursive=True))
            held[name] = sum(one.memory_full_info().pss for one in every) / 1e6
    return held


def _start(times: int, progress: Callable[[str], None]) -> Start:
    """The median start of a whole sidecar, by its seconds."""
    started = []
    for number in range(1, times + 1):
        progress(f"start {number}")
        started.append(start(models=10, routes=3))
    return sorted(started, key=lambda one: one.seconds)[len(started) // 2]


def _shortened(measured: Sequence[Section], only: Sequence[str], *, quick: bool) -> list[Section]:
    chosen = [section for section in measured if not only or section.name in only]
    if not quick:
        return chosen
    return [replace(one, load=replace(one.load, rounds=1, seconds=_seconds(one))) for one in chosen]


def _seconds(section: Section) -> float:
    """Of a quick turn: enough for a paced stream to end."""
    return 2.0 if section.load.seconds > Load().seconds else 0.5


def _show(comparison: Comparison, console: Console) -> None:
    for one in tables(comparison):
        table = Table(title=one.title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        *_, last = one.headings
        for heading in one.headings:
            words = heading in (one.headings[0], last)
            table.add_column(heading, justify="left" if words else "right", no_wrap=words)
        for row in one.rows:
            table.add_row(*row)
        console.print(Markdown(one.shows), table)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.comparison",
        description="Everything that Dragoman costs, side by side in one run.",
    )
    parser.add_argument("--peers", action="store_true", help="other gateways, too")
    names = [section.name for section in sections(peers=True)]
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        choices=names,
        metavar="SECTION",
        help=f"these instead of all: {', '.join(names)}",
    )
    parser.add_argument(
        "--quick", action="store_true", help="one short round, to see that it works"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to a file")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the figures into a page")
    return parser


def _refuse_what_cannot_be_written(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace
) -> None:
    """Say before minutes of measuring what would be said behind them."""
    if arguments.only and CHART_SECTION not in arguments.only:
        parser.error(f"--page needs the section '{CHART_SECTION}' for its chart: add it to --only")
    try:
        around_figures(arguments.page)
    except (OSError, ValueError) as error:
        parser.error(f"--page: {error}")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and report.

    Returns:
        The exit code: 1 when the figures could not be had, whatever they are 0.
    """
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.page is not None:
        _refuse_what_cannot_be_written(parser, arguments)
    measured = _shortened(sections(peers=arguments.peers), arguments.only, quick=arguments.quick)
    console = Console()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    turns = sum(len(section.setups) * section.load.rounds for section in measured)
    starts = 0 if arguments.only else _STARTS
    try:
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("starting", total=turns + starts)
            comparison = asyncio.run(
                compare(
                    measured,
                    lambda told: bar.update(task, advance=1, description=told),
                    starts=starts,
                )
            )
    except BenchmarkError as error:
        console.print(f"[red]benchmark failed:[/] {error}", highlight=False)
        return 1
    except KeyboardInterrupt:
        return 130
    _show(comparison, console)
    if arguments.json is not None:
        document = asdict(comparison)
        arguments.json.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    if arguments.page is not None:
        write_page(arguments.page, comparison)
    return 0


if __name__ == "__main__":
    sys.exit(main())
