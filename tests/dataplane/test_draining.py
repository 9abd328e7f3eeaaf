"""Ending: what is in flight finishes, what is not under way holds up nothing."""

from __future__ import annotations

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import hpack
import httpx
import pytest

from extproc.demo.provider import Behaviour, FakeProvider
from tests.helpers.command import Command, ask, healthy, up


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("upstream") as running:
        yield running


@contextlib.asynccontextmanager
async def connection(
    command: Command,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = command.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def draining(command: Command) -> None:
    """Tell it to end, and wait until it has begun to."""
    command.process.terminate()
    await command.said("finishing requests in flight")
    await asyncio.sleep(0.5)


async def test_an_idle_connection_holds_up_nothing(tmp_path: Path, provider: FakeProvider) -> None:
    async with up(tmp_path, provider.url, workers=1) as command, connection(command) as (_, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        await writer.drain()
        began = time.monotonic()
        command.process.terminate()
        assert await command.ended(10) == 0
        assert time.monotonic() - began < 4


async def test_half_an_upload_does_not_hold_it_up_for_long(
    tmp_path: Path, provider: FakeProvider
) -> None:
    async with up(tmp_path, provider.url, workers=1) as command, connection(command) as (_, writer):
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n"
            b"content-type: application/json\r\n"
            b'content-length: 1000\r\n\r\n{"messages"'
        )
        await writer.drain()
        await asyncio.sleep(0.5)
        began = time.monotonic()
        command.process.terminate()
        assert await command.ended(15) == 0
        assert 4 < time.monotonic() - began < 9
        assert "1 requests had not arrived after 5 s" in command.log.read_text()


async def test_an_upload_that_arrives_meanwhile_is_answered(
    tmp_path: Path, provider: FakeProvider
) -> None:
    async with up(tmp_path, provider.url, workers=1) as command, connection(command) as ends:
        reader, writer = ends
        body = b'{"messages": [{"role": "user", "content": "hi"}]}'
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\n"
            b"content-type: application/json\r\n"
            b"content-length: %d\r\n\r\n" % len(body)
        )
        await writer.drain()
        await asyncio.sleep(0.5)
        await draining(command)
        writer.write(body)
        answer = await reader.read(100_000)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in answer.lower()
        assert await command.ended(5) == 0


async def test_old_connections_are_closed_after_their_next_answer(
    tmp_path: Path, provider: FakeProvider
) -> None:
    provider.default = Behaviour(deltas=30, delay_between=0.1)
    async with (
        up(tmp_path, provider.url, workers=1) as command,
        httpx.AsyncClient(base_url=command.url, timeout=10) as client,
    ):
        assert (await client.get("/v1/models")).headers.get("connection") != "close"
        streaming = asyncio.create_task(ask(command.url, stream=True))
        await provider.until(lambda seen: len(seen.exchanges) == 1)
        await draining(command)
        assert (await client.get("/v1/models")).headers["connection"] == "close"
        with pytest.raises(httpx.ConnectError):
            await client.get("/v1/models")
        assert (await streaming).text.rstrip().endswith("[DONE]")
        assert await command.ended(5) == 0


_HEADERS, _SETTINGS, _GOAWAY = 1, 4, 7
"""Types of HTTP/2 frames: RFC 9113, section 6."""


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


async def frames_until(kind: int, reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(3):
        while True:
            header = await reader.readexactly(9)
            await reader.readexactly(int.from_bytes(header[:3]))
            if header[3] == kind:
                return


async def test_http_2_clients_are_told_to_go_away(tmp_path: Path, provider: FakeProvider) -> None:
    provider.default = Behaviour(deltas=30, delay_between=0.1)
    fields = [(":method", "GET"), (":scheme", "http"), (":path", "/v1/models"), (":authority", "x")]
    async with up(tmp_path, provider.url, workers=1) as command, connection(command) as ends:
        reader, writer = ends
        encoder = hpack.Encoder()
        get = partial(frame, _HEADERS, 0x5)  # the headers end, and so does the stream
        writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(_SETTINGS, 0, 0, b""))
        writer.write(get(1, encoder.encode(fields)))
        await frames_until(_HEADERS, reader)
        streaming = asyncio.create_task(ask(command.url, stream=True))
        await provider.until(lambda seen: len(seen.exchanges) == 1)
        await draining(command)
        writer.write(get(3, encoder.encode(fields)))
        await frames_until(_GOAWAY, reader)
        assert (await streaming).text.rstrip().endswith("[DONE]")
        assert await command.ended(5) == 0


async def test_a_request_in_flight_may_still_be_tried_again(
    tmp_path: Path, provider: FakeProvider
) -> None:
    """Draining closes the door, not what is behind it."""
    provider.default = Behaviour(before_headers="reset", delay_headers=1.5)
    async with up(tmp_path, provider.url, workers=1) as command:
        asking = asyncio.create_task(ask(command.url))
        await provider.until(lambda seen: len(seen.exchanges) == 1)
        command.process.terminate()
        await command.said("finishing requests in flight")
        provider.default = Behaviour()
        answer = await asking
        assert answer.status_code == 200, answer.text
        assert answer.headers["x-dragoman-attempts"] == "2"
        assert await command.ended(5) == 0


async def test_the_time_is_settable(tmp_path: Path, provider: FakeProvider) -> None:
    provider.default = Behaviour(before_headers="silence")
    async with up(tmp_path, provider.url, workers=1, settings="drain_timeout: 1s") as command:
        asking = asyncio.create_task(ask(command.url))
        await provider.until(lambda seen: len(seen.exchanges) == 1)
        began = time.monotonic()
        command.process.terminate()
        assert await command.ended(10) == 0
        assert 1 <= time.monotonic() - began < 5
        assert "some requests were still in flight after 1 s" in command.log.read_text()
        with pytest.raises(httpx.TransportError):
            await asking


async def test_load_balancers_are_told(tmp_path: Path, provider: FakeProvider) -> None:
    provider.default = Behaviour(deltas=20, delay_between=0.1)
    async with up(tmp_path, provider.url, workers=1) as command:
        assert await healthy(command.url)
        async with httpx.AsyncClient(base_url=command.url) as client:
            await client.get("/v1/models")
            streaming = asyncio.create_task(ask(command.url, stream=True))
            await provider.until(lambda seen: len(seen.exchanges) == 1)
            await draining(command)
            assert (await client.get("/healthz")).status_code == 503
        await streaming
        assert await command.ended(5) == 0
