"""Stores that are down, slow, gone or somebody else's: callers hear of it, and nobody waits."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from extproc.core.windows import Window
from extproc.quotas import Charge, Counter, StoreError
from extproc.quotas.stored import StoredCounters
from tests.helpers.ports import free_port
from tests.helpers.redis_server import RedisServer, redis_server
from tests.quotas.conftest import Connect

AT = time.time()
DAY = Counter("spent", Window.DAY)
ONE = [Charge(DAY, 1)]
LOGGER = "extproc.quotas.stored"


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


async def answered(counters: StoredCounters) -> StoredCounters:
    await until(lambda: counters.stats.reachable)
    while True:
        try:
            await counters.read([DAY], AT)
        except StoreError:
            await asyncio.sleep(0.01)
        else:
            return counters


async def test_a_redis_that_dies_and_comes_back(
    server: RedisServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    counters = await answered(connect(server.url))
    assert (await counters.take(ONE, AT)).granted
    server.kill()
    with pytest.raises(StoreError, match=str(server.port)):
        await counters.take(ONE, AT)
    await until(lambda: len(caplog.messages) > 1)
    # Nobody waits: it fails before it gives way to anything else.
    with pytest.raises(StoreError):
        counters.take(ONE, AT).send(None)
    counters.add([Charge(DAY, 5)], AT)
    server.start()
    await answered(counters)
    # What was counted before is lost with a Redis that keeps nothing on its disk.
    assert await counters.read([DAY], AT) == (5,)
    up, down, back = caplog.messages
    assert "are counted in Redis at" in up
    assert up == back
    assert "does not count" in down
    assert "requests go on" in down
    assert counters.stats.failures >= 2


async def test_a_redis_that_stalls_keeps_nobody_waiting(
    server: RedisServer, connect: Connect
) -> None:
    counters = await answered(connect(server.url, patience=0.1))
    server.stall()
    with pytest.raises(StoreError):
        await counters.take(ONE, AT)
    with pytest.raises(StoreError):
        counters.take(ONE, AT).send(None)
    assert counters.stats.timeouts == 1
    server.go_on()
    # It was granted when nobody waited any more.
    while await (await answered(counters)).read([DAY], AT) != (0,):
        await asyncio.sleep(0.01)


async def test_a_redis_whose_scripts_were_thrown_away(
    server: RedisServer, connect: Connect
) -> None:
    counters = await answered(connect(server.url))
    process = await asyncio.create_subprocess_exec(
        "redis-cli", "-p", str(server.port), "script", "flush", stdout=asyncio.subprocess.DEVNULL
    )
    await process.wait()
    with pytest.raises(StoreError):
        await counters.take(ONE, AT)
    assert (await (await answered(counters)).take(ONE, AT)).counts == (1,)


async def test_a_redis_that_takes_nothing_more(tmp_path: Path, connect: Connect) -> None:
    with redis_server(tmp_path, options=("--maxmemory", "1")) as full:
        counters = connect(full.url)
        await until(lambda: counters.stats.failures > 0)
        with pytest.raises(StoreError, match="maxmemory"):
            await counters.take(ONE, AT)


async def test_no_password_is_told(
    tmp_path: Path, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_server(tmp_path, password="hunter2") as server:
        counters = connect(f"redis://:wrong-password@127.0.0.1:{server.port}")
        await until(lambda: "does not count" in caplog.text)
        with pytest.raises(StoreError) as raised:
            await counters.take(ONE, AT)
    assert "wrong-password" not in f"{raised.value}{caplog.text}"


async def test_nobody_is_there(connect: Connect) -> None:
    counters = connect(f"redis://127.0.0.1:{free_port()}")
    with pytest.raises(StoreError):
        await counters.take(ONE, AT)
    counters.add(ONE, AT)
    await asyncio.wait_for(counters.close(), 1.0)


async def test_a_file_that_is_locked(tmp_path: Path, connect: Connect) -> None:
    path = tmp_path / "counters.db"
    counters = await answered(connect(path, patience=0.1))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError):
            await counters.take(ONE, AT)
        counters.add([Charge(DAY, 5)], AT)
        await until(lambda: counters.stats.failures > 0)
        other.execute("ROLLBACK")
    assert await (await answered(counters)).read([DAY], AT) == (5,)
    assert counters.stats.lost == 0


async def test_a_file_that_is_gone_is_made_again(tmp_path: Path, connect: Connect) -> None:
    path = tmp_path / "counters.db"
    counters = await answered(connect(path))
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(StoreError, match="gone"):
        await counters.take(ONE, AT)
    assert (await (await answered(counters)).take(ONE, AT)).counts == (1,)


async def test_a_file_that_another_process_has_made_again(tmp_path: Path, connect: Connect) -> None:
    path = tmp_path / "counters.db"
    counters = await answered(connect(path))
    for file in tmp_path.iterdir():
        file.unlink()
    other = await answered(connect(path))
    assert (await other.take(ONE, AT)).counts == (1,)
    with pytest.raises(StoreError, match="gone"):
        await counters.take(ONE, AT)
    assert (await (await answered(counters)).take(ONE, AT)).counts == (2,)


async def test_a_file_that_is_something_else(
    tmp_path: Path, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "counters.db"
    path.write_text("version: v0.4.0\n" * 100)
    counters = connect(path)
    await until(lambda: "does not count" in caplog.text)
    with pytest.raises(StoreError, match="not a database"):
        await counters.take(ONE, AT)
    assert path.read_text().startswith("version")


async def test_what_windows_have_left_behind_is_forgotten(tmp_path: Path, connect: Connect) -> None:
    path = tmp_path / "counters.db"
    now = time.time()
    counters = connect(path)
    counters.add([Charge(DAY, 1)], now - 3 * 86_400)
    counters.add([Charge(DAY, 1)], now)
    await counters.close()
    reopened = await answered(connect(path))
    await reopened.close()
    with closing(sqlite3.connect(path)) as file:
        keys = [key for (key,) in file.execute("SELECT key FROM counters ORDER BY key")]
    assert keys == ["probe", f"spent:day:{Window.DAY.begins(now)}"]


async def test_the_file_is_its_owners(tmp_path: Path, connect: Connect) -> None:
    await answered(connect(tmp_path / "counters.db"))
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}
