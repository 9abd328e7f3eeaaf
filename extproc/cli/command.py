"""What makes a command of ``dragoman``: its name, what it takes, and what it does."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Command"]


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table of commands.

    Attributes:
        name: the word behind ``dragoman``.
        summary: what it does, in a sentence for ``--help``.
        add_arguments: says what it takes.
        run: does it; returns the exit code, None for 0. May raise ConfigError, FetchError and
            StartError, whose messages are printed.
    """

    name: str
    summary: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int | None]
