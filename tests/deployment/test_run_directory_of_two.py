"""Two routers in one run directory: the second one says so and ends."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from tests.helpers.command import CONFIG
from tests.helpers.ports import free_port


def router(directory: Path, name: str) -> list[str]:
    config = directory / f"{name}.yaml"
    ports = {"port": free_port(), "admin_port": free_port()}
    config.write_text(CONFIG.format(upstream="http://localhost:1", settings="", **ports))
    run = directory / "run"
    run.mkdir(exist_ok=True)
    return [sys.executable, "-m", "extproc.cli", "router", str(config), "--run-dir", str(run)]


async def said(process: asyncio.subprocess.Process, words: str) -> None:
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while words.encode() not in (line := await process.stderr.readline()):
            assert line, f"ended without saying {words!r}"


async def test_the_second_is_refused_and_the_first_serves_on(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    first = await asyncio.create_subprocess_exec(*router(tmp_path, "one"), stderr=pipe)
    try:
        await said(first, "router ready in")
        before = {path.name: path.stat().st_ino for path in (tmp_path / "run").iterdir()}
        second = await asyncio.create_subprocess_exec(*router(tmp_path, "two"), stderr=pipe)
        await said(second, f"another router is running in {tmp_path / 'run'}. Stop that one")
        assert await second.wait() == 1
        after = {path.name: path.stat().st_ino for path in (tmp_path / "run").iterdir()}
        assert after == before, "it has touched the first one's files"
    finally:
        first.terminate()
        await first.wait()


async def test_a_run_directory_that_is_removed_ends_the_router(tmp_path: Path) -> None:
    """Another one is not its to choose: Envoy knows this one. Whoever supervises it starts it."""
    process = await asyncio.create_subprocess_exec(*router(tmp_path, "one"), stderr=subprocess.PIPE)
    await said(process, "router ready in")
    (tmp_path / "run").rename(tmp_path / "elsewhere")
    await said(process, f"somebody removed {tmp_path / 'run'}")
    assert await asyncio.wait_for(process.wait(), 10) == 1
