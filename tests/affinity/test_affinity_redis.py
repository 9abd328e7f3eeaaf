"""Sessions in a real Redis: shared, and no burden when it is slow, down, or somebody else's."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from extproc.affinity import MemoryPins, Pin
from extproc.affinity.redis import RedisPins
from extproc.core.switching import CacheUse, SessionCosts
from tests.helpers.redis_server import RedisServer, redis_server

Connect = Callable[..., RedisPins]

PIN = Pin("openai/gpt-4o", "code")
OTHER = Pin("anthropic/claude", None)
# Far above what anything takes here: whoever waits for a Redis that is silent takes forever.
PATIENT = 1.0
LOGGER = "extproc.affinity.redis"


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


async def connected(pins: RedisPins) -> RedisPins:
    """The same, once Redis has answered it."""
    answered = False
    while not answered:
        await asyncio.sleep(0.01)
        before = pins.stats.fallbacks
        await pins.find("connected")
        answered = pins.stats.fallbacks == before
    return pins


async def found(pins: RedisPins, key: str) -> Pin | None:
    async with asyncio.timeout(PATIENT):
        return await pins.find(key)


async def eventually(pins: RedisPins, key: str, pin: Pin) -> None:
    while await found(pins, key) != pin:
        await asyncio.sleep(0.01)


@pytest.fixture
async def raw(server: RedisServer) -> AsyncIterator[Redis]:
    client = Redis.from_url(server.url, protocol=2)
    yield client
    await client.aclose()


async def test_two_replicas_pin_alike(server: RedisServer, connect: Connect) -> None:
    first, second = connect(server.url), connect(server.url)
    assert await found(second, "s") is None
    first.keep("s", PIN)
    await eventually(second, "s", PIN)
    second.keep("s", OTHER)
    await eventually(first, "s", OTHER)
    costs = SessionCosts("openai/gpt-4o", "f00d", 9.5, 1.25, caches=(CacheUse("m", 8.0, 700),))
    reckoned = replace(PIN, costs=costs)
    first.keep("s", reckoned)
    await eventually(second, "s", reckoned)
    assert await found(first, "another") is None


async def test_a_replica_finds_its_own_pin_at_once(server: RedisServer, connect: Connect) -> None:
    pins = connect(server.url)
    for model in map(str, range(300)):
        pins.keep("s", Pin(model))
        pins.keep(model, Pin(model))
        assert await found(pins, "s") == Pin(model)
    fresh = connect(server.url)
    await pins.close()
    assert [await found(fresh, str(key)) for key in range(300)] == [
        Pin(str(model)) for model in range(300)
    ]


async def test_keys_and_values_are_those_of_plano(
    server: RedisServer, connect: Connect, raw: Redis
) -> None:
    pins = connect(server.url)
    pins.keep("acme:s", PIN)
    await pins.close()
    assert await raw.keys() == [b"plano:affinity:acme:s"]
    value = await raw.get("plano:affinity:acme:s")
    assert value == b'{"model_name":"openai/gpt-4o","route_name":"code"}'
    assert 590 <= await raw.ttl("plano:affinity:acme:s") <= 600


async def test_finding_a_session_prolongs_its_life(
    server: RedisServer, connect: Connect, raw: Redis
) -> None:
    await raw.set("plano:affinity:s", '{"model_name":"m","route_name":null}', ex=60)
    assert await found(connect(server.url), "s") == Pin("m")
    assert 590 <= await raw.ttl("plano:affinity:s") <= 600


async def test_what_is_no_pin_is_a_miss_and_gives_way(
    server: RedisServer, connect: Connect, raw: Redis
) -> None:
    await raw.set("plano:affinity:text", "not json")
    await raw.rpush("plano:affinity:list", "of another type")
    pins = connect(server.url)
    for key in ("text", "list"):
        assert await found(pins, key) is None
        pins.keep(key, PIN)
        await eventually(connect(server.url), key, PIN)
    assert pins.stats.reachable
    assert (pins.stats.errors, pins.stats.store_errors) == (0, 0)


async def test_huge_values_are_not_read(server: RedisServer, connect: Connect, raw: Redis) -> None:
    for number in range(3):
        await raw.setrange(f"plano:affinity:huge-{number}", 48 * 2**20, "}")
    await raw.set("plano:affinity:pin", '{"model_name":"m","route_name":null}')
    pins = await connected(connect(server.url))

    async def sent() -> int:
        return int((await raw.info("stats"))["total_net_output_bytes"])

    before = await sent()
    for _ in range(20):
        keys = [f"huge-{number}" for number in range(3)]
        answers = await asyncio.gather(*(found(pins, key) for key in (*keys, "pin")))
        assert answers == [None, None, None, Pin("m")]
    assert await sent() - before < 60 * 5000 + 200_000
    assert pins.stats.reachable
    assert (pins.stats.errors, pins.stats.timeouts) == (0, 0)


async def test_a_pin_that_is_too_large_stays_in_this_process(
    server: RedisServer, connect: Connect, raw: Redis
) -> None:
    pins = await connected(connect(server.url))
    large, fitting = Pin("m", "r" * 5000), Pin("m", "r" * 4000)
    pins.keep("large", large)
    pins.keep("fitting", fitting)
    await eventually(connect(server.url), "fitting", fitting)
    assert await found(pins, "large") == large
    assert await raw.keys("*") == [b"plano:affinity:fitting"]


async def test_a_password_and_a_database(tmp_path: Path, connect: Connect) -> None:
    with redis_server(tmp_path, password="pass/word@1") as server:
        url = server.url.replace("pass/word@1", "pass%2Fword%401") + "/3"
        first, second = connect(url), connect(url)
        first.keep("s", PIN)
        await eventually(second, "s", PIN)
        other_database = connect(url.replace("/3", "/4"))
        assert await found(other_database, "s") is None
        assert other_database.stats.reachable


async def test_a_wrong_password_is_reported_once_and_not_shown(
    tmp_path: Path, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_server(tmp_path, password="right") as server, caplog.at_level(logging.INFO):
        pins = connect(server.url.replace("right", "hunter2"))
        await until(lambda: pins.stats.errors > 3)
        pins.keep("s", PIN)
        assert await found(pins, "s") == PIN
    (record,) = caplog.records
    assert record.getMessage() == (
        f"Redis at redis://127.0.0.1:{server.port} does not answer, each worker keeps the sessions "
        "that it sees: invalid username-password pair or user is disabled"
    )


async def test_tls_is_verified(
    tmp_path: Path, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_server(tmp_path, tls=True, password="secret") as server:
        trusting = connect(server.url, authorities=server.authority_file)
        trusting.keep("s", PIN)
        await eventually(connect(server.url, authorities=server.authority_file), "s", PIN)
        await eventually(connect(f"{server.url}?ssl_ca_certs={server.authority_file}"), "s", PIN)
        caplog.clear()
        elsewhere = server.url.replace("127.0.0.1", "localhost")

        async def distrusts(pins: RedisPins, why: str) -> None:
            await until(lambda: pins.stats.errors > 1)
            assert await found(pins, "s") is None
            assert why in caplog.text

        await distrusts(connect(server.url), "self-signed certificate in certificate chain")
        await distrusts(connect(elsewhere, authorities=server.authority_file), "Hostname mismatch")
    assert "secret" not in caplog.text


async def test_a_unix_socket(server: RedisServer, connect: Connect) -> None:
    first, second = connect(server.socket_url), connect(server.url)
    first.keep("s", PIN)
    await eventually(second, "s", PIN)


async def test_redis_that_is_down_at_the_start(
    server: RedisServer, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    server.kill()
    with caplog.at_level(logging.INFO, LOGGER):
        pins = connect(server.url)
        await until(lambda: pins.stats.errors > 2)
        assert await found(pins, "s") is None
        pins.keep("s", PIN)
        assert await found(pins, "s") == PIN
        assert not pins.stats.reachable
        server.start()
        await eventually(connect(server.url), "s", PIN)
    down, *up = [record.getMessage() for record in caplog.records]
    assert down.startswith(f"Redis at {server.url} does not answer, each worker keeps")
    assert up == [f"sessions are kept in Redis at {server.url}"] * 2


async def test_the_log_tells_what_is_kept(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        pins = RedisPins(server.url, MemoryPins(600, 10), called="ids")
        await until(lambda: bool(caplog.records))
        await pins.close()
    assert caplog.messages == [f"ids are kept in Redis at {server.url}"]


async def test_what_changed_while_redis_was_down_is_written_then(
    server: RedisServer, connect: Connect
) -> None:
    pins = await connected(connect(server.url, max_entries=2))
    server.kill()
    for key in ("a", "b", "c"):
        pins.keep(key, OTHER)
        pins.keep(key, PIN)
    server.start()
    fresh = connect(server.url)
    await eventually(fresh, "c", PIN)
    assert [await found(fresh, key) for key in ("a", "b")] == [None, PIN]


async def test_sessions_that_redis_lost_come_back_as_they_are_used(
    server: RedisServer, connect: Connect, raw: Redis
) -> None:
    pins = connect(server.url)
    pins.keep("s", PIN)
    await eventually(connect(server.url), "s", PIN)
    await raw.flushall()
    fresh = connect(server.url)
    assert await found(fresh, "s") is None
    assert await found(pins, "s") == PIN
    await eventually(fresh, "s", PIN)


async def test_what_is_not_yet_written_is_newer_than_what_redis_says(
    server: RedisServer, connect: Connect, raw: Redis
) -> None:
    pins = await connected(connect(server.url))
    await raw.set("plano:affinity:s", '{"model_name":"earlier","route_name":null}')
    for key in range(150):  # more than are written at once: the question goes before the last
        pins.keep(str(key), OTHER)
    pins.keep("s", PIN)
    assert await found(pins, "s") == PIN
    await eventually(connect(server.url), "s", PIN)
    assert await found(pins, "s") == PIN


async def test_an_idle_connection_that_redis_closed_costs_nothing(
    server: RedisServer, connect: Connect, raw: Redis
) -> None:
    pins = connect(server.url)
    pins.keep("s", PIN)
    await eventually(connect(server.url), "s", PIN)
    before = pins.stats.errors
    await raw.client_kill_filter(_type="normal", skipme=True)
    await raw.set("plano:affinity:s", '{"model_name":"moved","route_name":null}')
    assert await found(pins, "s") == Pin("moved")
    assert pins.stats.errors == before


async def test_redis_killed_and_started_again_under_load_costs_no_request(
    server: RedisServer, connect: Connect
) -> None:
    pins = connect(server.url)
    for key in range(50):
        pins.keep(str(key), Pin(f"model-{key}"))
    await connected(pins)
    missed = pins.stats.misses
    loaded = True
    counts = [0] * 50

    async def ask(key: int) -> None:
        while loaded:
            assert await found(pins, str(key)) == Pin(f"model-{key}")
            counts[key] += 1
            await asyncio.sleep(0.002)

    async with asyncio.TaskGroup() as load:
        for key in range(50):
            load.create_task(ask(key))
        for _ in range(2):
            await asyncio.sleep(0.1)
            server.kill()
            await until(lambda: not pins.stats.reachable)
            await asyncio.sleep(0.1)
            await asyncio.to_thread(server.start)
            await until(lambda: pins.stats.reachable)
        fresh = connect(server.url)
        for key in range(50):
            await eventually(fresh, str(key), Pin(f"model-{key}"))
        loaded = False
    assert min(counts) > 0
    assert pins.stats.misses == missed
    assert pins.stats.fallbacks > 0


async def test_a_stalled_redis_keeps_nobody_waiting_and_mixes_up_no_answers(
    server: RedisServer, connect: Connect
) -> None:
    keys = [str(number) for number in range(30)]
    writer, reader = connect(server.url), connect(server.url)
    for key in keys:
        writer.keep(key, Pin(f"model-{key}"))
    await writer.close()
    await connected(reader)
    for _ in range(3):
        server.stall()
        assert await asyncio.gather(*(found(reader, f"stalled-{key}") for key in keys)) == [
            None
        ] * len(keys)
        assert not reader.stats.reachable
        waited = reader.stats.timeouts
        assert await found(reader, "another") is None
        assert reader.stats.timeouts == waited
        server.go_on()
        await until(lambda: reader.stats.reachable)
        assert await asyncio.gather(*(found(reader, key) for key in keys)) == [
            Pin(f"model-{key}") for key in keys
        ]


async def test_requests_that_give_up_disturb_nobody(server: RedisServer, connect: Connect) -> None:
    pins = await connected(connect(server.url))
    keys = [str(number) for number in range(30)]
    for key in keys:
        pins.keep(key, Pin(f"model-{key}"))
    for _ in range(20):
        asked = [asyncio.create_task(pins.find(key)) for key in keys]
        await asyncio.sleep(0)
        for task in asked[::2]:
            task.cancel()
        await asyncio.wait(asked)
        assert [task.result() for task in asked[1::2]] == [
            Pin(f"model-{key}") for key in keys[1::2]
        ]
    assert pins.stats.errors == 0


async def test_redis_that_takes_no_pins(
    tmp_path: Path, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_server(tmp_path, options=("--maxmemory", "1")) as server:
        pins = connect(server.url)

        async def refuses(key: str, errors: int) -> None:
            pins.keep(key, PIN)
            await until(lambda: pins.stats.store_errors >= errors)
            assert await found(pins, key) == PIN

        await refuses("a", 1)
        await refuses("b", 2)
        assert await found(connect(server.url), "a") is None
        assert pins.stats.reachable
    told = [record.getMessage() for record in caplog.records]
    (once,) = [message for message in told if "does not take pins" in message]
    assert once == (
        f"Redis at {server.url} does not take pins: "
        "command not allowed when used memory > 'maxmemory'"
    )


async def test_redis_that_lacks_a_command(
    tmp_path: Path, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    with redis_server(tmp_path, options=("--rename-command", "GETRANGE", "")) as server:
        pins = connect(server.url)
        await until(lambda: pins.stats.errors > 1)
        pins.keep("s", PIN)
        assert await found(pins, "s") == PIN
        assert not pins.stats.reachable
    assert "unknown command 'GETRANGE'" in caplog.text


@pytest.mark.parametrize("right", ["getrange", "expire"])
async def test_a_right_that_is_taken_away_and_given_back(
    server: RedisServer, connect: Connect, raw: Redis, right: str
) -> None:
    pins = await connected(connect(server.url))
    pins.keep("s", PIN)
    command: Any = raw.execute_command  # redis leaves it untyped
    await command("ACL", "SETUSER", "default", "-" + right)
    assert await found(pins, "s") == PIN
    await until(lambda: not pins.stats.reachable)
    await command("ACL", "SETUSER", "default", "+" + right)
    await until(lambda: pins.stats.reachable)
    await eventually(connect(server.url), "s", PIN)


@pytest.mark.parametrize(
    "said", [b"+" + bytes(200_000), b"$many\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"]
)
async def test_what_is_not_redis_is_tried_again(connect: Connect, said: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(said)
            await reader.read()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        pins = connect(f"redis://127.0.0.1:{port}")
        pins.keep("s", PIN)
        await until(lambda: pins.stats.errors > 2)
        assert await found(pins, "s") == PIN
        await pins.close()


async def test_closing_a_redis_that_is_silent(server: RedisServer, connect: Connect) -> None:
    pins = await connected(connect(server.url))
    server.stall()
    pins.keep("s", PIN)
    async with asyncio.timeout(PATIENT):
        await pins.close()
    assert await found(pins, "s") == PIN


async def test_a_failure_of_our_own_is_told(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    pins = connect("redis://127.0.0.1:1?no_such_option=1")
    pins.keep("s", PIN)
    assert await found(pins, "s") == PIN
    assert "sessions are no longer shared" in caplog.text
