"""How we speak on a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import select
import stat
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any, Final

from extproc.errors import StartError

__all__ = ["PatientHandler", "log_to_stderr", "run_to_end", "with_standard_streams"]

_STDIN: Final = 0
_STDOUT: Final = 1
_STDERR: Final = 2
_PATIENCE: Final = 0.1
_FORMAT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class PatientHandler(logging.Handler):
    """Writes whole lines to a descriptor, and never waits long for a reader that has stopped.

    A process that waits for whoever reads its log decides nothing, and cannot be told to end.

    Args:
        descriptor: where the lines go.
    """

    def __init__(self, descriptor: int = _STDERR) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or count it as dropped."""
        try:
            text = self.format(record)
        except Exception:  # noqa: BLE001 - what logging does with a record that cannot be formatted
            self.handleError(record)
            return
        if not self._can_write():
            self._dropped += 1
            return
        if self._dropped:
            text = f"({self._dropped} lines were dropped: nobody read them)\n{text}"
            self._dropped = 0
        with contextlib.suppress(OSError):  # the reader is gone, and with it whom to tell
            os.write(self._descriptor, f"{text}\n".encode(errors="backslashreplace"))

    def _can_write(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return bool(poll.poll(0 if self._dropped else _PATIENCE * 1000))


def log_to_stderr(level: int = logging.INFO) -> None:
    """Log our own messages from ``level`` on, other libraries' warnings only."""
    logging.basicConfig(level=logging.WARNING, format=_FORMAT, handlers=[PatientHandler()])
    logging.getLogger("extproc").setLevel(level)


def with_standard_streams() -> None:
    """See that standard input, output and error are open, if only to nowhere, and append to files.

    A process may be started without them. The next file that it opens would take their place, and
    get what is meant for a terminal. And where both lead to one file that was opened twice, each
    would write over what the other has written.
    """
    for descriptor in (_STDIN, _STDOUT, _STDERR):
        try:
            mode = os.fstat(descriptor).st_mode
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
            continue
        if descriptor != _STDIN and stat.S_ISREG(mode):
            flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
            fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_APPEND)


def run_to_end(
    begun: Callable[[], Coroutine[Any, Any, None]], needed: AbstractContextManager[None]
) -> int:
    """Do the work of a process of ours.

    Args:
        begun: begins it.
        needed: says by a StartError what is missing that the work needs.

    Returns:
        Its exit code: 1, after saying why, when it could not start.
    """
    log_to_stderr()
    try:
        with needed:
            asyncio.run(begun())
    except StartError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the message is for whoever started it
        return 1
    return 0
