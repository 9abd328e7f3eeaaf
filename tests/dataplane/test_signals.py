"""Signals mean what users of a foreground server expect."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import termios
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from extproc.demo.provider import Behaviour, FakeProvider
from tests.helpers.command import ask, pids, up


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("upstream") as running:
        yield running


async def test_sighup_changes_nothing_where_nothing_has_changed(
    tmp_path: Path, provider: FakeProvider
) -> None:
    async with up(tmp_path, provider.url, workers=1) as command:
        before = {child.pid for child in pids(command.psutil)}
        command.process.send_signal(signal.SIGHUP)
        await command.said("SIGHUP: the configuration means what it meant before")
        assert (await ask(command.url)).status_code == 200
        assert {child.pid for child in pids(command.psutil)} == before


async def test_sighup_is_not_heard_under_nohup(tmp_path: Path, provider: FakeProvider) -> None:
    def ignoring() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    async with up(tmp_path, provider.url, workers=1, in_child=ignoring) as command:
        command.process.send_signal(signal.SIGHUP)
        await asyncio.sleep(0.5)
        assert "SIGHUP" not in command.log.read_text()
        assert (await ask(command.url)).status_code == 200


async def test_a_closed_terminal_lets_streams_finish(
    tmp_path: Path, provider: FakeProvider
) -> None:
    provider.default = Behaviour(deltas=20, delay_between=0.1)
    master, slave = pty.openpty()

    def at_the_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    async with up(
        tmp_path,
        provider.url,
        workers=1,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        in_child=at_the_terminal,
    ) as command:
        os.close(slave)
        streaming = asyncio.create_task(ask(command.url, stream=True))
        await provider.until(lambda seen: len(seen.exchanges) == 1)
        os.close(master)
        response = await streaming
        assert response.text.rstrip().endswith("[DONE]")
        assert await command.ended(5) == 0


@pytest.mark.parametrize("after", [0.0, 0.7, 1.5, 2.5])
async def test_ctrl_c_ends_a_start(tmp_path: Path, provider: FakeProvider, after: float) -> None:
    async with up(tmp_path, provider.url, workers=2, waits=False) as command:
        await asyncio.sleep(after)
        began = time.monotonic()
        command.process.send_signal(signal.SIGINT)
        assert await command.ended(10) in (0, 130, -signal.SIGINT)
        assert time.monotonic() - began < 5
        assert after == 0.0 or "Traceback" not in command.log.read_text()


async def test_ctrl_c_ends_a_start_that_does_not_come_to_an_end(
    tmp_path: Path, provider: FakeProvider
) -> None:
    """A worker and the observer that hang while they start, each as a program of its own: until it
    is one, whoever starts it waits for it, and hears no signal."""

    def started() -> list[psutil.Process]:
        ours = command.psutil.cmdline()
        return [child for child in pids(command.psutil) if child.cmdline() != ours]

    async with up(tmp_path, provider.url, workers=2, waits=False) as command:
        async with asyncio.timeout(20):
            while len(children := started()) < 3:
                await asyncio.sleep(0.02)
        for child in children:
            child.suspend()
        began = time.monotonic()
        command.process.send_signal(signal.SIGINT)
        assert await command.ended(10) == 0
        assert time.monotonic() - began < 5
        assert "SIGINT: ending before all has started" in command.log.read_text()
