from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from extproc.affinity import MemoryPins
from extproc.affinity.redis import RedisPins
from tests.helpers.redis_server import RedisServer, redis_server

Connect = Callable[..., RedisPins]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes pins in the Redis at a URL, each with a memory of its own."""
    async with AsyncExitStack() as opened:

        def pins(
            url: str, *, max_entries: int = 1000, authorities: Path | None = None
        ) -> RedisPins:
            trusted = str(authorities) if authorities else None
            made = RedisPins(url, MemoryPins(600, max_entries), authorities=trusted)
            opened.push_async_callback(made.close)
            return made

        yield pins
