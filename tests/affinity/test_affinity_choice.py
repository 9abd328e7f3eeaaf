"""Which store a configuration gets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from extproc.affinity import MemoryPins, Pin, SharedPins, pins_for
from extproc.affinity.redis import RedisPins
from extproc.config import Sessions
from extproc.errors import StartError
from tests.helpers.redis_server import RedisServer, redis_server

PIN = Pin("openai/gpt-4o", "code")
IN_REDIS = Sessions(redis_variable="REDIS_URL")


async def test_memory() -> None:
    pins = pins_for(Sessions(ttl=5, max_entries=7), {})
    assert isinstance(pins, MemoryPins)
    assert (pins.ttl, pins.max_entries) == (5, 7)


async def test_memory_of_several_processes() -> None:
    announced: list[tuple[str, Pin]] = []
    pins = pins_for(Sessions(), {}, lambda key, pin: announced.append((key, pin)))
    assert isinstance(pins, SharedPins)
    pins.keep("s", PIN)
    assert announced == [("s", PIN)]


@pytest.mark.servers
async def test_redis(server: RedisServer) -> None:
    environment = {"REDIS_URL": f" {server.url}\n"}
    first, second = pins_for(IN_REDIS, environment), pins_for(IN_REDIS, environment)
    assert isinstance(first, RedisPins)
    first.keep("s", PIN)
    await first.close()
    assert await second.find("s") == PIN
    await second.close()


@pytest.mark.servers
async def test_redis_with_tls_trusts_what_the_environment_says(tmp_path: Path) -> None:
    with redis_server(tmp_path, tls=True) as server:
        environment = {"REDIS_URL": server.url, "SSL_CERT_FILE": str(server.authority_file)}
        first, second = pins_for(IN_REDIS, environment), pins_for(IN_REDIS, environment)
        first.keep("s", PIN)
        while await second.find("s") != PIN:
            await asyncio.sleep(0.01)
        await first.close()
        await second.close()


@pytest.mark.parametrize("environment", [{}, {"REDIS_URL": "http://:hunter2@h"}])
async def test_no_url(environment: dict[str, str]) -> None:
    with pytest.raises(StartError, match="environment variable REDIS_URL must be a URL") as raised:
        pins_for(IN_REDIS, environment)
    assert "hunter2" not in str(raised.value)
