"""One round trip to Redis: pins that are written there, and pins that are looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import ResponseError

from extproc.affinity import redis_pins
from extproc.affinity.pins import Pin

__all__ = ["RoundTrips"]


class RoundTrips:
    """Sends what is to be kept and what is asked for over one connection, several at once."""

    def __init__(self, client: Redis, prefix: str, ttl: float) -> None:
        """
        Args:
            client: the connection.
            prefix: what stands before keys.
            ttl: for how many seconds a pin lives after it was last used.
        """
        self._client = client
        self._prefix = prefix
        self._ttl = max(1, round(ttl))

    async def greet(self, patience: float) -> None:
        """See that Redis answers what it will be asked.

        Args:
            patience: seconds.

        Raises:
            TimeoutError: it does not, for so long.
            RedisError: it refuses, or is not there.
        """
        async with asyncio.timeout(patience):
            async with self._client.pipeline(transaction=False) as pipe:
                self._look_up(pipe, self._prefix)
                await pipe.execute()

    async def make(
        self, written: Mapping[str, Pin], asked: Sequence[str], patience: float
    ) -> tuple[list[ResponseError | None], list[Pin | None]]:
        """Make one round trip.

        Args:
            written: pins to keep, by their keys; those that are too large are left out.
            asked: keys to look up. What is there lives on.
            patience: seconds.

        Returns:
            Of each that was written, why it is not kept, None if it is; and what was found under
            each key that was asked for.

        Raises:
            TimeoutError: Redis does not answer for so long.
            RedisError: it refuses to tell, or is not there.
        """
        values = {key: redis_pins.value(pin) for key, pin in written.items()}
        fitting = {key: value for key, value in values.items() if len(value) <= redis_pins.LARGEST}
        async with self._client.pipeline(transaction=False) as pipe:
            for key, value in fitting.items():
                pipe.set(redis_pins.name(key, self._prefix), value, ex=self._ttl)
            for key in asked:
                self._look_up(pipe, redis_pins.name(key, self._prefix))
            async with asyncio.timeout(patience):
                replies = await pipe.execute(raise_on_error=False)
        kept, looked_up = replies[: len(fitting)], replies[len(fitting) :]
        refusals = [each if isinstance(each, ResponseError) else None for each in kept]
        # Each key was asked for and had its life prolonged.
        found = [_found(each) for each in looked_up][::2]
        return refusals, [None if each is None else redis_pins.pin(each) for each in found]

    def _look_up(self, pipe: Pipeline, name: bytes | str) -> None:
        """Ask for what is under a name, as far as it may be a pin, and let it live on.

        GETEX would do both at once, but it answers with whatever is there, however large.
        """
        pipe.getrange(name, 0, redis_pins.LARGEST - 1)
        pipe.expire(name, self._ttl)


def _found(reply: Any) -> Any:
    """What is under a name; nothing, where something of another type is.

    Raises:
        ResponseError: Redis refuses to say; it will be greeted again.
    """
    if not isinstance(reply, ResponseError):
        return reply
    if str(reply).startswith("WRONGTYPE"):
        return None
    raise reply
