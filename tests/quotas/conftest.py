from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from extproc.quotas.redis_store import RedisStore
from extproc.quotas.sqlite_store import SqliteStore
from extproc.quotas.store import Store
from extproc.quotas.stored import StoredCounters
from tests.helpers.redis_server import RedisServer, redis_server

Connect = Callable[..., StoredCounters]


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """For tests that leave it running."""
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Makes counters in the Redis at a URL, or in the file at a path."""
    async with AsyncExitStack() as opened:

        def counters(place: str | Path, *, patience: float = 5.0) -> StoredCounters:
            store: Store = SqliteStore(place) if isinstance(place, Path) else RedisStore(place)
            made = StoredCounters(store, "requests go on", patience)
            opened.push_async_callback(made.close)
            return made

        yield counters
