"""Refreshes one at a time: whoever wants to sleep waits until the test says that it has."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

from extproc.core.config import Config
from extproc.sources import Bounds, Pace, Sources, refreshing


class Steps:
    """``config``'s sources with a clock that counts refreshes."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self.changes = 0
        self.now = 0.0
        self._asleep = asyncio.Semaphore(0)
        self._woken = asyncio.Semaphore(0)

    async def sleep(self, delay: float) -> None:
        self.delays.append(delay)
        self._asleep.release()
        await self._woken.acquire()

    def _changed(self) -> None:
        self.changes += 1

    def _clock(self) -> float:
        self.now += 1.0
        return self.now

    def sources(
        self,
        config: Config,
        environment: Mapping[str, str] | None = None,
        bounds: Bounds = Bounds(),
    ) -> AbstractAsyncContextManager[Sources]:
        return refreshing(
            config,
            environment or {},
            self._changed,
            clock=self._clock,
            bounds=bounds,
            pace=Pace(sleep=self.sleep),
        )

    async def done(self) -> None:
        """Wait for the end of a refresh that another is to follow."""
        await self._asleep.acquire()

    def wake(self) -> None:
        """Let the next refresh come."""
        self._woken.release()

    async def again(self) -> None:
        """Let the next refresh come, and wait for its end."""
        self.wake()
        await self.done()
