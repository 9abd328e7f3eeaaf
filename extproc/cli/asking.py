"""What commands have in common that ask a running Dragoman."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from extproc.cli.finding import in_folder, listed
from extproc.errors import StartError

if TYPE_CHECKING:
    from extproc.explain.admin_port import AdminPort

__all__ = ["ADMIN_VARIABLE", "add_admin", "admin_port"]

ADMIN_VARIABLE: Final = "DRAGOMAN_ADMIN"
"""Names the admin port of the sidecar that commands are about."""

_USUAL: Final = "http://127.0.0.1:9092"


def add_admin(parser: ArgumentParser) -> None:
    """Let a command be told where the admin port is."""
    parser.add_argument(
        "--admin",
        metavar="URL",
        help=f"where the admin port is; else {ADMIN_VARIABLE} says (default: that of your sidecar "
        f"on this machine, else {_USUAL}). Its token, if it wants one, is read from "
        "DRAGOMAN_ADMIN_TOKEN",
    )


def admin_port(arguments: Namespace) -> AdminPort:
    """The admin port that the arguments or the environment name, else that of what runs here.

    Raises:
        StartError: several sidecars run here, and nothing says which is meant.
    """
    from extproc.explain.admin_port import AdminPort

    named = arguments.admin or os.environ.get(ADMIN_VARIABLE)
    url = named or _running(os.environ) or _USUAL
    return AdminPort(url, os.environ.get("DRAGOMAN_ADMIN_TOKEN") or None)


def _running(environment: Mapping[str, str]) -> str | None:
    """The admin port of this user's sidecar; of several, of the one by this folder's file."""
    from extproc.sidecar.control import running_sidecars

    found = [status for _, status in running_sidecars(environment) if status.admin]
    if len(found) > 1 and (file := in_folder()) is not None:
        found = [status for status in found if status.runs_by(file)] or found
    if len(found) > 1:
        raise StartError(
            f"several sidecars run here: name one with --admin or {ADMIN_VARIABLE}, of "
            f"{listed(found)}."
        )
    return found[0].admin if found else None
