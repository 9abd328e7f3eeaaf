"""When a stream has been silent for too long."""

from __future__ import annotations

import asyncio
from typing import Final

__all__ = ["Silence"]

_PINGS: Final = 3
"""For so many times as long as a stream may send nothing, it may send nothing but pings."""
_PING: Final = b'"ping"'
_SHORT: Final = 40


class Silence:
    """Watches one stream."""

    def __init__(self, limit: float) -> None:
        """
        Args:
            limit: for how many seconds it may send nothing.
        """
        self._limit = limit
        self._clock = asyncio.get_running_loop().time
        self._moved = self._clock()

    @property
    def left(self) -> float:
        """For how many seconds it may send nothing from now on."""
        return max(min(self._limit, self._moved + _PINGS * self._limit - self._clock()), 0.0)

    def heard(self, data: bytes) -> None:
        """The data of an event has come; comments are none."""
        if len(data) > _SHORT or _PING not in data:
            self._moved = self._clock()
