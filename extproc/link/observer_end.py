"""The observer's end of the links to its workers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from cachetools import LRUCache, TTLCache

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
    decode,
    encode,
    read_message,
)
from extproc.ranking.snapshot import Snapshot

__all__ = ["ObserverEnd"]

_log = logging.getLogger(__name__)

_MOST_WAITING = 64 * 1024 * 1024


class ObserverEnd:
    """Publishes snapshots and origins to all workers, and passes their pins on to each other.

    ``stats`` holds what each worker has counted.
    """

    def __init__(
        self,
        hear: Callable[[DecisionRecord | FailureNotice | GuardReport], None],
        most_origins: int = 0,
        pins_for: float = 0.0,
    ) -> None:
        """
        Args:
            hear: is told of every decision, of what guards have said, and of every attempt that a
                worker saw fail.
            most_origins: how many are kept for workers that connect later, and as many pins.
            pins_for: for how many seconds a pin is kept that nobody tells of again.
        """
        self.stats: dict[int, WorkerStats] = {}
        self._hear = hear
        self._workers: dict[asyncio.StreamWriter, int] = {}
        self._published: Snapshot | None = None
        self._origins: LRUCache[str, bytes] = LRUCache(most_origins)
        self._pins: TTLCache[str, bytes] = TTLCache(most_origins, pins_for)

    @property
    def workers(self) -> Sequence[int]:
        """The numbers of the workers that are connected."""
        return sorted(set(self._workers.values()))

    def publish(self, snapshot: Snapshot) -> None:
        """Tell all workers, and those that connect later, what is known now.

        Those that are connected know what was published before: they are told what is new.
        """
        known, self._published = self._published, snapshot
        line = encode(snapshot if known is None else snapshot.without_what_is_known(known))
        for writer in self._workers:
            self._write(writer, line)

    def known(self) -> Sequence[OriginNotice | PinNotice]:
        """What workers are told that connect later."""
        lines = (*self._origins.values(), *self._pins.values())
        return [
            each for line in lines if isinstance(each := decode(line), OriginNotice | PinNotice)
        ]

    def pin(self, notice: PinNotice, teller: asyncio.StreamWriter | None = None) -> None:
        """Tell all workers, but the one that told it, and those that connect later, to what model a
        session is pinned."""
        line = encode(notice)
        if self._pins.maxsize:
            self._pins[notice.key] = line
        for writer in self._workers:
            if writer is not teller:
                self._write(writer, line)

    def origin(self, notice: OriginNotice) -> None:
        """Tell all workers, and those that connect later, who has made something."""
        line = encode(notice)
        if self._origins.maxsize:
            self._origins[notice.made] = line
        for writer in self._workers:
            self._write(writer, line)

    @contextlib.asynccontextmanager
    async def listening(self, socket: Path) -> AsyncIterator[None]:
        """Take connections from workers meanwhile."""
        socket.unlink(missing_ok=True)  # noqa: ASYNC240 - once, before serving
        server = await asyncio.start_unix_server(self._serve, str(socket), limit=LARGEST_MESSAGE)
        try:
            yield
        finally:
            server.close()
            for writer in list(self._workers):
                writer.close()

    def _write(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        if writer.is_closing():
            return
        if writer.transport.get_write_buffer_size() > _MOST_WAITING:
            _log.error("worker %s does not listen; cutting its link", self._workers[writer])
            writer.transport.abort()
            return
        writer.write(line)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (message := await read_message(reader)) is not None:
                self._receive(message, writer)
        except ConnectionError:
            return
        except ValueError:
            _log.exception("what a worker says is not understood; cutting its link")
        finally:
            self._workers.pop(writer, None)
            writer.close()

    def _receive(self, message: LinkMessage, writer: asyncio.StreamWriter) -> None:
        if isinstance(message, Hello):
            self._workers[writer] = message.worker
            if self._published is not None:
                self._write(writer, encode(self._published))
            self._write(writer, b"".join((*self._origins.values(), *self._pins.values())))
        elif isinstance(message, PinNotice):
            self.pin(message, teller=writer)
        elif isinstance(message, WorkerStats) and writer in self._workers:
            self.stats[self._workers[writer]] = message
        elif isinstance(message, Decisions):
            for record in message.records:
                self._tell(record)
        elif isinstance(message, FailureNotice | GuardReport):
            self._tell(message)

    def _tell(self, message: DecisionRecord | FailureNotice | GuardReport) -> None:
        try:
            self._hear(message)
        except Exception:  # noqa: BLE001 - one message must not cut the link
            _log.exception("what a worker told could not be learned from")
