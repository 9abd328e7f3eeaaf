"""An upstream that takes its time, as models do: a piece of its answer every 20 ms.

Each piece's text is the time at which it is sent, so that its reader knows how long it has been
under way. Written on bare sockets because it shares a core with what is measured.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Iterator
from typing import Final

from benchmarks.workload import DELTAS, PATH, chat_events, messages_events

__all__ = ["EVENT_INTERVAL", "main"]

EVENT_INTERVAL: Final = 0.02
"""Seconds before the first event, and between two."""

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_LAST_CHUNK: Final = b"0\r\n\r\n"
_ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
)
_UNSTAMPED: Final = "@0@"


def _events(path: bytes) -> Iterator[bytes]:
    """The events of a stream in the dialect of a path, not yet stamped."""
    pieces = [_UNSTAMPED] * DELTAS
    return iter(chat_events(pieces) if path.endswith(PATH.encode()) else messages_events(pieces))


def _chunk(event: bytes) -> bytes:
    stamp = b"@%d@" % int(time.perf_counter() * 1e6)
    data = b"data: %s\n\n" % event.replace(_UNSTAMPED.encode(), stamp)
    return b"%x\r\n%s\r\n" % (len(data), data)


class _Answering(asyncio.Protocol):
    """One connection, whose requests come one after the other."""

    def __init__(self) -> None:
        self._received = b""
        self._transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._received = received = self._received + data
        end = received.find(_END_OF_HEAD)
        if end < 0:
            return
        length = _LENGTH.search(received, 0, end + 2)
        whole = (
            received.endswith(_LAST_CHUNK)
            if length is None
            else len(received) >= end + len(_END_OF_HEAD) + int(length[1])
        )
        if whole:
            path = received.split(b" ", 2)[1]
            self._received = b""
            self._next(_events(path), self._loop.time() + EVENT_INTERVAL, head=_ANSWER)

    def _next(self, events: Iterator[bytes], due: float, head: bytes = b"") -> None:
        self._timer = self._loop.call_at(due, self._send, events, due, head)

    def _send(self, events: Iterator[bytes], due: float, head: bytes) -> None:
        event = next(events, None)
        if event is None:
            self._transport.write(_LAST_CHUNK)
            return
        self._transport.write(head + _chunk(event))
        self._next(events, due + EVENT_INTERVAL)


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Answering, "127.0.0.1", port)
    await server.serve_forever()


def main() -> None:
    """``python -m benchmarks.paced PORT``."""
    asyncio.run(_serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()
