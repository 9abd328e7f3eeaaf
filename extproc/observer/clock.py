"""The time by which the observer learns: a clock that nobody sets.

Pauses and windows of time must not grow or shrink when the machine's clock is set, so they are
reckoned on the monotonic clock. Envoy's log gives times of day, and people want to read them: this
is where one is turned into the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

__all__ = ["Clock"]

_LONGEST_DELAY: Final = 5.0
"""Seconds within which an entry of the access log arrives; if it seems to be later, or to come from
the future, the clock was set meanwhile."""
_DRIFT: Final = 1.0
"""Seconds by which the two clocks may differ before the clock counts as set anew. Below that a time
of day, once told, stays what it is."""


class Clock:
    """Times in seconds: steady ones, which only this process understands, and times of day, since
    the epoch."""

    def __init__(
        self,
        time_of_day: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            time_of_day: the machine's clock, seconds since the epoch.
            steady: a clock that is never set.
        """
        self._time_of_day = time_of_day
        self._steady = steady
        self._offset = time_of_day() - steady()

    def now(self) -> float:
        """The steady time."""
        return self._steady()

    def heard(self, ended: float) -> float:
        """The steady time at which something ended of which is heard now.

        Args:
            ended: the time of day at which another process says that it did.
        """
        delay = self._time_of_day() - ended
        return self._steady() - (delay if 0 <= delay <= _LONGEST_DELAY else 0.0)

    def time_of_day(self, steady: float) -> float:
        """The time of day at a steady time."""
        offset = self._time_of_day() - self._steady()
        if abs(offset - self._offset) > _DRIFT:
            self._offset = offset
        return steady + self._offset
