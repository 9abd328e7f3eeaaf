"""Reads the configuration that a command is about, and tells its warnings."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from extproc.config import ConfigError, Examined, Loaded, examine, load_to_classify
from extproc.config.authorities import problems_with_authorities

__all__ = [
    "add_named_config",
    "environment",
    "examined_for_here",
    "loaded",
    "loaded_to_classify",
    "tell_warnings",
]


def add_named_config(parser: ArgumentParser) -> None:
    """Have a command be told a configuration, without looking for one."""
    parser.add_argument("config", type=Path, metavar="CONFIG", help="a configuration file")


def loaded(path: Path) -> Loaded:
    """Load a configuration, and tell its warnings.

    Raises:
        ConfigError: with every problem that was found.
    """
    found = examine(path).loaded
    tell_warnings(found)
    return found


def loaded_to_classify(path: Path, *, asks_router: bool) -> Loaded:
    """Load a configuration whose providers are not going to be called, and tell its warnings.

    Args:
        path: where it is.
        asks_router: whether the router model is asked, if it has one: that takes its key.

    Raises:
        ConfigError: with every problem that was found.
    """
    found = load_to_classify(path, asks_router=asks_router)
    tell_warnings(found)
    return found


def examined_for_here(path: Path) -> Examined:
    """Examine a configuration that is going to run on this machine.

    Raises:
        ConfigError: with every problem that was found.
    """
    examined = examine(path)
    if problems := problems_with_authorities(examined.loaded.config):
        raise ConfigError(str(path), problems)
    return examined


def tell_warnings(found: Loaded) -> None:
    """Print a line for each thing to mend."""
    for warning in found.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def environment(found: Loaded) -> dict[str, str]:
    """The environment, with the secrets that a configuration has from elsewhere."""
    return dict(os.environ) | dict(found.secrets.values)
