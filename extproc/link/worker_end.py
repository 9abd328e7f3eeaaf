"""A worker's end of the link to the observer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from extproc.core.guards import GuardReport
from extproc.core.records import DecisionRecord
from extproc.link.messages import (
    LARGEST_MESSAGE,
    Decisions,
    FailureNotice,
    Hello,
    LinkMessage,
    OriginNotice,
    PinNotice,
    WorkerStats,
    encode,
    read_message,
)
from extproc.ranking.snapshot import Snapshot

__all__ = ["WorkerEnd"]

_log = logging.getLogger(__name__)

_GATHERING = 0.01
"""Seconds for which decisions are gathered into one message."""
_MOST_RECORDS = 2000
"""In one message, which has a few megabytes then."""
_MOST_WAITING = 4 * 1024 * 1024
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


class WorkerEnd:
    """Tells the observer of decisions and pins, and hears what it knows.

    ``snapshot`` is what it said last, and ``informed`` whether it has said anything; ``dropped``
    counts what could not be told. ``hear_pin``, once set, is told what other workers have pinned,
    ``hear_origin`` who has made what.

    While the observer is away, the last snapshot stays in use and what is told is lost: requests
    do not depend on it.
    """

    def __init__(self, socket: Path, worker: int) -> None:
        """
        Args:
            socket: the Unix socket that the observer listens on.
            worker: this worker's number.
        """
        self.snapshot = Snapshot()
        self.informed = False
        self.dropped = 0
        self.hear_pin: Callable[[PinNotice], None] | None = None
        self.hear_origin: Callable[[OriginNotice], None] | None = None
        self._socket = socket
        self._worker = worker
        self._waiting: list[DecisionRecord] = []
        self._writer: asyncio.StreamWriter | None = None

    def tell(
        self, message: DecisionRecord | PinNotice | FailureNotice | WorkerStats | GuardReport
    ) -> None:
        """Send a message soon. Never waits: it is dropped where there is nobody to read it."""
        if self._writer is None or len(self._waiting) >= _MOST_RECORDS:
            self.dropped += 1
        elif isinstance(message, DecisionRecord):
            if not self._waiting:
                asyncio.get_running_loop().call_later(_GATHERING, self._flush)
            self._waiting.append(message)
        else:
            # At once, and behind the decisions before it: the next request may be there already.
            self._flush()
            self._write(message, 1)

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Keep up the connection meanwhile, opening it again whenever it is lost."""
        keeping = asyncio.create_task(self._keep_up())
        try:
            yield
        finally:
            self._flush()
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping

    def _flush(self) -> None:
        records, self._waiting = self._waiting, []
        if records:
            self._write(Decisions(tuple(records)), len(records))

    def _write(self, message: LinkMessage, told: int) -> None:
        """Send a message, which tells of so many things."""
        writer = self._writer
        if writer is None or writer.is_closing() or _is_full(writer):
            self.dropped += told
        else:
            writer.write(encode(message))

    async def _keep_up(self) -> None:
        pause, had = _FIRST_PAUSE, False
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(
                    str(self._socket), limit=LARGEST_MESSAGE
                )
            except OSError:
                if had:
                    _log.warning("the observer is away; going on with what it last said")
                    had = False
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            # Another observer may have taken the place of the one before, which is no news.
            pause, had = _FIRST_PAUSE, True
            self._writer = writer
            writer.write(encode(Hello(self._worker)))
            try:
                await self._listen(reader)
            finally:
                self._writer = None
                writer.close()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while (message := await read_message(reader)) is not None:
                self._hear(message)
        except ConnectionError:
            return
        except ValueError:
            _log.exception("what the observer says is not understood; connecting anew")

    def _hear(self, message: LinkMessage) -> None:
        if isinstance(message, Snapshot):
            self.snapshot = message.with_what_is_missing(self.snapshot)
            self.informed = True
        elif isinstance(message, PinNotice) and self.hear_pin is not None:
            self.hear_pin(message)
        elif isinstance(message, OriginNotice) and self.hear_origin is not None:
            self.hear_origin(message)


def _is_full(writer: asyncio.StreamWriter) -> bool:
    return writer.transport.get_write_buffer_size() > _MOST_WAITING
