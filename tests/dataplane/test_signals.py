"""Signals mean what users of a foreground server expect."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import signal
import termios
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from extproc.demo.provider import Behaviour, FakeProvider
from tests.helpers.command import Command, ask, pids, up


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


def taken(process: psutil.Process, number: signal.Signals) -> bool:
    """Whether a process has a handler for a signal (``man 5 proc_pid_status``)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (caught,) = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")]
    return bool(int(caught, 16) >> (number - 1) & 1)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(psutil.NoSuchProcess):  # a child may end while we look at it
                if condition():
                    return
            await asyncio.sleep(0.01)


def begun(command: Command) -> bool:
    return command.process.returncode is None


def loading(command: Command) -> bool:
    return taken(command.psutil, signal.SIGTERM)


def starting(command: Command) -> bool:
    return len(pids(command.psutil)) > 0


def nearly_there(command: Command) -> bool:
    return any("envoy" in child.name() for child in pids(command.psutil))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("when", [begun, loading, starting, nearly_there])
async def test_signals_end_a_start(
    tmp_path: Path,
    provider: FakeProvider,
    when: Callable[[Command], bool],
    number: signal.Signals,
) -> None:
    async with up(tmp_path, provider.url, workers=2, waits=False) as command:
        await until(lambda: when(command))
        began = time.monotonic()
        command.process.send_signal(number)
        code = await command.ended(10)
        assert time.monotonic() - began < 5
        if when is begun:  # Python itself is loading, and nobody can say yet what signals mean
            assert code in (0, 130, -number)
        else:
            assert code in (0, 130) if number is signal.SIGINT else code == 0
            assert "Traceback" not in command.log.read_text()


async def test_sighup_while_it_loads_is_a_reload(tmp_path: Path, provider: FakeProvider) -> None:
    async with up(tmp_path, provider.url, workers=1, waits=False) as command:
        await until(lambda: loading(command))
        command.process.send_signal(signal.SIGHUP)
        await command.said("SIGHUP: the configuration means what it meant before")


HANGING = """
import os, signal, sys
if {"extproc.worker", "extproc.observer"} & set(sys.orig_argv):
    os.kill(os.getpid(), signal.SIGSTOP)
"""


async def test_ctrl_c_ends_a_start_that_does_not_come_to_an_end(
    tmp_path: Path, provider: FakeProvider
) -> None:
    """Workers and the observer hang while they start, each as a program of its own: until it is
    one, whoever starts it waits for it, and hears no signal."""
    (tmp_path / "sitecustomize.py").write_text(HANGING)

    def hanging() -> bool:
        stopped = [each for each in pids(command.psutil) if each.status() == psutil.STATUS_STOPPED]
        return len(stopped) == 3

    paths = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    async with up(
        tmp_path, provider.url, workers=2, waits=False, environment={"PYTHONPATH": paths}
    ) as command:
        await until(hanging)
        began = time.monotonic()
        command.process.send_signal(signal.SIGINT)
        assert await command.ended(10) == 0
        assert time.monotonic() - began < 5
        assert "SIGINT: ending before all has started" in command.log.read_text()
