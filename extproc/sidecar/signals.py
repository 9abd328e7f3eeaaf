"""What the signals that a supervisor gets mean.

======= ============================================================================
SIGTERM finish what is in flight, then end
SIGINT  Ctrl-C: the same, but soon
SIGHUP  the terminal was closed: as SIGTERM. Else a wish to read the configuration
        again
======= ============================================================================
"""

from __future__ import annotations

import asyncio
import os
import signal

__all__ = ["Signals"]

_TERMINAL = "/dev/tty"
"""The terminal that a process belongs to, if any: ``man 4 tty``."""


class Signals:
    """The signals that are to end us, as they come.

    ``wishes`` is set whenever somebody wishes that the configuration be read again.
    """

    def __init__(self) -> None:
        """Take them from now on, in the loop that is running."""
        self.wishes = asyncio.Event()
        self._received: asyncio.Queue[signal.Signals] = asyncio.Queue()
        self._had_terminal = _has_terminal()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._received.put_nowait, number)
        # Whoever started us with nohup does not want to hear of it.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self._hung_up)

    async def next(self) -> signal.Signals:
        """The next one that is to end us."""
        return await self._received.get()

    def _hung_up(self) -> None:
        if self._had_terminal and not _has_terminal():
            self._received.put_nowait(signal.SIGHUP)
        else:
            self.wishes.set()


def _has_terminal() -> bool:
    try:
        os.close(os.open(_TERMINAL, os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True
