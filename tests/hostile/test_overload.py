"""Clients that take all there is: idle ones lose their connections, and whoever works goes on."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from extproc.core.resources import Resources
from extproc.demo.provider import Behaviour
from tests.helpers.house import OFF_TOPIC, House
from tests.helpers.house import house as start

MOST = 30


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def idle(house: House) -> Connection:
    """A connection that has had an answer, and is kept."""
    reader, writer = await house.connect()
    writer.write(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    return reader, writer


async def until_closed(connection: Connection) -> None:
    reader, writer = connection
    assert await reader.read() == b""
    writer.close()


async def refused(house: House) -> bool:
    reader, writer = await house.connect()
    try:
        return await asyncio.wait_for(reader.read(), 2) == b""
    except ConnectionError:
        return True
    finally:
        writer.close()


async def test_idle_connections_make_room(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def measured(_files: int, _memory: int | None, path: str) -> Resources:
        return Resources(MOST, None, path)

    async with start(tmp_path, measured=measured) as house:
        house.gamma.script(Behaviour(deltas=40, delay_between=0.25))
        working = asyncio.ensure_future(house.chat(OFF_TOPIC, stream=True))
        await house.gamma.until(lambda gamma: len(gamma.exchanges) == 1)
        with caplog.at_level(logging.WARNING):
            kept = [await idle(house) for _ in range(MOST - 1)]
            assert await refused(house)
            async with asyncio.timeout(15):
                await asyncio.gather(*map(until_closed, kept))
        assert (await house.client.get("/v1/models")).status_code == 200
        assert (await working).text.rstrip().endswith("data: [DONE]")
        told = [line for line in caplog.messages if "connections of clients refused" in line]
        assert "of at most 30" in told[0]
        assert house.running.envoy.pid is not None


async def test_without_memory_requests_are_refused_in_words(tmp_path: Path) -> None:
    def measured(_files: int, _memory: int | None, path: str) -> Resources:
        return Resources(1000, 1024 * 1024, path)

    async with start(tmp_path, measured=measured, cooldowns=True) as house:
        answer = None
        async with asyncio.timeout(10):
            while answer is None or answer.status_code == 200:
                answer = await house.chat(OFF_TOPIC)
        assert answer.status_code == 503
        assert "short of memory" in answer.json()["error"]["message"]
        assert not (await house.snapshot())["cooldowns"]

        async def is_told() -> bool:
            kept = (await house.admin.get("/decisions")).json()["decisions"]
            return "overload" in {each["details"] for each in kept}

        await house.until(is_told)
