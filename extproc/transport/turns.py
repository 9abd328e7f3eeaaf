"""Whose turn it is on the event loop, so that a crowd of calls does not keep it from the sockets.

Envoy takes a process for dead that leaves a ping unanswered for a second, and pings wait in the
sockets. When hundreds of calls have something to do at the same moment, a few go on at a time, and
the sockets are looked at in between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

__all__ = ["AT_ONCE", "Turns"]

AT_ONCE: Final = 16
"""Calls that go on between two looks at the sockets: some milliseconds' work."""


class Turns:
    """Lets calls go on, in order."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._left = AT_ONCE
        self._waiting: deque[Callable[[], object]] = deque()
        self._renewing = False

    def take(self, go_on: Callable[[], object]) -> None:
        """Let a call go on: at once, unless many others do."""
        if self._left:
            self._left -= 1
            go_on()
        else:
            self._waiting.append(go_on)
        self._renew_soon()

    def _renew_soon(self) -> None:
        if not self._renewing:
            self._renewing = True
            self._loop.call_soon(self._renew)

    def _renew(self) -> None:
        self._renewing = False
        self._left = AT_ONCE
        while self._waiting and self._left:
            self._left -= 1
            self._waiting.popleft()()
        if self._left < AT_ONCE:
            self._renew_soon()
