"""The limits that are used up, as far as one worker has learned, until their windows end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

from extproc.core.rate_limits import RateLimit

__all__ = ["UsedUp"]

_MOST: Final = 10_000
"""Limits of so many tenants are remembered; of the others, Envoy asks."""


class UsedUp:
    """Until when limits are used up, each bucket for itself."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """
        Args:
            clock: tells the time, in seconds since the epoch.
        """
        self._clock = clock
        self._until: dict[str, float] = {}

    def __bool__(self) -> bool:
        return bool(self._until)

    def note(self, limit: RateLimit, bucket: str, until: float) -> None:
        """A limit is used up.

        Args:
            limit: the limit.
            bucket: whose it is.
            until: when its next window begins, in seconds since the epoch.
        """
        if len(self._until) >= _MOST:
            now = self._clock()
            self._until = {name: end for name, end in self._until.items() if end > now}
            if len(self._until) >= _MOST:
                return
        self._until[limit.counter(bucket)] = until

    def wait(self, limit: RateLimit, bucket: str) -> int | None:
        """For how many seconds a limit is used up still; None where nothing is known of that."""
        name = limit.counter(bucket)
        until = self._until.get(name)
        if until is None:
            return None
        left = until - self._clock()
        if left <= 0:
            del self._until[name]
            return None
        return math.ceil(left)
