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
import signal

from extproc.sidecar.early_signals import has_terminal, release_hangup

__all__ = ["Signals"]


class Signals:
    """The signals that are to end us, as they come.

    ``wishes`` is set whenever somebody wishes that the configuration be read again.
    """

    def __init__(self) -> None:
        """Take them from now on, in the loop that is running, and a SIGHUP that waits."""
        self.wishes = asyncio.Event()
        self._received: asyncio.Queue[signal.Signals] = asyncio.Queue()
        self._had_terminal = has_terminal()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._received.put_nowait, number)
        # Whoever started us with nohup does not want to hear of it.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, self._hung_up)
            release_hangup()

    async def next(self) -> signal.Signals:
        """The next one that is to end us."""
        return await self._received.get()

    def _hung_up(self) -> None:
        if self._had_terminal and not has_terminal():
            self._received.put_nowait(signal.SIGHUP)
        else:
            self.wishes.set()
