"""Pins in this process's memory."""

from __future__ import annotations

import time
from collections.abc import Callable

from cachetools import TTLCache

from extproc.affinity.pins import Pin, PinStats

__all__ = ["MemoryPins"]


class MemoryPins:
    """The sessions used last, each until it was left alone for its time to live."""

    def __init__(
        self, ttl: float, max_entries: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """
        Args:
            ttl: for how long a session lives on after its last request, in seconds.
            max_entries: how many are kept; the least recently used is forgotten first.
            clock: the time in seconds; it must never go back.
        """
        self.ttl = ttl
        self.max_entries = max_entries
        self.clock = clock
        self._pins: TTLCache[str, Pin] = TTLCache(max_entries, ttl, clock)
        self._hits = self._misses = 0

    @property
    def stats(self) -> PinStats:
        return PinStats(self._hits, self._misses)

    async def find(self, key: str) -> Pin | None:
        pin = self.used(key)
        if pin is None:
            self._misses += 1
        else:
            self._hits += 1
        return pin

    def used(self, key: str) -> Pin | None:
        """The session's pin, which lives on; counts nothing."""
        pin = self._pins.get(key)
        if pin is not None:
            self._pins[key] = pin
        return pin

    def known(self, key: str) -> Pin | None:
        """The session's pin, without prolonging its life."""
        return self._pins.get(key)

    def keep(self, key: str, pin: Pin) -> None:
        self._pins[key] = pin

    async def close(self) -> None:
        """Nothing is held open."""
