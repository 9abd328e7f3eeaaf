"""What a translation cannot carry, as values: nothing is lost in silence.

A writer returns the losses of a request; the response header ``x-dragoman-translation`` and the
receipt tell them. One of severity SKIP makes its candidate ineligible.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["Loss", "Severity", "heard", "told"]

_BETWEEN: Final = ", "


class Severity(StrEnum):
    """What a loss means for the candidate."""

    WARN = "warn"
    """The request is carried without this part."""
    RELUCTANT = "reluctant"
    """As WARN, but only where no other candidate can carry the part: it goes behind those."""
    SKIP = "skip"
    """The candidate cannot serve this request faithfully."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One part that is not carried as the client wrote it.

    ``code`` is a stable token for programs, an action and what it was done to (``dropped:seed``,
    ``clamped:temperature``, ``skipped:audio``); ``path`` is where in the client's body the part
    stands (``messages[2].content[0]``); ``reason`` says why, in words that complete "because".
    """

    code: str
    path: str
    severity: Severity = Severity.WARN
    reason: str = ""


def told(losses: Iterable[Loss]) -> str:
    """The value of the header ``x-dragoman-translation``: each code once, in their order."""
    return _BETWEEN.join(dict.fromkeys(loss.code for loss in losses))


def heard(value: str) -> tuple[str, ...]:
    """The codes that ``told`` made this value of."""
    return tuple(value.split(_BETWEEN)) if value else ()
