"""What signals mean while the program loads, before there is a loop that could take them.

Left to the system, a SIGHUP would end it, and a container's first process would never hear of a
SIGTERM (``man 7 pid_namespaces``). SIGINT is Python's own KeyboardInterrupt, here as elsewhere.
"""

from __future__ import annotations

import os
import signal
import sys
from threading import get_ident
from types import FrameType

__all__ = ["has_terminal", "release_hangup", "take_early"]

_TERMINAL = "/dev/tty"
"""The terminal that a process belongs to, if any: ``man 4 tty``."""


def take_early() -> None:
    """From now on SIGTERM ends the program at once, and cleanly, and so does a SIGHUP that means
    that the terminal was closed. Any other waits for :func:`release_hangup`.

    To be called on the main thread, which is to release it, too.
    """
    had_terminal = has_terminal()

    def hung_up(number: int, _: FrameType | None) -> None:
        if had_terminal and not has_terminal():
            sys.exit()
        # The system keeps a signal that is blocked, and so nobody else has to.
        signal.pthread_sigmask(signal.SIG_BLOCK, (number,))
        signal.pthread_kill(get_ident(), number)

    signal.signal(signal.SIGTERM, _ended)
    # Whoever started us with nohup does not want to hear of it.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, hung_up)


def release_hangup() -> None:
    """Let a SIGHUP that has come meanwhile reach whoever takes it by now."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGHUP,))


def has_terminal() -> bool:
    """Whether this process belongs to a terminal."""
    try:
        os.close(os.open(_TERMINAL, os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _ended(_: int, __: FrameType | None) -> None:
    sys.exit()
