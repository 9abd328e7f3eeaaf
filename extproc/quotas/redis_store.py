"""Counters in Redis, which all replicas share.

One script charges the lines of an item, and Redis runs scripts one after the other
(https://redis.io/docs/latest/develop/programmability/eval-intro/), so that what it grants is exact
however many ask at once.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from redis.exceptions import RedisError

from extproc import redis_client
from extproc.core.redis_url import whereabouts
from extproc.quotas.counters import StoreError, Taken
from extproc.quotas.store import Batch, Line

__all__ = ["PREFIX", "RedisStore"]

PREFIX: Final = "dragoman:count:"
"""What stands before a counter's key in Redis."""

_CONNECTING: Final = 1.0
_ANSWERING: Final = 1.0
"""In seconds."""
# ValueError: what answers there speaks, but not as Redis does.
_LOST: Final = (RedisError, OSError, ValueError)

_NO_LIMIT: Final = -1
_CHARGE: Final = f"""
local counts, granted = {{}}, 1
for i, key in ipairs(KEYS) do
  counts[i] = tonumber(redis.call('GET', key) or '0')
  local amount, limit = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1])
  if limit ~= {_NO_LIMIT} and counts[i] + amount > limit then granted = 0 end
end
if granted == 1 then
  for i, key in ipairs(KEYS) do
    if ARGV[3 * i - 2] ~= '0' then
      counts[i] = redis.call('INCRBY', key, ARGV[3 * i - 2])
      if counts[i] < 0 then
        redis.call('SET', key, '0')
        counts[i] = 0
      end
      redis.call('EXPIREAT', key, ARGV[3 * i])
    end
  end
end
return {{granted, unpack(counts)}}
"""


class RedisStore:
    """Counters in one Redis server."""

    atomic: ClassVar[bool] = False

    def __init__(self, url: str, *, authorities: str | None = None) -> None:
        """
        Args:
            url: a valid URL of Redis.
            authorities: a file of certificate authorities to trust, for ``rediss://``.
        """
        self.place = f"Redis at {whereabouts(url)}"
        self._url = url
        self._client = redis_client.connection(
            url, connect_timeout=_CONNECTING, authorities=authorities
        )
        self._script = ""

    async def open(self) -> None:
        try:
            async with asyncio.timeout(_CONNECTING):
                self._script = await self._client.script_load(_CHARGE)
        except _LOST as error:
            raise self._failed(error) from error

    async def exchange(self, batch: Batch) -> Sequence[Taken]:
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for lines in batch:
                    names = [PREFIX + line.key for line in lines]
                    pipe.evalsha(self._script, len(names), *names, *_arguments(lines))
                async with asyncio.timeout(_ANSWERING):
                    replies: list[Any] = await pipe.execute()
        except _LOST as error:
            raise self._failed(error) from error
        return [Taken(granted == 1, tuple(counts)) for granted, *counts in replies]

    async def close(self) -> None:
        # What cannot be closed in order was broken before.
        with contextlib.suppress(RedisError, OSError):
            await self._client.connection_pool.disconnect()

    def _failed(self, error: Exception) -> StoreError:
        return StoreError(redis_client.explained(error, self._url))


def _arguments(lines: Sequence[Line]) -> list[int]:
    arguments = []
    for line in lines:
        limit = _NO_LIMIT if line.limit is None else line.limit
        arguments += [line.amount, limit, line.expires]
    return arguments
