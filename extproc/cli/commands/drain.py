"""``dragoman drain``: let the requests of an Envoy in another container finish."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.command import Command
from extproc.cli.options import add_run_dir
from extproc.cli.words import seconds
from extproc.run_directory import RunDirectory

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_run_dir(parser)
    parser.add_argument(
        "--delay",
        type=seconds,
        default=0.0,
        metavar="SECONDS",
        help="take connections for so long, until all know that it ends (default: %(default)g)",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        default=25.0,
        metavar="SECONDS",
        help="how long requests in flight get after that (default: %(default)g)",
    )


def _run(arguments: Namespace) -> None:
    from extproc.sidecar.draining import drain_beside

    directory = RunDirectory(arguments.run_dir)
    asyncio.run(drain_beside(directory, arguments.delay, arguments.timeout))


COMMAND: Final = Command(
    "drain", "Let the requests of an Envoy in another container finish.", _add_arguments, _run
)
