"""What an examination finds, and what it is of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from extproc.core.config import Config

if TYPE_CHECKING:
    from extproc.sidecar.control import Status

__all__ = ["Check", "Finding", "Patient", "State"]


class State(StrEnum):
    """How something is."""

    OK = "ok"
    NOTE = "note"
    """It works, and could be better, or could not be looked at."""
    FAILED = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, what was found, and what to do about it."""

    subject: str
    state: State
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Patient:
    """Who is examined.

    Attributes:
        config: a valid configuration.
        secrets: by the environment variables that it names. No finding holds one.
        environ: the environment.
        workers: how many processes are going to decide.
        running: a sidecar that runs by this configuration already, if there is one.
        calls: whether providers may be asked for what costs something.
    """

    config: Config
    secrets: Mapping[str, str]
    environ: Mapping[str, str]
    workers: int
    running: Status | None = None
    calls: bool = False


Check: TypeAlias = Callable[[Patient], Awaitable[Sequence[Finding]]]
"""Looks at one thing. It takes a few seconds at most, and raises nothing."""
