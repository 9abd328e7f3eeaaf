"""What commands have in common that ask a running Dragoman."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from extproc.cli.finding import NO_FILE, in_folder
from extproc.errors import StartError

if TYPE_CHECKING:
    from extproc.explain.admin_port import AdminPort

__all__ = ["add_admin", "admin_port"]

_USUAL: Final = "http://127.0.0.1:9092"


def add_admin(parser: ArgumentParser) -> None:
    """Let a command be told where the admin port is."""
    parser.add_argument(
        "--admin",
        metavar="URL",
        help="where the admin port is; else DRAGOMAN_ADMIN says (default: that of your sidecar on "
        f"this machine, else {_USUAL}). Its token, if it wants one, is read from "
        "DRAGOMAN_ADMIN_TOKEN",
    )


def admin_port(arguments: Namespace) -> AdminPort:
    """The admin port that the arguments or the environment name, else that of what runs here.

    Raises:
        StartError: several sidecars run here, and nothing says which is meant.
    """
    from extproc.explain.admin_port import AdminPort

    named = arguments.admin or os.environ.get("DRAGOMAN_ADMIN")
    url = named or _running(os.environ) or _USUAL
    return AdminPort(url, os.environ.get("DRAGOMAN_ADMIN_TOKEN") or None)


def _running(environment: Mapping[str, str]) -> str | None:
    """The admin port of this user's sidecar; of several, of the one by this folder's file."""
    from extproc.sidecar.control import running_sidecars

    found = [status for _, status in running_sidecars(environment) if status.admin]
    if len(found) > 1 and (file := in_folder()) is not None:
        found = [status for status in found if status.runs_by(file)] or found
    if len(found) > 1:
        listed = ", ".join(sorted(f"{each.admin} ({each.config or NO_FILE})" for each in found))
        raise StartError(
            f"several sidecars run here: name one with --admin or DRAGOMAN_ADMIN, of {listed}."
        )
    return found[0].admin if found else None
