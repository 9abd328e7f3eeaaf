"""``dragoman up``: start the sidecar."""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from typing import Final

from extproc.cli.command import Command
from extproc.cli.finding import add_config, found, from_keys
from extproc.cli.options import add_admin_address, with_admin_address
from extproc.cli.reading import examined_for_here, tell_warnings
from extproc.cli.words import count
from extproc.config import Loaded

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "--workers",
        type=count,
        metavar="N",
        help="how many processes decide (default: one per core)",
    )
    parser.add_argument(
        "--no-watch",
        action="store_true",
        help="read the configuration again on SIGHUP and dragoman reload only, not when it changes",
    )
    add_admin_address(parser)


def _run(arguments: Namespace) -> None:
    path = found(arguments)

    def read() -> Loaded:
        loaded = from_keys() if path is None else examined_for_here(path).loaded
        return replace(loaded, config=with_admin_address(loaded.config, arguments))

    loaded = read()
    tell_warnings(loaded)
    from extproc.sidecar.source import Source
    from extproc.sidecar.supervisor import run

    watched = () if path is None or arguments.no_watch else (path, path.parent / ".env")
    workers = arguments.workers or len(os.sched_getaffinity(0))
    asyncio.run(run(Source(loaded, read, path, watched), workers))


COMMAND: Final = Command("up", "Start the sidecar: Envoy and the router.", _add_arguments, _run)
