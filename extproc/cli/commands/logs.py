"""``dragoman logs``: show requests as lines."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.asking import add_admin, admin_port
from extproc.cli.command import Command
from extproc.cli.words import whole

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_admin(parser)
    parser.add_argument("-f", "--follow", action="store_true", help="go on with those that come")
    parser.add_argument(
        "-n",
        "--lines",
        type=whole(0, 1000),
        default=20,
        metavar="N",
        help="how many to begin with, 0 to 1000 (default: %(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print receipts, one a line")


def _run(arguments: Namespace) -> None:
    from extproc.terminal.logs import show_logs

    show_logs(
        admin_port(arguments),
        latest=arguments.lines,
        follow=arguments.follow,
        as_json=arguments.json,
    )


COMMAND: Final = Command(
    "logs", "Show requests as lines, each once it has ended.", _add_arguments, _run
)
