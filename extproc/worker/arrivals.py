"""The requests that a worker is receiving: what they hold of its memory, and for how long.

Bodies are taken in whole before they are decided, so whoever sends one and stops in the middle of
it keeps what was sent. All together may hold so many bytes. Where they are too many, those leave
that have come to a halt, or nearly; if there are none, the one that wants to grow is told to come
back. The first bytes of each are free, so that ordinary requests are served whatever the large ones
do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final

from extproc.errors import ClientError

__all__ = ["Arrival", "Arrivals"]

_FREE: Final = 64 * 1024
"""Bytes of each request that are not counted."""
_MEASURED: Final = 5.0
"""Seconds over which it is measured how fast a request comes."""
_SLOW: Final = 16 * 1024
"""Bytes a second below which a request may be sent away for one that comes faster."""
_PERIOD: Final = 1.0
_COME_BACK: Final = 2
"""Seconds after which whoever was refused shall try again."""


class Arrivals:
    """The requests of one worker whose bodies are in memory."""

    def __init__(
        self,
        most_bytes: int,
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            most_bytes: how many bytes of bodies there may be at once.
            timeout: how long a request may take to arrive, in seconds.
            clock: tells the time, in seconds.
        """
        self.clock = clock
        self.held = 0
        """Bytes that are counted now."""
        self._most_bytes = most_bytes
        self._timeout = timeout
        self._coming: dict[Arrival, None] = {}  # the oldest first

    def begin(self) -> Arrival:
        """A request begins to arrive, on the current task; a context that it must be served in."""
        arrival = Arrival(self)
        self._coming[arrival] = None
        return arrival

    def leave(self, arrival: Arrival) -> None:
        """A request has arrived, or is given up."""
        self._coming.pop(arrival, None)

    def make_room(self, size: int, wanting: Arrival) -> None:
        """See that there is room for more bytes.

        Raises:
            ClientError: there is none (503).
        """
        if self.held + size <= self._most_bytes:
            return
        for arrival in [each for each in self._coming if each.counted and each.is_slow]:
            if arrival is not wanting:
                arrival.dismiss(_too_slow())
        if self.held + size > self._most_bytes:
            raise ClientError(
                503,
                "Too many large requests are being received at the moment; please try again.",
                code="overloaded",
                retry_after=_COME_BACK,
            )

    def sweep(self) -> None:
        """Measure how fast they come, and send those away that have been coming for too long."""
        now = self.clock()
        for arrival in list(self._coming):
            arrival.measure(now)
            if now - arrival.began >= self._timeout:
                arrival.dismiss(_too_late(self._timeout))

    async def watch(self) -> None:
        """Sweep from time to time, until cancelled."""
        while True:
            await asyncio.sleep(_PERIOD)
            self.sweep()


def _too_late(timeout: float) -> ClientError:
    return ClientError(
        408, f"The request did not arrive within {timeout:g} seconds.", code="request_timeout"
    )


def _too_slow() -> ClientError:
    return ClientError(
        408,
        "The request came too slowly while others needed its place; please try again.",
        code="request_timeout",
        retry_after=_COME_BACK,
    )


class Arrival:
    """One request. ``began`` is when, by the clock; ``counted`` is how many bytes count for it, and
    ``is_slow`` whether nothing comes of it, or nearly nothing, at the moment."""

    __slots__ = (
        "_arrivals",
        "_measured_at",
        "_measured_size",
        "_size",
        "_task",
        "_verdict",
        "began",
        "counted",
        "is_slow",
    )

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._task = asyncio.current_task()
        self._verdict: ClientError | None = None
        self._size = 0
        self.counted = 0
        self.began = self._measured_at = arrivals.clock()
        self._measured_size = 0
        self.is_slow = False

    def hold(self, size: int) -> None:
        """So many bytes of it are in memory now.

        Raises:
            ClientError: there is no room for them (503).
        """
        self._size = size
        counted = max(size - _FREE, 0)
        if counted == self.counted:
            return
        self._arrivals.make_room(counted - self.counted, self)
        self._arrivals.held += counted - self.counted
        self.counted = counted

    def measure(self, now: float) -> None:
        """See how fast it comes, by the clock."""
        elapsed = now - self._measured_at
        if elapsed >= _MEASURED:
            self.is_slow = self._size - self._measured_size < _SLOW * elapsed
            self._measured_at, self._measured_size = now, self._size

    def complete(self) -> None:
        """All of it is there."""
        self._arrivals.leave(self)

    def dismiss(self, verdict: ClientError) -> None:
        """Give the request up: what goes on for it is cancelled, and answers with this error."""
        self._verdict = verdict
        self._release()
        if self._task is not None:
            self._task.cancel()

    def _release(self) -> None:
        self._arrivals.leave(self)
        self._arrivals.held -= self.counted
        self.counted = 0

    def __enter__(self) -> Arrival:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._release()
        if self._verdict is not None and kind is asyncio.CancelledError:
            if self._task is not None:
                self._task.uncancel()
            raise self._verdict from None
