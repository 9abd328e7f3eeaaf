"""Which configuration a command is about: one that is named, one in this folder, or none."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from extproc.config import Loaded, parse
from extproc.config.environment import surroundings
from extproc.config.ready_made import KEY_VARIABLES, keys_found, ready_made
from extproc.errors import StartError

if TYPE_CHECKING:
    from extproc.sidecar.control import Status

__all__ = ["NAMES", "add_config", "found", "from_keys", "in_folder", "listed", "named"]

NAMES: Final = ("config.yaml", "plano_config.yaml")

_NO_FILE: Final = "the keys that are set alone"
"""What a sidecar runs by whose configuration is in no file."""


def add_config(parser: argparse.ArgumentParser) -> None:
    """Let a command take a configuration, or find it."""
    parser.add_argument(
        "config",
        type=Path,
        nargs="?",
        metavar="CONFIG",
        help=f"a configuration file (default: {' or '.join(NAMES)} in this folder)",
    )
    parser.add_argument(
        "-f", "--file", type=Path, metavar="CONFIG", help="the same, as other tools take it"
    )


def found(arguments: argparse.Namespace, folder: Path = Path()) -> Path | None:
    """The configuration that the arguments name, else the one in the folder; None without any.

    Raises:
        StartError: the arguments name two.
    """
    return named(arguments) or in_folder(folder)


def named(arguments: argparse.Namespace) -> Path | None:
    """The configuration that the arguments name; None without any.

    Raises:
        StartError: they name two.
    """
    if arguments.config is not None and arguments.file is not None:
        raise StartError(
            f"two configurations are named: {arguments.config} and, by -f, {arguments.file}."
        )
    path: Path | None = arguments.config or arguments.file
    return path


def in_folder(folder: Path = Path()) -> Path | None:
    """The configuration that a folder has; None without any."""
    return next((path for name in NAMES if (path := folder / name).is_file()), None)


def listed(sidecars: Iterable[Status]) -> str:
    """Sidecars that run, so that one of them can be named: each by its admin port and its file."""
    return ", ".join(
        sorted(
            f"{each.admin or 'an unknown port'} ({each.config or _NO_FILE})" for each in sidecars
        )
    )


def from_keys(folder: Path = Path()) -> Loaded:
    """What serves every model of the providers whose keys the environment, or ``.env``, has.

    Raises:
        StartError: it has none.
    """
    environ = surroundings(folder / NAMES[0], os.environ)
    keys = keys_found(environ)
    nowhere = f"there is no {' or '.join(NAMES)} in {folder.absolute()}"
    if not keys:
        raise StartError(
            f"{nowhere}, and no key of a provider is set ({', '.join(KEY_VARIABLES.values())}). "
            "Name a configuration, write one with dragoman init, or set a key."
        )
    served = ", ".join(f"{provider}/* ({variable})" for provider, variable in keys.items())
    print(f"{nowhere}: serving {served}. dragoman init writes a configuration.", file=sys.stderr)
    return parse(ready_made(keys), environ, source="the environment", directory=folder)
