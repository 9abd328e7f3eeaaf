"""Pins in the memory of several processes that tell each other what they keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cachetools import TTLCache

from extproc.affinity.memory import MemoryPins
from extproc.affinity.pins import Pin, PinStats

__all__ = ["SharedPins"]

# A session that only one process sees must not run out in the others; telling them of each request
# would be too much.
_REMINDERS: Final = 10


class SharedPins:
    """Pins of this process, which it announces, and those that it learns from the others.

    That a session is used is announced ten times per time to live at most, by whichever process, so
    in another one it may run out up to a tenth early. What was just learned is not announced: it
    would say nothing, and could cross the news that the session has moved to another model.
    """

    def __init__(self, memory: MemoryPins, announce: Callable[[str, Pin], None]) -> None:
        """
        Args:
            memory: what this process knows.
            announce: tells the other processes of a pin; must neither wait nor raise.
        """
        self._memory = memory
        self._announce = announce
        self._announced: TTLCache[str, None] = TTLCache(
            memory.max_entries, memory.ttl / _REMINDERS, memory.clock
        )

    @property
    def stats(self) -> PinStats:
        return self._memory.stats

    async def find(self, key: str) -> Pin | None:
        pin = await self._memory.find(key)
        if pin is not None and key not in self._announced:
            self._tell(key, pin)
        return pin

    def keep(self, key: str, pin: Pin) -> None:
        self._memory.keep(key, pin)
        self._tell(key, pin)

    def learn(self, key: str, pin: Pin) -> None:
        """Keep what another process announced."""
        self._memory.keep(key, pin)
        self._announced[key] = None

    async def close(self) -> None:
        await self._memory.close()

    def _tell(self, key: str, pin: Pin) -> None:
        self._announced[key] = None
        self._announce(key, pin)
