"""Changes of files are noticed however they come about, and once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from extproc.sidecar.source import changes, file_states

PERIOD = 0.02


class Watch:
    """How often it was told of a change."""

    def __init__(self, *paths: Path) -> None:
        self.told = 0
        self._task = asyncio.create_task(self._count(paths))

    async def _count(self, paths: tuple[Path, ...]) -> None:
        async for _ in changes(paths, file_states(paths), PERIOD):
            self.told += 1

    async def settled(self) -> int:
        await asyncio.sleep(PERIOD * 8)
        return self.told

    def stop(self) -> None:
        self._task.cancel()


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text("one")
    return path


@pytest.fixture
async def watch(file: Path) -> AsyncIterator[Watch]:
    watching = Watch(file, file.parent / ".env")
    assert await watching.settled() == 0
    yield watching
    watching.stop()


async def test_a_file_that_is_written_to(file: Path, watch: Watch) -> None:
    file.write_text("another")
    assert await watch.settled() == 1
    assert await watch.settled() == 1


async def test_a_file_that_is_renamed_into_its_place(file: Path, watch: Watch) -> None:
    beside = file.with_suffix(".new")
    beside.write_text("two")
    os.utime(beside, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    beside.rename(file)
    assert await watch.settled() == 1


async def test_a_file_that_is_away_for_a_moment(file: Path, watch: Watch) -> None:
    file.unlink()
    assert await watch.settled() == 0
    file.write_text("again")
    assert await watch.settled() == 1


async def test_a_file_beside_it(file: Path, watch: Watch) -> None:
    (file.parent / ".env").write_text("KEY=other")
    assert await watch.settled() == 1


async def test_a_file_that_is_being_written_is_waited_for(file: Path, watch: Watch) -> None:
    with file.open("w") as stream:
        for _ in range(15):
            stream.write("line\n")
            stream.flush()
            await asyncio.sleep(PERIOD / 2)
    assert await watch.settled() == 1


async def test_a_config_map(tmp_path: Path) -> None:
    """The file is a link to a link, and it is the inner one that is replaced."""
    for version in ("v1", "v2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "config.yaml").write_text("same size")
    (tmp_path / "..data").symlink_to("v1")
    file = tmp_path / "config.yaml"
    file.symlink_to("..data/config.yaml")
    watch = Watch(file)
    assert await watch.settled() == 0
    (tmp_path / "..data_tmp").symlink_to("v2")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    assert await watch.settled() == 1
    watch.stop()


async def test_a_file_that_changed_before_anybody_looked(file: Path) -> None:
    known = file_states([file])
    file.write_text("changed while all was starting")
    async with asyncio.timeout(5):
        async for _ in changes([file], known, PERIOD):
            break
