"""``dragoman trace``: show one request's story as a tree."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.asking import add_admin, admin_port
from extproc.cli.command import Command

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_admin(parser)
    parser.add_argument(
        "trace_id",
        nargs="?",
        metavar="TRACE_ID",
        help="the id of a trace, or a request's x-request-id (default: the latest request)",
    )


def _run(arguments: Namespace) -> int | None:
    port = admin_port(arguments)
    key = arguments.trace_id
    if key is None:
        latest = port.latest(1)
        if not latest:
            print(f"{port.url}: no request has come yet", file=sys.stderr)
            return 1
        key = latest[0]["request_id"]
    from rich.console import Console

    from extproc.terminal.trace import story

    Console(highlight=False).print(story(port.receipt(key)))
    return None


COMMAND: Final = Command("trace", "Show one request's story as a tree.", _add_arguments, _run)
