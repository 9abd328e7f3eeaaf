"""``dragoman trace``: show one request's story as a tree."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.asking import add_admin, add_request, admin_port, request_meant
from extproc.cli.command import Command

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_admin(parser)
    add_request(parser)


def _run(arguments: Namespace) -> None:
    port = admin_port(arguments)
    receipt = port.receipt(request_meant(arguments, port))
    from rich.console import Console

    from extproc.terminal.trace import story

    Console(highlight=False).print(story(receipt))


COMMAND: Final = Command("trace", "Show one request's story as a tree.", _add_arguments, _run)
