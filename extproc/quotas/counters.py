"""Counters: integers that several processes share, each of which begins at 0 with every window.

What is counted is for who counts to say: requests, tokens, billionths of a dollar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from extproc.core.windows import Window

__all__ = ["Charge", "Counter", "CounterStats", "Counters", "StoreError", "Taken"]


class StoreError(Exception):
    """The store of counters does not answer: nothing is known of them. The message holds no secret.

    It is never the client's fault, nor the provider's; the configuration says whether requests go
    on without being counted (``dragoman.counters.on_failure``).
    """


@dataclass(frozen=True, slots=True)
class Counter:
    """One counter by its name, which is the same for everybody who counts the same thing."""

    name: str
    window: Window


@dataclass(frozen=True, slots=True)
class Charge:
    """So much more on a counter; ``limit`` is what it may come to at most, None: anything. Both are
    below 2**53, as far as Lua counts one by one (https://www.lua.org/manual/5.1/manual.html#2.2).
    """

    counter: Counter
    amount: int
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking came to: whether all was granted, and where the counters stand now, in the order
    of the charges."""

    granted: bool
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CounterStats:
    """``unanswered`` counts who was told nothing, ``timeouts`` those of them who had waited,
    ``failures`` how often the store failed, ``lost`` the additions that there was no room for.
    ``reachable`` is whether it is asked at the moment."""

    unanswered: int = 0
    timeouts: int = 0
    failures: int = 0
    lost: int = 0
    reachable: bool = True


class Counters(Protocol):
    """Counters in windows of time. Moments are in seconds since the epoch: they say which window is
    meant, and who takes back what was taken before says when that was."""

    @property
    def place(self) -> str:
        """Where they are, without any secret."""
        ...

    @property
    def stats(self) -> CounterStats:
        """How the store has been doing."""
        ...

    async def take(self, charges: Sequence[Charge], at: float) -> Taken:
        """Charge all counters, or none where one would come to more than its limit.

        Among all processes this happens at one moment: together they never take more than there is.
        Who is cancelled, or told that the store does not answer, has taken nothing, unless the
        store broke off while it was asked: then that is not known.

        Args:
            charges: each of another counter.
            at: the moment.

        Raises:
            StoreError: the store does not answer, or not in time.
        """
        ...

    def add(self, charges: Sequence[Charge], at: float) -> None:
        """Charge counters soon, whatever their limits, one after the other; nobody waits for it.

        What is taken back (a negative amount) never brings a counter below 0: a store may have
        forgotten what was taken. Additions wait for a store that does not answer, as far as there
        is room for them.

        Args:
            charges: counters may be named several times.
            at: the moment.
        """
        ...

    async def read(self, counters: Sequence[Counter], at: float) -> tuple[int, ...]:
        """Where counters stand.

        Raises:
            StoreError: the store does not answer, or not in time.
        """
        ...

    async def names(self, beginning: str, window: Window, at: float) -> list[str]:
        """The names of counters that have been charged in a window, the first thousands of them.

        Args:
            beginning: what they begin with.
            window: the kind of window.
            at: the moment.

        Raises:
            StoreError: the store does not answer.
        """
        ...

    async def close(self) -> None:
        """Hand over what was added, if the store answers, and let go of it."""
        ...
