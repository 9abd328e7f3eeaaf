"""Patience that counts the turns of an event loop, not the time that it takes over them.

A loop that is busy for a second hears late of an answer that has come at once: that is no reason to
give up. So waiting is cut into slices, and a slice counts once however late the loop comes back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

__all__ = ["Patience", "patiently"]

_T = TypeVar("_T")

_SLICE: Final = 0.05
"""Seconds."""


def _slices(seconds: float) -> int:
    return max(1, round(seconds / _SLICE))


class Patience:
    """Calls back when it is at its end, unless it is called off before."""

    __slots__ = ("_ended", "_left", "_loop", "_timer")

    def __init__(self, seconds: float, ended: Callable[[], None]) -> None:
        """Begin to wait. An event loop must be running.

        Args:
            seconds: how long, if the loop is idle.
            ended: is called in the loop.
        """
        self._ended = ended
        self._left = _slices(seconds)
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(_SLICE, self._turn)

    def call_off(self) -> None:
        """Wait no longer."""
        self._timer.cancel()

    def _turn(self) -> None:
        self._left -= 1
        if self._left:
            self._timer = self._loop.call_later(_SLICE, self._turn)
        else:
            self._ended()


async def patiently(work: Coroutine[Any, Any, _T], seconds: float) -> _T:
    """What some work comes to, if that does not take too long; else it is cancelled.

    Args:
        work: the work.
        seconds: how long it may take, if the loop is idle.

    Raises:
        TimeoutError: it takes longer.
    """
    task = asyncio.ensure_future(work)
    try:
        for _ in range(_slices(seconds)):
            await asyncio.wait((task,), timeout=_SLICE)
            if task.done():
                return task.result()
        raise TimeoutError
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait((task,))
