"""The ``dragoman`` command: all that can stand behind it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from extproc import __version__
from extproc.cli.command import Command
from extproc.cli.commands import (
    bootstrap,
    budgets,
    check,
    decide,
    demo,
    doctor,
    drain,
    evaluate,
    explain,
    init,
    logs,
    reload,
    report,
    router,
    top,
    trace,
    up,
)
from extproc.config import ConfigError
from extproc.console import log_to_stderr, with_standard_streams
from extproc.errors import FetchError, StartError

__all__ = ["COMMANDS", "main"]

COMMANDS: Final[tuple[Command, ...]] = (
    up.COMMAND,
    reload.COMMAND,
    doctor.COMMAND,
    check.COMMAND,
    init.COMMAND,
    bootstrap.COMMAND,
    router.COMMAND,
    drain.COMMAND,
    evaluate.COMMAND,
    decide.COMMAND,
    explain.COMMAND,
    top.COMMAND,
    trace.COMMAND,
    logs.COMMAND,
    report.COMMAND,
    budgets.COMMAND,
    demo.COMMAND,
)
"""In the order in which ``dragoman --help`` tells of them."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dragoman",
        description="Routes LLM traffic by intent, price and latency, inside Envoy.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = subparsers.add_parser(command.name, help=command.summary, description=command.summary)
        command.add_arguments(sub)
        sub.set_defaults(command=command)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit code: 1 when a configuration is not valid or the sidecar cannot start.
    """
    with_standard_streams()
    arguments = _parser().parse_args(argv)
    log_to_stderr()
    try:
        command: Command = arguments.command
        return command.run(arguments) or 0
    except (ConfigError, FetchError, StartError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read our output has enough of it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
