"""What commands have in common that ask a running Dragoman."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from extproc.cli.finding import in_folder, listed
from extproc.errors import StartError

if TYPE_CHECKING:
    from extproc.explain.admin_port import AdminPort

__all__ = ["ADMIN_VARIABLE", "add_admin", "add_request", "admin_port", "request_meant"]

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
    url = named or _running(os.environ)
    return AdminPort(url, os.environ.get("DRAGOMAN_ADMIN_TOKEN") or None)


def add_request(parser: ArgumentParser) -> None:
    """Let a command be told of which request it is about."""
    parser.add_argument(
        "trace_id",
        nargs="?",
        metavar="TRACE_ID",
        help="the id of a trace, or a request's x-request-id (default: the latest request)",
    )


def request_meant(arguments: Namespace, port: AdminPort) -> str:
    """The id of the request that the arguments name, else of the latest one.

    Raises:
        FetchError: the admin port does not answer.
        StartError: none is named, and none has come.
    """
    named: str | None = arguments.trace_id
    if named is not None:
        return named
    latest = port.latest(1)
    if not latest:
        raise StartError(f"{port.url}: no request has come yet")
    request_id: str = latest[0]["request_id"]
    return request_id


def _running(environment: Mapping[str, str]) -> str:
    """The admin port of this user's sidecar, else the usual one; of several sidecars, of the one by
    this folder's file. Where nothing runs by that file, standard error says what is asked."""
    from extproc.sidecar.control import running_sidecars

    found = [status for _, status in running_sidecars(environment) if status.admin]
    file = in_folder()
    if len(found) > 1 and file is not None:
        found = [status for status in found if status.runs_by(file)] or found
    if len(found) > 1:
        raise StartError(
            f"several sidecars run here: name one with --admin or {ADMIN_VARIABLE}, of "
            f"{listed(found)}."
        )
    if file is not None and not (found and found[0].runs_by(file)):
        instead = listed(found) if found else _USUAL
        print(f"no sidecar of this user runs by {file}: asking {instead}", file=sys.stderr)
    return (found[0].admin if found else None) or _USUAL
