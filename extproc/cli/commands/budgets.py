"""``dragoman budgets``: say where budgets stand."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from typing import Final

from extproc.cli.asking import add_admin, admin_port
from extproc.cli.command import Command
from extproc.cli.options import add_json

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_admin(parser)
    add_json(parser)


def _run(arguments: Namespace) -> None:
    found = admin_port(arguments).budgets()
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    if not found["budgets"]:
        print("Nothing is spent from a budget (dragoman.budgets).")
        return
    from rich.console import Console

    from extproc.terminal.budgets import table

    console = Console(highlight=False)
    console.print(table(found["budgets"]))
    console.print(f"Counted in {found['store']}.", markup=False)


COMMAND: Final = Command("budgets", "Say where budgets stand.", _add_arguments, _run)
