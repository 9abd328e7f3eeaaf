"""Envoy's rate limit service: says of a request, or of an attempt, whether its limits allow it.

https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/ratelimit/v3/rls.proto
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extproc.contract import LIMITS_OF_REQUESTS
from extproc.core.counting import OnStoreFailure
from extproc.core.rate_limit_words import (
    LIMIT_ENTRY,
    WHO_ENTRY,
    headers_of,
    refusing_headers,
    used_up,
)
from extproc.core.rate_limits import RateLimit
from extproc.quotas import Charge, Counter, Counters, StoreError, Taken
from extproc.transport.calls import Call, RefusedError, Service
from extproc.transport.wire import Message, RateLimitRequest, RateLimitResponse
from extproc.worker.used_up import UsedUp

__all__ = ["RateLimiter", "rate_limit_service"]

_OK: Final = 1
_OVER_LIMIT: Final = 2
"""RateLimitResponse.Code"""


@dataclass(frozen=True, slots=True)
class _Ask:
    """One descriptor: so many hits on the limit of somebody. ``is_told`` is whether they have
    happened, else they are asked for."""

    limit: RateLimit
    bucket: str
    hits: int

    @property
    def is_told(self) -> bool:
        return self.limit.counts_tokens and self.hits > 0

    @property
    def charge(self) -> Charge:
        """Where tokens are asked for, any that are left will do: how many it takes nobody knows."""
        limit, counter = self.limit, Counter(self.limit.counter(self.bucket), self.limit.window)
        if self.is_told:
            return Charge(counter, self.hits)
        return Charge(counter, self.hits, limit.most - 1 if limit.counts_tokens else limit.most)

    def is_exceeded(self, count: int) -> bool:
        """Whether it was this one that was refused, by where its counter stands."""
        most = self.charge.limit
        return most is not None and count + self.hits > most


class RateLimiter:
    """Answers Envoy, by counters that all share."""

    def __init__(
        self,
        limits: Iterable[RateLimit],
        counters: Counters,
        used_up: UsedUp,
        on_failure: OnStoreFailure,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            limits: the configuration's.
            counters: where they are counted.
            used_up: is told which of them are used up.
            on_failure: what it means if the counters do not answer.
            clock: tells the time, in seconds since the epoch.
        """
        self._limits = {limit.name: limit for limit in limits}
        self._counters = counters
        self._used_up = used_up
        self._on_failure = on_failure
        self._clock = clock

    async def answer(self, call: Call) -> None:
        """Serve one call.

        Raises:
            RefusedError: the counters do not answer, and requests are refused then: so Envoy does.
        """
        request = await call.read()
        if request is None:
            return
        asks, now = self._asks(request), self._clock()
        told = [ask.charge for ask in asks if ask.is_told]
        if told:
            self._counters.add(told, now)
        asked = [ask for ask in asks if not ask.is_told]
        headers: Mapping[str, str] = {}
        if asked:
            try:
                taken = await self._counters.take([ask.charge for ask in asked], now)
            except StoreError as error:
                if self._on_failure is OnStoreFailure.CLOSED:
                    raise RefusedError(str(error)) from None
            else:
                self._learn(asked, taken, now)
                if not taken.granted:
                    await call.write(_refusal(asked, taken, now))
                    return
                if request.domain == LIMITS_OF_REQUESTS:
                    headers = _standing(asked, taken, now)
        await call.write(_response(_OK, headers))

    def _asks(self, request: Message) -> Sequence[_Ask]:
        asks = {}
        for descriptor in request.descriptors:
            said = {entry.key: entry.value for entry in descriptor.entries}
            limit = self._limits.get(said.get(LIMIT_ENTRY, ""))
            if limit is not None:
                hits = descriptor.hits_addend.value if descriptor.HasField("hits_addend") else 1
                asks[limit.name] = _Ask(limit, _in_latin_1(said.get(WHO_ENTRY, "")), hits)
        return tuple(asks.values())

    def _learn(self, asked: Sequence[_Ask], taken: Taken, now: float) -> None:
        for ask, count in zip(asked, taken.counts, strict=True):
            if count >= ask.limit.most:
                self._used_up.note(ask.limit, ask.bucket, ask.limit.window.ends(now))


def _in_latin_1(value: str | bytes) -> str:
    """A header's value as the rest of the worker has it. Protobuf gives bytes that are not UTF-8 as
    they are, and clients may send any."""
    return (value.encode() if isinstance(value, str) else value).decode("latin-1")


def _refusal(asked: Sequence[_Ask], taken: Taken, now: float) -> bytes:
    """Of several limits that are used up, the one counts that is so for longest."""
    exceeded = [
        ask.limit for ask, count in zip(asked, taken.counts, strict=True) if ask.is_exceeded(count)
    ]
    limit = max(exceeded, key=lambda limit: limit.window.ends(now))
    wait = _wait(limit, now)
    body = used_up(limit.in_words, str(wait))
    return _response(_OVER_LIMIT, refusing_headers(limit, wait), body)


def _standing(asked: Sequence[_Ask], taken: Taken, now: float) -> Mapping[str, str]:
    """Of several limits, the one counts of which the smallest part is left."""
    left = [
        (max(0, ask.limit.most - count), ask.limit)
        for ask, count in zip(asked, taken.counts, strict=True)
    ]
    remaining, limit = min(left, key=lambda each: each[0] / each[1].most)
    return headers_of(limit, remaining, _wait(limit, now))


def _wait(limit: RateLimit, now: float) -> int:
    return max(1, math.ceil(limit.window.ends(now) - now))


def _response(code: int, headers: Mapping[str, str], body: str = "") -> bytes:
    response = RateLimitResponse(overall_code=code, raw_body=body.encode())
    for name, value in headers.items():
        response.response_headers_to_add.add(key=name, value=value)
    return bytes(response.SerializeToString())


def rate_limit_service(limiter: RateLimiter) -> Service:
    """The service that Envoy's rate limit filters ask."""
    return Service(
        name="envoy.service.ratelimit.v3.RateLimitService",
        method="ShouldRateLimit",
        read=RateLimitRequest.FromString,
        process=limiter.answer,
    )
