"""Carries Envoy's access log to our standard output, in whole lines.

Envoy writes its log a buffer at a time, and a buffer ends in the middle of a line; and it would
keep in memory, without bound, what a reader of standard output does not take. So Envoy writes into
a pipe, and a thread passes whole lines on: as much as is taken at once, and no more than fits into
a bounded memory. Whatever standard output is (a file, a socket, a pipe whose reader has stopped or
gone, a file of another user, nothing at all) is no business of Envoy's.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import stat
import threading
import time
from collections.abc import Iterator

__all__ = ["Carrier", "lines_to"]

_log = logging.getLogger(__name__)

_MOST_WAITING = 4 * 1024 * 1024
_READ = 64 * 1024
_GRACE = 0.5
"""Seconds in which what is left is written when Envoy has ended."""
_READABLE = select.POLLIN | select.POLLHUP


class Carrier:
    """Reads one descriptor to its end and writes whole lines to another.

    Args:
        source: a pipe.
        target: anything that can be written to. It is never waited for.
        most_waiting: bytes that wait to be written; more lines than that are dropped and counted.
    """

    def __init__(self, source: int, target: int, most_waiting: int = _MOST_WAITING) -> None:
        self._source = source
        self._target = target
        self._most_waiting = most_waiting
        # Where a reader takes as much at once, no other writer gets between (man 7 pipe).
        regular = stat.S_ISREG(os.fstat(target).st_mode)
        self._at_once = _READ if regular else select.PIPE_BUF
        self._begun = b""
        self._waiting = bytearray()
        self._dropped = 0
        self._gone = False

    def run(self) -> None:
        """Carry until the source ends, and for a moment longer what is left."""
        poll = select.poll()
        poll.register(self._source, _READABLE)
        while True:
            ready = dict(poll.poll())
            if self._target in ready:
                self._write()
            if self._source in ready and not self._read():
                break
            self._follow(poll)
        self._waiting += self._begun
        self._finish()

    def _follow(self, poll: select.poll) -> None:
        """Ask for the target only while there is something for it."""
        if self._waiting:
            poll.register(self._target, select.POLLOUT)
        else:
            with contextlib.suppress(KeyError):
                poll.unregister(self._target)

    def _read(self) -> bool:
        chunk = os.read(self._source, _READ)
        lines, newline, begun = chunk.rpartition(b"\n")
        whole = self._begun + lines + newline if newline else b""
        self._begun = begun if newline else self._begun + chunk
        if self._gone:
            return bool(chunk)
        if len(self._waiting) + len(whole) > self._most_waiting:
            self._dropped += whole.count(b"\n")
        else:
            self._waiting += whole
        return bool(chunk)

    def _write(self) -> None:
        piece = bytes(self._waiting[: self._at_once])
        end = piece.rfind(b"\n") + 1
        try:
            written = os.write(self._target, piece[: end or len(piece)])
        except BlockingIOError:
            return
        except OSError as error:
            _log.warning(
                "standard output is gone (%s): the access log goes nowhere",
                os.strerror(error.errno or 0),
            )
            self._gone = True
            self._waiting.clear()
            return
        del self._waiting[:written]
        if self._dropped and not self._waiting:
            _log.warning(
                "%d lines of the access log were dropped: nobody read standard output",
                self._dropped,
            )
            self._dropped = 0

    def _finish(self) -> None:
        poll = select.poll()
        poll.register(self._target, select.POLLOUT)
        until = time.monotonic() + _GRACE
        while self._waiting and (left := until - time.monotonic()) > 0:
            if poll.poll(left * 1000):
                self._write()


@contextlib.contextmanager
def lines_to(target: int) -> Iterator[int]:
    """Carry lines to a descriptor meanwhile.

    Args:
        target: where they go.

    Yields:
        The descriptor of a pipe that takes them.
    """
    source, sink = os.pipe()
    # A daemon, for a write to a terminal that somebody has stopped may never return.
    thread = threading.Thread(target=Carrier(source, target).run, name="access log", daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        os.close(sink)
        thread.join(2 * _GRACE)
        if not thread.is_alive():
            os.close(source)
