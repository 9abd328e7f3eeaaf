"""``dragoman reload``: have a running sidecar read its configuration again.

It is asked at a socket that only its own user can reach, not at its admin port: whoever may read
what a sidecar does is not thereby one who may change it.
"""

from __future__ import annotations

import os
import sys
import threading
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from extproc.cli.asking import ADMIN_VARIABLE
from extproc.cli.command import Command
from extproc.cli.finding import add_config, in_folder, listed, named
from extproc.errors import StartError

if TYPE_CHECKING:
    from extproc.sidecar.control import Status

__all__ = ["COMMAND"]

_QUIET_FOR: Final = 1.5
"""Seconds after which somebody wants to know what is going on."""


def _add_arguments(parser: ArgumentParser) -> None:
    add_config(parser)
    parser.add_argument(
        "--admin",
        metavar="URL",
        help="the admin port of the sidecar that is meant, which must run on this machine; else, "
        f"without a CONFIG, {ADMIN_VARIABLE} says (default: that by the CONFIG, or the only one)",
    )


def _run(arguments: Namespace) -> int:
    """Ask for it, and say what became of it: 1 where it was refused, or nobody is there.

    Raises:
        StartError: nobody is there, or it is not clear who is meant.
    """
    from extproc.sidecar.control import running_sidecars

    config = named(arguments)
    admin = arguments.admin or (None if config else os.environ.get(ADMIN_VARIABLE))
    if admin is None:
        config = config or in_folder()
    running = list(running_sidecars(os.environ))
    meant = [
        directory
        for directory, status in running
        if (config is None or status.runs_by(config)) and (admin is None or _is_at(admin, status))
    ]
    if len(meant) == 1:
        return _ask(meant[0])
    there = [status for _, status in running]
    if meant:
        raise StartError(
            "several sidecars run here: name one by its CONFIG, or with --admin or "
            f"{ADMIN_VARIABLE}, of {listed(there)}."
        )
    what = (f" by {config}" if config else "") + (
        f" with its admin port at {admin}" if admin else ""
    )
    others = f"; there are {listed(there)}" if there else ""
    raise StartError(f"no sidecar of this user runs here{what}{others}.")


def _is_at(admin: str, status: Status) -> bool:
    try:
        return status.has_admin_port(admin)
    except ValueError as error:
        raise StartError(f"{admin} is no URL: {error}.") from None


def _ask(directory: Path) -> int:
    from extproc.sidecar.control import Outcome, ask_for_reload

    waiting = threading.Timer(_QUIET_FOR, _say_what_takes_time)
    waiting.start()
    try:
        report = ask_for_reload(directory)
    except (OSError, ValueError) as error:
        print(f"the sidecar in {directory} does not answer: {error}", file=sys.stderr)
        return 1
    finally:
        waiting.cancel()
    refused = report.outcome is Outcome.REFUSED
    for line in report.lines:
        print(line, file=sys.stderr if refused else sys.stdout)
    print(report.outcome)
    return int(refused)


def _say_what_takes_time() -> None:
    print("a new Envoy starts, beside the one that serves meanwhile", file=sys.stderr, flush=True)


COMMAND: Final = Command(
    "reload", "Have a running sidecar read its configuration again.", _add_arguments, _run
)
