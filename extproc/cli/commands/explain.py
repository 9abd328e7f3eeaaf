"""``dragoman explain``: say why a request went where it went."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.asking import add_admin, add_request, admin_port, request_meant
from extproc.cli.command import Command

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_admin(parser)
    add_request(parser)
    parser.add_argument("--json", action="store_true", help="print the receipt as it is")


def _run(arguments: Namespace) -> None:
    port = admin_port(arguments)
    receipt = port.receipt(request_meant(arguments, port))
    if arguments.json:
        print(json.dumps(receipt, indent=2))
        return
    from rich.console import Console

    from extproc.explain.view import explanation

    Console().print(explanation(receipt))


COMMAND: Final = Command(
    "explain",
    "Say why a request went where it went, and what that took.",
    _add_arguments,
    _run,
)
