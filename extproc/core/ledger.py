"""Where finished requests are written down, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LedgerSettings"]


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """Where finished requests are written down, and how much of that is kept: requests of so many
    days, in a file of so many bytes at most."""

    path: str
    days: int = 30
    max_bytes: int = 2**30
