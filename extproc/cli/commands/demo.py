"""``dragoman demo``: show the main job with fake providers."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.command import Command

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--keep", action="store_true", help="stay up and print requests to try")


def _run(arguments: Namespace) -> int:
    from extproc.demo.show import show

    try:
        return asyncio.run(show(keep=arguments.keep))
    except asyncio.CancelledError:  # by SIGTERM
        return 143


COMMAND: Final = Command(
    "demo", "Show the main job with fake providers on this machine.", _add_arguments, _run
)
