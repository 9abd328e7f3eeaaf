"""A row of the table: models of one family, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from extproc.core.traits import Traits

__all__ = ["KI", "LOW_TO_HIGH", "LOW_TO_MAX", "LOW_TO_XHIGH", "MI", "Family", "K", "M"]

K: Final = 1_000
M: Final = 1_000_000
KI: Final = 1_024
MI: Final = 1_024 * 1_024

LOW_TO_HIGH: Final = ("low", "medium", "high")
LOW_TO_XHIGH: Final = (*LOW_TO_HIGH, "xhigh")
LOW_TO_MAX: Final = (*LOW_TO_XHIGH, "max")


@dataclass(frozen=True, slots=True)
class Family:
    """Models whose ids fit any of the patterns, where ``*`` stands for any characters and ``?`` for
    one.

    Ids are compared without their prefixes, in lower case; see :mod:`extproc.providers.traits`.
    With a ``provider``, only that provider's models are meant.
    """

    patterns: tuple[str, ...]
    traits: Traits
    provider: str | None = None
