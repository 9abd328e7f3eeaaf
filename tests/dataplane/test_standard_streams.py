"""Whatever standard output and error are, requests are served and lines are whole."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from extproc.demo.provider import FakeProvider
from tests.helpers.command import ask, up


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("upstream") as running:
        yield running


async def many(url: str, count: int) -> None:
    for answer in await asyncio.gather(*(ask(url) for _ in range(count))):
        assert answer.status_code == 200


async def test_a_file_that_both_streams_go_to(tmp_path: Path, provider: FakeProvider) -> None:
    """``dragoman up config.yaml > log 2>&1``, and some have the shell open it twice."""
    log = tmp_path / "log"
    with log.open("wb") as file, log.open("wb") as again:
        async with up(tmp_path, provider.url, stdout=file, stderr=again) as command:
            for round_ in range(5):
                await asyncio.gather(*(ask(command.url) for _ in range(20)))
                command.worker(round_ % 2).kill()
                await asyncio.sleep(0.3)
            command.process.terminate()
            assert await command.ended(10) == 0
    lines = log.read_text().splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert len([line for line in told if line["log"] == "request"]) >= 100
    said = [line for line in lines if not line.startswith("{")]
    assert all(line.startswith(("20", "[20")) for line in said), said
    assert sum("was killed by SIGKILL" in line for line in said) == 5
    assert "\0" not in log.read_text()


async def test_a_socket_as_under_systemd(tmp_path: Path, provider: FakeProvider) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        async with up(
            tmp_path, provider.url, workers=1, stdout=theirs.fileno(), stderr=theirs.fileno()
        ) as command:
            assert (await ask(command.url)).status_code == 200
            seen = b""
            while b"listening on" not in seen:
                seen += await asyncio.to_thread(ours.recv, 65536)
            command.process.terminate()
            assert await command.ended(10) == 0
        theirs.close()
        while chunk := ours.recv(65536):
            seen += chunk
    assert b'"log":"request"' in seen


@pytest.mark.parametrize("closed", [(1,), (0, 1, 2)])
async def test_closed_streams(
    tmp_path: Path, provider: FakeProvider, closed: tuple[int, ...]
) -> None:
    def closing() -> None:
        for descriptor in closed:
            os.close(descriptor)

    async with up(tmp_path, provider.url, workers=1, in_child=closing) as command:
        assert (await ask(command.url)).status_code == 200
        command.process.terminate()
        assert await command.ended(10) == 0


async def test_a_file_that_cannot_be_opened_again(tmp_path: Path, provider: FakeProvider) -> None:
    """As after ``su``, where the file belongs to whoever was there before."""
    log = tmp_path / "log"
    with log.open("wb") as file:
        log.unlink()
        descriptor = os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDWR)
        async with up(tmp_path, provider.url, workers=1, stdout=file) as command:
            assert (await ask(command.url)).status_code == 200
            command.process.terminate()
            assert await command.ended(10) == 0
        assert b'"log":"request"' in os.pread(descriptor, 100_000, 0)
        os.close(descriptor)


async def test_a_reader_that_has_stopped(tmp_path: Path, provider: FakeProvider) -> None:
    """As ``dragoman up config.yaml 2>&1 | less``."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    async with up(tmp_path, provider.url, workers=1, stdout=writing, stderr=writing) as command:
        os.close(writing)
        for _ in range(10):
            await many(command.url, 20)
        command.worker(0).kill()
        await asyncio.sleep(1)
        began = time.monotonic()
        command.process.send_signal(signal.SIGINT)
        assert await command.ended(10) == 0
        assert time.monotonic() - began < 5
    os.close(reading)


async def test_a_reader_that_has_gone(tmp_path: Path, provider: FakeProvider) -> None:
    reading, writing = os.pipe()
    async with up(tmp_path, provider.url, workers=1, stdout=writing, stderr=writing) as command:
        os.close(writing)
        os.close(reading)
        await many(command.url, 20)
        command.worker(0).kill()
        await asyncio.sleep(1)
        async with asyncio.timeout(15):
            while (await ask(command.url)).status_code != 200:
                await asyncio.sleep(0.1)
        command.process.terminate()
        assert await command.ended(10) == 0
