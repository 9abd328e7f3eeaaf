"""Pins in Redis, shared by all replicas.

No request speaks to Redis itself. One task does, over one connection, and sends what requests ask
and keep in batches. A request waits for its answer only, and not for long: when it gives up, no
command is broken off, and no reply is left behind for the next one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from itertools import islice
from typing import Final

from redis.exceptions import RedisError, ResponseError

from extproc import redis_client
from extproc.affinity import redis_pins
from extproc.affinity.memory import MemoryPins
from extproc.affinity.pins import Pin, PinStats
from extproc.affinity.redis_round_trip import RoundTrips
from extproc.core.pauses import pause_after
from extproc.core.redis_url import whereabouts

__all__ = ["RedisPins"]

_log = logging.getLogger(__name__)

# In seconds.
_PATIENCE: Final = 0.05
_CONNECTING: Final = 1.0
_CLOSING: Final = 0.25
_WRITTEN_AT_ONCE: Final = 100


class RedisPins:
    """Pins in Redis, and in memory those that this process has seen.

    While Redis is down or slow, ``find`` goes by the memory without waiting; what was kept
    meanwhile is written once Redis answers. What Redis lost is written again when it is used.
    """

    def __init__(
        self,
        url: str,
        memory: MemoryPins,
        *,
        authorities: str | None = None,
        prefix: str = redis_pins.SESSIONS,
        called: str = "sessions",
    ) -> None:
        """Connect in the background. An event loop must be running.

        Args:
            url: a valid URL of Redis.
            memory: for the pins that this process has seen, with their time to live.
            authorities: a file of certificate authorities to trust, for ``rediss://``.
            prefix: what stands before keys in Redis: it keeps stores of pins apart.
            called: what the log calls what is kept.
        """
        self._url = url
        self._called = called
        self._memory = memory
        self._client = redis_client.connection(
            url, connect_timeout=_CONNECTING, authorities=authorities
        )
        self._round_trips = RoundTrips(self._client, prefix, memory.ttl)
        self._asked: list[tuple[str, asyncio.Future[Pin | None]]] = []
        self._unwritten: dict[str, None] = {}
        self._work = asyncio.Event()
        self._closing = False
        # Until somebody has waited in vain.
        self._answering = True
        self._reported_up: bool | None = None
        self._takes_pins = True
        self._hits = self._misses = self._fallbacks = 0
        self._timeouts = self._errors = self._store_errors = 0
        self._task = asyncio.get_running_loop().create_task(self._serve())
        self._task.add_done_callback(_report_end)

    @property
    def stats(self) -> PinStats:
        return PinStats(
            self._hits,
            self._misses,
            self._fallbacks,
            self._timeouts,
            self._errors,
            self._store_errors,
            reachable=self._answering,
        )

    async def find(self, key: str) -> Pin | None:
        pin = await self._ask(key) if self._answering else self._fall_back(key)
        if pin is None:
            self._misses += 1
        else:
            self._hits += 1
        return pin

    def keep(self, key: str, pin: Pin) -> None:
        self._memory.keep(key, pin)
        self._write_later(key)

    async def close(self) -> None:
        self._answering = False
        self._closing = True
        self._work.set()
        await asyncio.wait((self._task,), timeout=_CLOSING)
        self._task.cancel()
        await asyncio.wait((self._task,))
        await self._disconnect()

    async def _ask(self, key: str) -> Pin | None:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Pin | None] = loop.create_future()
        self._asked.append((key, answer))
        self._work.set()
        timer = loop.call_later(_PATIENCE, self._give_up, key, answer)
        try:
            return await answer
        finally:
            timer.cancel()

    def _give_up(self, key: str, answer: asyncio.Future[Pin | None]) -> None:
        if not answer.done():
            self._timeouts += 1
            # The others need not wait: the reply, when it comes, says that Redis is back.
            self._answering = False
            answer.set_result(self._fall_back(key))

    def _fall_back(self, key: str) -> Pin | None:
        self._fallbacks += 1
        return self._memory.used(key)

    def _write_later(self, key: str) -> None:
        self._unwritten[key] = None
        if len(self._unwritten) > self._memory.max_entries:
            del self._unwritten[next(iter(self._unwritten))]
        self._work.set()

    async def _serve(self) -> None:
        failures = 0
        while True:
            try:
                await self._greet()
                failures = 0
                await self._exchange_until_closed()
                return
            except redis_client.LOST as error:
                failures += 1
                self._errors += 1
                self._let_go()
                if failures > 1:
                    self._report(False, error)
                await self._disconnect()
                await asyncio.sleep(pause_after(failures))

    async def _greet(self) -> None:
        """Connect, which may take a while, and see that Redis answers in time."""
        for patience in (_CONNECTING, _PATIENCE):
            await self._round_trips.greet(patience)
        self._answering = True
        self._report(True)

    async def _exchange_until_closed(self) -> None:
        while True:
            while self._asked or self._unwritten:
                await self._exchange()
            if self._closing:
                return
            await self._work.wait()
            self._work.clear()

    async def _exchange(self) -> None:
        """Write what is unwritten and ask what was asked, in one round trip."""
        asked, self._asked = self._asked, []
        written = list(islice(self._unwritten, _WRITTEN_AT_ONCE))
        for key in written:
            del self._unwritten[key]
        pins = {key: pin for key in written if (pin := self._memory.known(key)) is not None}
        try:
            refusals, found = await self._round_trips.make(
                pins, [key for key, _ in asked], _PATIENCE
            )
        except redis_client.LOST:
            self._asked = asked + self._asked
            self._unwritten = dict.fromkeys(written) | self._unwritten
            raise
        self._answering = True
        for refusal in refusals:
            self._note_write(refusal)
        for (key, answer), known in zip(asked, found, strict=True):
            pin = self._settled(key, known)
            if not answer.done():
                answer.set_result(pin)

    def _settled(self, key: str, pin: Pin | None) -> Pin | None:
        """What a session is pinned to, once Redis has told what it knows."""
        if key in self._unwritten:
            return self._memory.used(key)
        if pin is not None:
            self._memory.keep(key, pin)
            return pin
        known = self._memory.used(key)
        if known is not None:
            self._write_later(key)
        return known

    def _let_go(self) -> None:
        """Let nobody wait for a Redis that has failed."""
        self._answering = False
        asked, self._asked = self._asked, []
        for key, answer in asked:
            if not answer.done():
                answer.set_result(self._fall_back(key))

    def _note_write(self, refusal: ResponseError | None) -> None:
        if refusal is not None:
            self._store_errors += 1
            if self._takes_pins:
                _log.warning(
                    "Redis at %s does not take pins: %s",
                    whereabouts(self._url),
                    redis_client.explained(refusal, self._url),
                )
        self._takes_pins = refusal is None

    def _report(self, up: bool, error: Exception | None = None) -> None:
        if up is self._reported_up:
            return
        self._reported_up = up
        if error is None:
            _log.info("%s are kept in Redis at %s", self._called, whereabouts(self._url))
        else:
            _log.warning(
                "Redis at %s does not answer, each worker keeps the %s that it sees: %s",
                whereabouts(self._url),
                self._called,
                redis_client.explained(error, self._url),
            )

    async def _disconnect(self) -> None:
        # What cannot be closed in order was broken before.
        with contextlib.suppress(RedisError, OSError):
            await self._client.connection_pool.disconnect()


def _report_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("sessions are no longer shared: the task that does it failed", exc_info=error)
