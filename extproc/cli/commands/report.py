"""``dragoman report``: say what requests have cost."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Final

from extproc.cli.command import Command
from extproc.cli.finding import add_config, found
from extproc.cli.options import add_json
from extproc.config import ConfigError, ledger_of
from extproc.errors import StartError

__all__ = ["COMMAND"]


def _add_arguments(parser: ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "--ledger", type=Path, metavar="FILE", help="the ledger itself, without a configuration"
    )
    parser.add_argument(
        "--by",
        choices=("route", "model", "day", "tenant"),
        default="route",
        help="what requests are put together by (default: %(default)s)",
    )
    parser.add_argument(
        "--since",
        type=_since,
        default=0.0,
        metavar="WHEN",
        help="only those since then: an age such as 24h or 7d, or a date (default: all)",
    )
    add_json(parser)


def _since(text: str) -> float:
    from extproc.telemetry.moments import moment

    try:
        return moment(text, time.time())
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def _run(arguments: Namespace) -> None:
    from extproc.ledger.report import By, report
    from extproc.ledger.store import LedgerError
    from extproc.terminal.report import as_json, table

    by = By(arguments.by)
    try:
        figures = report(_ledger(arguments), by, arguments.since)
    except LedgerError as error:
        raise StartError(str(error)) from None
    if arguments.json:
        print(json.dumps(as_json(figures, by, arguments.since), indent=2))
        return
    from rich.console import Console

    Console(highlight=False).print(table(figures, by))


def _ledger(arguments: Namespace) -> Path:
    """The ledger that is named, else that of the configuration."""
    if arguments.ledger is not None:
        named: Path = arguments.ledger
        return named
    path = found(arguments)
    if path is None:
        raise StartError("name a configuration, or a ledger with --ledger")
    try:
        ledger = ledger_of(path)
    except ConfigError as error:
        raise StartError(f"{error}\nor name the ledger itself with --ledger") from None
    if ledger is None:
        raise StartError(f"{path} has no ledger: name a file for it as dragoman.ledger")
    return ledger


COMMAND: Final = Command(
    "report", "Say what requests have cost, from the ledger.", _add_arguments, _run
)
