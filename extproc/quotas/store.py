"""What a store of counters must be able to do: a line at a time, all lines of a batch in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from extproc.quotas.counters import Taken

__all__ = ["MOST_KEYS", "Batch", "Item", "Line", "Store"]

MOST_KEYS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Line:
    """A charge as stores know it: the counter's key, which names its window too, and when that may
    be forgotten, in seconds since the epoch."""

    key: str
    amount: int
    limit: int | None
    expires: int


@dataclass(frozen=True, slots=True)
class Item:
    """Lines that are charged together. What has an id is charged once, also where it is handed on
    again since nobody knows whether it arrived."""

    lines: tuple[Line, ...]
    id: str | None = None


Batch: TypeAlias = Sequence[Item]


class Store(Protocol):
    """Where counters are. One task asks it, one thing at a time."""

    place: str
    """What a log calls it."""

    async def open(self) -> None:
        """Be ready for batches.

        Raises:
            StoreError: that cannot be.
        """
        ...

    async def exchange(self, batch: Batch) -> Sequence[Taken]:
        """Charge the lines of each item of a batch, all of them or none of them: none where one
        would bring its counter above its limit. No counter goes below 0.

        Raises:
            StoreError: the store failed.
        """
        ...

    async def keys(self, beginning: str) -> list[str]:
        """The keys that begin like this, at most ``MOST_KEYS`` of them; it may be asked while a
        batch is exchanged.

        Raises:
            StoreError: the store failed.
        """
        ...

    async def close(self) -> None:
        """Let go of it, whatever state it is in; it may be opened again."""
        ...
