"""``dragoman top``: show what goes on."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.asking import add_admin, admin_port
from extproc.cli.command import Command
from extproc.cli.words import whole

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_admin(parser)
    parser.add_argument(
        "--minutes",
        type=whole(1, 60),
        default=5,
        metavar="N",
        help="how many of the latest are summed up, 1 to 60 (default: %(default)s)",
    )
    parser.add_argument("--once", action="store_true", help="show it once, and end")


def _run(arguments: Namespace) -> None:
    from rich.console import Console

    from extproc.terminal.top import show_top

    console = Console(highlight=False)
    show_top(admin_port(arguments), console, minutes=arguments.minutes, once=arguments.once)


COMMAND: Final = Command(
    "top", "Show models, routes and requests, as they go.", _add_arguments, _run
)
