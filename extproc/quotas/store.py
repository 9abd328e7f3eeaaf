"""What a store of counters must be able to do: a line at a time, all lines of a batch in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeAlias

from extproc.quotas.counters import Taken

__all__ = ["Batch", "Line", "Store"]


@dataclass(frozen=True, slots=True)
class Line:
    """A charge as stores know it: the counter's key, which names its window too, and when that may
    be forgotten, in seconds since the epoch."""

    key: str
    amount: int
    limit: int | None
    expires: int


Batch: TypeAlias = Sequence[Sequence[Line]]


class Store(Protocol):
    """Where counters are. One task asks it, one thing at a time."""

    place: str
    """What a log calls it."""
    atomic: ClassVar[bool]
    """Whether a batch that failed has certainly changed nothing."""

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

    async def close(self) -> None:
        """Let go of it, whatever state it is in; it may be opened again."""
        ...
