"""What commands have in common that ask a running Dragoman."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from extproc.explain.admin_port import AdminPort

__all__ = ["add_admin", "admin_port"]

_USUAL: Final = "http://127.0.0.1:9092"


def add_admin(parser: ArgumentParser) -> None:
    """Let a command be told where the admin port is."""
    parser.add_argument(
        "--admin",
        default=os.environ.get("DRAGOMAN_ADMIN") or _USUAL,
        metavar="URL",
        help="where the admin port is; else DRAGOMAN_ADMIN says (default: %(default)s). Its "
        "token, if it wants one, is read from DRAGOMAN_ADMIN_TOKEN",
    )


def admin_port(arguments: Namespace) -> AdminPort:
    """The admin port that the arguments name."""
    from extproc.explain.admin_port import AdminPort

    return AdminPort(arguments.admin, os.environ.get("DRAGOMAN_ADMIN_TOKEN") or None)
