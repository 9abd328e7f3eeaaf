"""A child process: kept alive, also when it cannot be started for a while."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from extproc.errors import StartError
from extproc.sidecar.child import Child
from extproc.sidecar.workers import ready

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


async def test_files_are_written_before_each_start(tmp_path: Path) -> None:
    path = tmp_path / "file"
    child = Child("c", SLEEPER, {}, prepare=lambda: path.write_text("x"))
    await child.start()
    keeping = asyncio.create_task(child.keep_alive())
    assert path.exists()
    path.unlink()
    child.kill()
    async with asyncio.timeout(5):
        while not path.exists():
            await asyncio.sleep(0.01)
    await child.stop(1)
    keeping.cancel()


async def test_what_cannot_be_started_now_is_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    full = False
    tries = 0

    def prepare() -> None:
        nonlocal tries
        tries += 1
        if full:
            raise OSError(28, "No space left on device", "/run/x/config.json")

    child = Child("worker 7", SLEEPER, {}, prepare=prepare)
    await child.start()
    keeping = asyncio.create_task(child.keep_alive())
    full = True
    child.kill()
    async with asyncio.timeout(5):
        while tries < 3:
            await asyncio.sleep(0.01)
    assert child.pid is None
    full = False
    async with asyncio.timeout(5):
        while child.pid is None:
            await asyncio.sleep(0.01)
    assert "worker 7 could not be started: [Errno 28] No space left on device" in caplog.text
    await child.stop(1)
    async with asyncio.timeout(5):
        await keeping


async def test_one_that_ignores_sigterm_is_killed() -> None:
    ignoring = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    )
    child = Child("c", [sys.executable, "-c", ignoring], {})
    await child.start()
    await asyncio.sleep(0.5)
    async with asyncio.timeout(5):
        await child.stop(0.2)
    assert child.pid is None


async def test_a_program_that_is_not_there_is_told_of_in_a_line(
    capfd: pytest.CaptureFixture[str],
) -> None:
    child = Child("c", ["/nowhere/envoy"], {})
    await child.start()
    assert await child.wait() == 1
    assert capfd.readouterr().err == "/nowhere/envoy cannot be run: No such file or directory\n"


async def test_one_that_is_killed_at_its_start_is_said_to_be() -> None:
    child = Child("worker 7", [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"], {})
    with pytest.raises(StartError, match="worker 7 was killed by SIGKILL while starting"):
        await ready(child, asyncio.sleep(60))
