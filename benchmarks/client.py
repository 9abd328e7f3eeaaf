"""The load: keep-alive connections that send a request as soon as the last is answered, or when one
is due.

Written on bare sockets because it shares a core with what it measures.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol

import orjson

from benchmarks.workload import PATH, STAMP, mixed_bodies, request_body

__all__ = ["Job", "main"]

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n", re.IGNORECASE)
_LAST_CHUNK: Final = b"0\r\n\r\n"
_OK: Final = b"200"


@dataclass(frozen=True, slots=True)
class Job:
    """What to send, where, and for how long.

    ``mixed`` is whether the bodies are many people's instead of one of ``body_bytes``. Requests
    belong to ``sessions`` in turns; 0: to none. With a ``rate``, so many are due each second, and
    the time that one waits for a free connection counts; 0: each connection sends on as soon as it
    can. ``headers`` are sent beside the usual ones.
    """

    port: int
    connections: int
    warm_up: float
    seconds: float
    body_bytes: int
    streamed: bool = False
    mixed: bool = False
    sessions: int = 0
    rate: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> Job:
        return cls(**orjson.loads(text))


@dataclass(slots=True)
class _Tally:
    """What all connections have seen."""

    measured_from: float
    until: float
    answered: int = 0
    answered_in_time: int = 0
    latencies: list[float] = field(default_factory=list)
    first_bytes: list[float] = field(default_factory=list)
    first_events: list[float] = field(default_factory=list)
    event_delays: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)


class _Pace(Protocol):
    """When requests are sent."""

    def free(self, connection: _Connection) -> None:
        """A connection can send: it is told to ``send``, now or later, or to ``leave``."""


class _Closed:
    """Each connection at once, until the time is over."""

    def __init__(self, tally: _Tally) -> None:
        self._tally = tally

    def free(self, connection: _Connection) -> None:
        now = time.perf_counter()
        if now < self._tally.until:
            connection.send(now)
        else:
            connection.leave()


class _Open:
    """So many requests a second, whether or not the earlier ones have been answered."""

    def __init__(self, tally: _Tally, rate: float) -> None:
        self._tally = tally
        self._interval = 1.0 / rate
        self._due = time.perf_counter()
        self._waiting: deque[float] = deque()
        self._idle: list[_Connection] = []
        self._loop = asyncio.get_running_loop()
        self._loop.call_soon(self._tick)

    def free(self, connection: _Connection) -> None:
        if self._waiting:
            connection.send(self._waiting.popleft())
        elif self._due < self._tally.until:
            self._idle.append(connection)
        else:
            connection.leave()

    def _tick(self) -> None:
        now = time.perf_counter()
        while self._due <= now and self._due < self._tally.until:
            self._waiting.append(self._due)
            self._due += self._interval
        while self._waiting and self._idle:
            self._idle.pop().send(self._waiting.popleft())
        if self._due < self._tally.until:
            self._loop.call_later(self._due - now, self._tick)
            return
        while self._idle:
            self._idle.pop().leave()


class _Connection(asyncio.Protocol):
    """One connection: never more than one request in flight."""

    def __init__(self, requests: Iterator[bytes], pace: _Pace, tally: _Tally) -> None:
        self._requests = requests
        self._pace = pace
        self._tally = tally
        self._received = b""
        self._expected: int | None = None
        self._chunked = False
        self._due = 0.0
        self._first = 0.0
        self._stamps: list[float] = []
        self._read_until = 0
        self._transport: asyncio.Transport
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._pace.free(self)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        if not self._received:
            self._first = now
        self._received = received = self._received + data if self._received else data
        if self._expected is None and not self._chunked and not self._read_head(received):
            return
        if self._chunked:
            self._read_stamps(received, now)
        whole = (
            received.endswith(_LAST_CHUNK)
            if self._expected is None
            else len(received) >= self._expected
        )
        if whole:
            self._answered(received[9:12], now)

    def _read_head(self, received: bytes) -> bool:
        """How the end of the answer is told; False while the head is not complete."""
        end_of_head = received.find(_END_OF_HEAD)
        if end_of_head < 0:
            return False
        self._read_until = end_of_head
        length = _LENGTH.search(received, 0, end_of_head + 2)
        if length is not None:
            self._expected = end_of_head + len(_END_OF_HEAD) + int(length[1])
        else:
            self._chunked = _CHUNKED.search(received, 0, end_of_head + 2) is not None
        return True

    def _read_stamps(self, received: bytes, now: float) -> None:
        """How long the pieces of a stream have been under way that tell when they were sent."""
        for stamp in STAMP.finditer(received, self._read_until):
            self._read_until = stamp.end()
            self._stamps.append(now - int(stamp[1]) / 1e6)
            if len(self._stamps) == 1:
                self._first_event = now

    def connection_lost(self, _: Exception | None) -> None:
        if not self.ended.done():
            self._tally.failures["connection lost"] += 1
            self.ended.set_result(None)

    def send(self, due: float) -> None:
        """Send the next request, which has been due since then."""
        self._received = b""
        self._expected, self._chunked = None, False
        self._stamps = []
        self._due = due
        self._transport.write(next(self._requests))

    def leave(self) -> None:
        """Close, for no request is left."""
        self.ended.set_result(None)
        self._transport.close()

    def _answered(self, status: bytes, now: float) -> None:
        tally = self._tally
        tally.answered += 1
        if status != _OK:
            tally.failures[f"status {status.decode()}"] += 1
        if tally.measured_from <= now < tally.until:
            tally.answered_in_time += 1
        if tally.measured_from <= self._due < tally.until:
            tally.latencies.append(now - self._due)
            tally.first_bytes.append(self._first - self._due)
            if self._stamps:
                tally.first_events.append(self._first_event - self._due)
                tally.event_delays.extend(self._stamps)
        self._pace.free(self)


def _requests(job: Job) -> list[bytes]:
    """Whole requests, each of which is sent in its turn."""
    told = "".join(f"{name}: {value}\r\n" for name, value in job.headers.items())
    sessions = [f"x-model-affinity: session-{number}\r\n" for number in range(job.sessions)] or [""]
    bodies = mixed_bodies() if job.mixed else [request_body(job.body_bytes, streamed=job.streamed)]

    def request(session: str, body: bytes) -> bytes:
        head = (
            f"POST {PATH} HTTP/1.1\r\nhost: 127.0.0.1:{job.port}\r\n"
            f"content-type: application/json\r\nauthorization: Bearer client\r\n"
            f"content-length: {len(body)}\r\n{told}{session}\r\n"
        )
        return head.encode() + body

    turns = max(len(sessions), len(bodies))
    pairs = zip(itertools.cycle(sessions), itertools.cycle(bodies), strict=False)
    return [request(session, body) for session, body in itertools.islice(pairs, turns)]


async def _drive(job: Job) -> dict[str, Any]:
    requests = itertools.cycle(_requests(job))
    loop = asyncio.get_running_loop()
    cpu = time.process_time()
    begin = time.perf_counter()
    tally = _Tally(begin + job.warm_up, begin + job.warm_up + job.seconds)
    pace = _Open(tally, job.rate) if job.rate else _Closed(tally)
    opened = [
        await loop.create_connection(
            lambda: _Connection(requests, pace, tally), "127.0.0.1", job.port
        )
        for _ in range(job.connections)
    ]
    await asyncio.gather(*(connection.ended for _, connection in opened))
    return {
        "answered": tally.answered,
        "answered_in_time": tally.answered_in_time,
        "cpu": time.process_time() - cpu,
        "latencies": tally.latencies,
        "first_bytes": tally.first_bytes,
        "first_events": tally.first_events,
        "event_delays": tally.event_delays,
        "failures": tally.failures,
    }


def main() -> None:
    """``python -m benchmarks.client JOB``, a job in JSON.

    Prints JSON: how many requests were ``answered``, the ``cpu`` seconds that took, how many of
    them were ``answered_in_time``: between the warm-up and the end; the ``latencies`` in seconds of
    those that were due then and the time to their ``first_bytes``, of streams whose pieces tell
    when they were sent the time to the ``first_events`` and the ``event_delays``, and the
    ``failures`` by kind.
    """
    job = Job.from_json(sys.argv[1])
    gc.disable()
    sys.stdout.buffer.write(orjson.dumps(asyncio.run(_drive(job))))


if __name__ == "__main__":
    main()
