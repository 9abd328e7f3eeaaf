"""What becomes of questions to an Envoy that answers, breaks off, or is not there."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from extproc.sidecar.admin import Admin, InFlight, NoAnswerError, NobodyThereError

STATS = b"http.ingress.downstream_rq_active: 3\n"


@contextlib.asynccontextmanager
async def asked(socket: Path, answer: bytes) -> AsyncIterator[Admin]:
    """The admin interface of an Envoy that says the same to everything."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    admin = Admin(socket)
    async with await asyncio.start_unix_server(say, socket):
        yield admin
    await admin.close()


async def test_what_envoy_counts(short_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(STATS), STATS)
    async with asked(short_path / "admin.sock", answer) as admin:
        assert await admin.ready()
        assert await admin.in_flight() == InFlight(3, 0), "what is not counted yet is 0"


async def test_an_envoy_that_starts_answers_and_is_not_ready(short_path: Path) -> None:
    answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
    async with asked(short_path / "admin.sock", answer) as admin:
        assert await admin.answers()
        assert not await admin.ready()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-le", b"nonsense\r\n\r\n"])
async def test_an_answer_that_is_none(answer: bytes, short_path: Path) -> None:
    async with asked(short_path / "admin.sock", answer) as admin:
        assert not await admin.answers()
        with pytest.raises(NoAnswerError, match="no whole answer") as raised:
            await admin.in_flight()
    assert not isinstance(raised.value, NobodyThereError)


async def test_nobody_is_there(short_path: Path) -> None:
    admin = Admin(short_path / "admin.sock")
    assert not await admin.answers()
    with pytest.raises(NobodyThereError):
        await admin.end()
    await admin.close()
