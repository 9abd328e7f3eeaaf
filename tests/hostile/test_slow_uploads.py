"""Uploads that come to a halt, or nearly, hold little memory, and not for ever."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import httpx
import psutil
import pytest

from tests.helpers.house import PROMPT, House
from tests.helpers.house import house as start

MEBIBYTE = 1024 * 1024
MORE = """
  max_bytes_in_flight: 64MiB
  receive_timeout: 8s
"""
HEAD = (
    "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    "content-length: {size}\r\n\r\n"
)


@pytest.fixture(scope="module")
async def narrow_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with start(tmp_path_factory.mktemp("narrow"), more=MORE) as running:
        yield running


async def upload(
    house: House, size: int, sent: int, path: str = "/v1/chat/completions"
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request of which only a part is sent."""
    reader, writer = await house.connect()
    writer.write(HEAD.format(path=path, size=size).encode())
    writer.write(b"{" + b" " * (sent - 1))
    with contextlib.suppress(ConnectionError):
        await writer.drain()
    return reader, writer


async def status_of(reader: asyncio.StreamReader) -> bytes:
    with contextlib.suppress(ConnectionError):
        return (await reader.readline()).split()[1]
    return b"closed"


def resident(house: House) -> int:
    """The resident memory of the worker, in bytes."""
    size: int = psutil.Process(house.running.deciders.workers[0].pid).memory_info().rss
    return size


async def test_twenty_uploads_of_thirty_megabytes(narrow_house: House) -> None:
    house = narrow_house
    assert (await house.chat(PROMPT)).status_code == 200
    before = resident(house)
    uploads = [await upload(house, 31 * MEBIBYTE, 30 * MEBIBYTE) for _ in range(20)]
    try:
        await asyncio.sleep(1)
        assert resident(house) - before < 300 * MEBIBYTE
        assert (await house.chat(PROMPT)).status_code == 200
        refused = [await status_of(reader) for reader, _ in uploads[4:]]
        assert set(refused) <= {b"503", b"408", b"closed"}
        async with asyncio.timeout(30):  # those that were taken have come to a halt
            while await large(house) != 200:
                await asyncio.sleep(1)
    finally:
        for _, writer in uploads:
            writer.close()
    assert (await house.chat(PROMPT)).status_code == 200


async def large(house: House) -> int:
    """The status of a request of 30 MiB."""
    document = {"model": "model-c", "messages": [{"role": "user", "content": "x" * 30 * MEBIBYTE}]}
    with contextlib.suppress(httpx.TransportError):
        raw = json.dumps(document).encode()
        return (await house.client.post("/v1/chat/completions", content=raw)).status_code
    return 0


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/embeddings"])
async def test_a_byte_now_and_then(narrow_house: House, path: str) -> None:
    reader, writer = await upload(narrow_house, 1000, 10, path)
    answer = asyncio.create_task(reader.readuntil(b"}}"))
    while not answer.done():
        writer.write(b" ")
        await asyncio.sleep(0.5)
    head, _, body = answer.result().partition(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 408")
    error = json.loads(body)["error"]
    assert "did not arrive within 8 seconds" in error["message"]


async def test_headers_that_never_end(narrow_house: House) -> None:
    reader, writer = await narrow_house.connect()
    writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx")
    assert await asyncio.wait_for(status_of(reader), 60) == b"408"
    writer.close()
