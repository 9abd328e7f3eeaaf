"""The load: keep-alive connections that each send a request as soon as the last is answered.

Written on bare sockets because it shares a core with what it measures.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from benchmarks.workload import PATH, request_body

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "
_CHUNKED = b"transfer-encoding: chunked\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_OK = b"200"


@dataclass(slots=True)
class _Tally:
    """What all connections have seen."""

    measured_from: float
    until: float
    answered: int = 0
    latencies: list[float] = field(default_factory=list)
    first_bytes: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)


class _Connection(asyncio.Protocol):
    """One connection: never more than one request in flight."""

    def __init__(self, heads: Iterator[bytes], body: bytes, tally: _Tally) -> None:
        self._heads = heads
        self._body = body
        self._tally = tally
        self._received = b""
        self._expected: int | None = None
        self._chunked = False
        self._sent = 0.0
        self._first = 0.0
        self._transport: asyncio.Transport
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        if not self._received:
            self._first = time.perf_counter()
        self._received = received = self._received + data if self._received else data
        if self._expected is None and not self._chunked and not self._read_head(received):
            return
        whole = (
            received.endswith(_LAST_CHUNK)
            if self._expected is None
            else len(received) >= self._expected
        )
        if whole:
            self._answered(received[9:12])

    def _read_head(self, received: bytes) -> bool:
        """How the end of the answer is told; False while the head is not complete."""
        end_of_head = received.find(_END_OF_HEAD)
        if end_of_head < 0:
            return False
        self._chunked = received.find(_CHUNKED, 0, end_of_head + 2) >= 0
        if not self._chunked:
            length = received.index(_LENGTH) + len(_LENGTH)
            size = int(received[length : received.index(b"\r", length)])
            self._expected = end_of_head + len(_END_OF_HEAD) + size
        return True

    def connection_lost(self, _: Exception | None) -> None:
        if not self.ended.done():
            self._tally.failures["connection lost"] += 1
            self.ended.set_result(None)

    def _send(self) -> None:
        self._received = b""
        self._expected, self._chunked = None, False
        self._sent = time.perf_counter()
        self._transport.write(next(self._heads) + self._body)

    def _answered(self, status: bytes) -> None:
        now = time.perf_counter()
        tally = self._tally
        tally.answered += 1
        if status != _OK:
            tally.failures[f"status {status.decode()}"] += 1
        if tally.measured_from <= now < tally.until:
            tally.latencies.append(now - self._sent)
            tally.first_bytes.append(self._first - self._sent)
        if now < tally.until:
            self._send()
        else:
            self.ended.set_result(None)
            self._transport.close()


def _heads(head: str, sessions: int) -> list[bytes]:
    """The head of a request of each session; without sessions, of one that belongs to none."""
    told = [f"x-model-affinity: session-{number}\r\n" for number in range(sessions)] or [""]
    return [f"{head}{session}\r\n".encode() for session in told]


async def _drive(
    port: int, body: bytes, connections: int, sessions: int, warm_up: float, seconds: float
) -> dict[str, object]:
    head = (
        f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer client\r\ncontent-length: {len(body)}\r\n"
    )
    heads = itertools.cycle(_heads(head, sessions))
    loop = asyncio.get_running_loop()
    cpu = time.process_time()
    begin = time.perf_counter()
    tally = _Tally(begin + warm_up, begin + warm_up + seconds)
    opened = [
        await loop.create_connection(lambda: _Connection(heads, body, tally), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.ended for _, connection in opened))
    return {
        "answered": tally.answered,
        "cpu": time.process_time() - cpu,
        "latencies": tally.latencies,
        "first_bytes": tally.first_bytes,
        "failures": tally.failures,
    }


def main() -> None:
    """``python -m benchmarks.client PORT BODY_BYTES CONNECTIONS STREAMED SESSIONS WARM_UP
    SECONDS``.

    Prints JSON: how many requests were ``answered``, the ``cpu`` seconds that took, the
    ``latencies`` in seconds of those answered after the warm-up and the time to their
    ``first_bytes``, the ``failures`` by kind.
    """
    port, body_bytes, connections, streamed, sessions = (
        int(argument) for argument in sys.argv[1:6]
    )
    warm_up, seconds = (float(argument) for argument in sys.argv[6:])
    body = request_body(body_bytes, streamed=bool(streamed))
    gc.disable()
    seen = asyncio.run(_drive(port, body, connections, sessions, warm_up, seconds))
    sys.stdout.buffer.write(orjson.dumps(seen))


if __name__ == "__main__":
    main()
