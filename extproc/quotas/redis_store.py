"""Counters in Redis, which all replicas share.

One script charges the lines of an item, and Redis runs scripts one after the other
(https://redis.io/docs/latest/develop/programmability/eval-intro/), so that what it grants is exact
however many ask at once.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from typing import Any, Final

from redis.exceptions import RedisError

from extproc import redis_client
from extproc.core.redis_url import whereabouts
from extproc.quotas.counters import StoreError, Taken
from extproc.quotas.patience import patiently
from extproc.quotas.store import MOST_KEYS, Batch, Item

__all__ = ["PREFIX", "RedisStore"]

PREFIX: Final = "dragoman:count:"
"""What stands before a counter's key in Redis."""
_ONCE: Final = "dragoman:counted:"
"""What stands before the id of what is charged once."""

_CONNECTING: Final = 1.0
_ANSWERING: Final = 1.0
"""In seconds."""

_SCANNED_AT_ONCE: Final = 1000
_SPECIAL: Final = re.compile(r"[\\*?\[\]]")
"""What patterns of keys are made of (https://redis.io/docs/latest/commands/keys/)."""

_NO_LIMIT: Final = -1
_REMEMBERED: Final = 3600
"""Seconds for which Redis knows what has been charged once."""
_CHARGE: Final = f"""
local counts, granted, last = {{}}, 1, #KEYS
if ARGV[1] == 'once' then
  if not redis.call('SET', KEYS[last], '1', 'NX', 'EX', {_REMEMBERED}) then
    return {{1}}
  end
  last = last - 1
end
for i = 1, last do
  counts[i] = tonumber(redis.call('GET', KEYS[i]) or '0')
  local amount, limit = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  if limit ~= {_NO_LIMIT} and counts[i] + amount > limit then granted = 0 end
end
if granted == 1 then
  for i = 1, last do
    if ARGV[3 * i - 1] ~= '0' then
      counts[i] = redis.call('INCRBY', KEYS[i], ARGV[3 * i - 1])
      if counts[i] < 0 then
        redis.call('SET', KEYS[i], '0')
        counts[i] = 0
      end
      redis.call('EXPIREAT', KEYS[i], ARGV[3 * i + 1])
    end
  end
end
return {{granted, unpack(counts)}}
"""


class RedisStore:
    """Counters in one Redis server."""

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
            self._script = await patiently(self._load(), _CONNECTING)
        except redis_client.LOST as error:
            raise self._failed(error) from error

    async def exchange(self, batch: Batch) -> Sequence[Taken]:
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for item in batch:
                    names = _names(item)
                    pipe.evalsha(self._script, len(names), *names, *_arguments(item))
                replies: list[Any] = await patiently(pipe.execute(), _ANSWERING)
        except redis_client.LOST as error:
            raise self._failed(error) from error
        return [Taken(granted == 1, tuple(counts)) for granted, *counts in replies]

    async def keys(self, beginning: str) -> list[str]:
        found: list[str] = []
        pattern = _SPECIAL.sub(r"\\\g<0>", PREFIX + beginning) + "*"
        try:
            async for name in self._client.scan_iter(match=pattern, count=_SCANNED_AT_ONCE):
                found.append(name.decode(errors="replace").removeprefix(PREFIX))
                if len(found) == MOST_KEYS:
                    break
        except redis_client.LOST as error:
            raise self._failed(error) from error
        return found

    async def close(self) -> None:
        # What cannot be closed in order was broken before.
        with contextlib.suppress(RedisError, OSError):
            await self._client.connection_pool.disconnect()

    async def _load(self) -> str:
        loaded: str = await self._client.script_load(_CHARGE)
        return loaded

    def _failed(self, error: Exception) -> StoreError:
        return StoreError(redis_client.explained(error, self._url))


def _names(item: Item) -> list[str]:
    names = [PREFIX + line.key for line in item.lines]
    return names if item.id is None else [*names, _ONCE + item.id]


def _arguments(item: Item) -> list[int | str]:
    arguments: list[int | str] = ["" if item.id is None else "once"]
    for line in item.lines:
        limit = _NO_LIMIT if line.limit is None else line.limit
        arguments += [line.amount, limit, line.expires]
    return arguments
