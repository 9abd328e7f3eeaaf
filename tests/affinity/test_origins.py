"""Who has made what clients ask for by its id."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from extproc.affinity import MemoryPins, Origins, Pin, origins_for
from extproc.config import Sessions
from extproc.errors import StartError
from tests.helpers.redis_server import RedisServer

PIN = Pin("openai/gpt-4o", "code")
OTHER = Pin("groq/m", None)
IN_REDIS = Sessions(redis_variable="REDIS_URL")


@pytest.fixture
def origins() -> Origins:
    return origins_for(Sessions(max_entries=2), {})


async def test_the_first_id_that_is_known_counts(origins: Origins) -> None:
    origins.learn("resp_1", PIN)
    origins.learn("file-1", OTHER)
    assert await origins.find(["x", "file-1", "resp_1"]) == OTHER
    assert await origins.find(["resp_1"]) == PIN
    assert await origins.find([]) is None


async def test_as_many_are_kept_as_there_may_be_sessions(origins: Origins) -> None:
    for number in range(3):
        origins.learn(f"resp_{number}", PIN)
    assert [await origins.find([f"resp_{number}"]) for number in range(3)] == [None, PIN, PIN]


@pytest.mark.parametrize("one", ["", "x" * 257, "a\x00b"])
async def test_what_is_no_id(origins: Origins, one: str) -> None:
    origins.learn(one, PIN)
    assert await origins.find([one]) is None


async def test_news_that_are_on_their_way_are_waited_for(origins: Origins) -> None:
    asyncio.get_running_loop().call_later(0.03, origins.learn, "resp_1", PIN)
    assert await origins.find(["resp_1"]) is None
    assert await origins.find(["resp_1"], wait=True) == PIN


async def test_but_not_for_long(origins: Origins) -> None:
    async with asyncio.timeout(1):
        assert await origins.find(["resp_1"], wait=True) is None


async def test_they_live_longer_than_sessions() -> None:
    now = 0.0
    origins = Origins(MemoryPins(30 * 86400, 10, lambda: now))
    origins.learn("resp_1", PIN)
    now = 29 * 86400
    assert await origins.find(["resp_1"]) == PIN


@pytest.mark.servers
async def test_redis_keeps_them_apart_from_sessions(server: RedisServer) -> None:
    environment = {"REDIS_URL": server.url}
    first, second = origins_for(IN_REDIS, environment), origins_for(IN_REDIS, environment)
    first.learn("resp_1", PIN)
    await first.close()
    assert await second.find(["resp_1"]) == PIN
    await second.close()
    async with Redis.from_url(server.url) as redis:
        assert await redis.keys("*") == [b"dragoman:made:resp_1"]


async def test_no_url() -> None:
    with pytest.raises(StartError, match="environment variable REDIS_URL must be a URL"):
        origins_for(IN_REDIS, {})
