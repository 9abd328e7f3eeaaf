"""Where limits and budgets are counted, and what it means when that cannot be done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CounterStore", "OnStoreFailure"]


class OnStoreFailure(StrEnum):
    """What becomes of requests that a store was to count, and could not."""

    OPEN = "open"
    """They go on, uncounted."""
    CLOSED = "closed"
    """They are refused."""


@dataclass(frozen=True, slots=True)
class CounterStore:
    """A file of SQLite at ``path``, or the Redis server whose URL is in the environment variable
    ``redis_variable``: one of the two."""

    path: str | None = None
    redis_variable: str | None = None
    on_failure: OnStoreFailure = OnStoreFailure.OPEN
