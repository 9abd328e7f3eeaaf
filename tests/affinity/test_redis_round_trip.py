"""One round trip to a real Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from extproc import redis_client
from extproc.affinity import Pin, redis_pins
from extproc.affinity.redis_round_trip import RoundTrips
from tests.helpers.redis_server import RedisServer

PIN = Pin("openai/gpt-4o", "code")
PATIENCE = 5.0


@pytest.fixture
async def client(server: RedisServer) -> AsyncIterator[Redis]:
    made = redis_client.connection(server.url, connect_timeout=PATIENCE, authorities=None)
    yield made
    await made.aclose()


async def test_what_is_written_is_found_in_the_same_round_trip(client: Redis) -> None:
    trips = RoundTrips(client, redis_pins.SESSIONS, 600)
    await trips.greet(PATIENCE)
    refusals, found = await trips.make({"one": PIN}, ["two", "one"], PATIENCE)
    assert (refusals, found) == ([None], [None, PIN])
    assert 590 < await client.ttl(redis_pins.name("one")) <= 600


async def test_what_is_too_large_is_not_written(client: Redis) -> None:
    trips = RoundTrips(client, redis_pins.SESSIONS, 600)
    large = Pin("m" * redis_pins.LARGEST)
    refusals, found = await trips.make({"large": large, "one": PIN}, ["large"], PATIENCE)
    assert (refusals, found) == ([None], [None])
    assert await client.dbsize() == 1


async def test_something_of_another_type_is_nothing(client: Redis) -> None:
    async with client.pipeline() as pipe:
        pipe.rpush(redis_pins.name("list"), "x")
        pipe.set(redis_pins.name("text"), "no pin")
        await pipe.execute()
    trips = RoundTrips(client, redis_pins.SESSIONS, 600)
    assert await trips.make({}, ["list", "text"], PATIENCE) == ([], [None, None])


async def test_a_redis_that_takes_nothing_says_why_and_goes_on_telling(client: Redis) -> None:
    trips = RoundTrips(client, redis_pins.SESSIONS, 600)
    await trips.make({"one": PIN}, [], PATIENCE)
    await client.config_set("maxmemory", "1")
    await client.config_set("maxmemory-policy", "noeviction")
    refusals, found = await trips.make({"two": PIN}, ["one"], PATIENCE)
    assert "maxmemory" in str(refusals[0])
    assert found == [PIN]
