"""What dies, hangs or loses its files comes back, whatever the others do meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest

from extproc.demo.provider import Behaviour, FakeProvider
from tests.helpers.command import ask, pids, until_answered, up
from tests.helpers.house import house as start


@contextlib.contextmanager
def stopped(process: psutil.Process) -> Iterator[None]:
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGCONT)


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("upstream") as running:
        yield running


async def test_a_worker_comes_back_without_an_observer(
    tmp_path: Path, provider: FakeProvider
) -> None:
    """It decides with what it has, instead of waiting for somebody who says nothing."""
    async with up(tmp_path, provider.url, workers=1) as command:
        with stopped(command.observer()):
            command.worker(0).kill()
            await command.said("worker 0 is back")
            await until_answered(command.url, patience=9)


async def test_an_observer_that_cannot_start_takes_nothing_down(
    tmp_path: Path, provider: FakeProvider
) -> None:
    async with up(tmp_path, provider.url, workers=1) as command:
        port = int(command.admin_url.rpartition(":")[2])
        command.observer().kill()
        with socket.socket() as thief:
            thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            while True:
                try:
                    thief.bind(("127.0.0.1", port))
                    break
                except OSError:  # it still has it
                    await asyncio.sleep(0.01)
            thief.listen()
            await command.said("observer ended with exit code 1")
            for _ in range(20):
                assert (await ask(command.url)).status_code == 200
            command.worker(0).kill()
            await command.said("worker 0 is back")
            await until_answered(command.url, patience=12)
        await command.said("observer is back")


async def test_files_that_a_cleaner_removed_are_written_anew(
    tmp_path: Path, provider: FakeProvider
) -> None:
    async with up(tmp_path, provider.url, workers=1) as command:
        for path in command.run_directory().glob("*.[jy][sa][om][nl]"):
            path.unlink()
        command.worker(0).kill()
        await command.said("worker 0 is back")
        await until_answered(command.url)
        command.envoy().kill()
        await command.said("envoy is back")
        await until_answered(command.url)


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("1-worker-0.sock", "worker 0"),
        ("observer.sock", "observer"),
        ("link.sock", "observer"),
        ("1-admin.sock", "envoy"),
    ],
)
async def test_a_process_whose_socket_was_removed_is_started_anew(
    tmp_path: Path, provider: FakeProvider, name: str, whose: str
) -> None:
    async with up(tmp_path, provider.url, workers=1) as command:
        socket = command.run_directory() / name
        await asyncio.sleep(1.5)
        socket.unlink()
        await command.said(f"starting {whose} anew")
        await command.said(f"{whose} is back")
        async with asyncio.timeout(15):
            while not socket.exists():
                await asyncio.sleep(0.05)
        await until_answered(command.url)


async def test_a_run_directory_that_was_removed_is_replaced(
    tmp_path: Path, provider: FakeProvider
) -> None:
    async with up(tmp_path, provider.url, workers=1) as command:
        lost = command.run_directory()
        shutil.rmtree(lost)
        await command.said(f"somebody removed {lost}")
        async with asyncio.timeout(30):
            while command.log.read_text().count("listening on") < 2:
                await asyncio.sleep(0.1)
        assert command.run_directory() != lost
        assert (await ask(command.url)).status_code == 200


async def test_a_run_directory_that_is_removed_during_the_start_is_replaced(
    tmp_path: Path, provider: FakeProvider
) -> None:
    async with up(tmp_path, provider.url, workers=1, waits=False) as command:
        began: list[list[str]] = []
        async with asyncio.timeout(30):
            while not began:
                await asyncio.sleep(0.01)
                children = [child.cmdline() for child in pids(command.psutil)]
                began = [each for each in children if "extproc.observer" in each]
        lost = Path(began[0][-2])
        shutil.rmtree(lost)
        seen = await command.said("listening on")
        assert f"somebody removed {lost}" in seen
        assert "Traceback" not in seen
        assert command.run_directory() != lost


async def test_a_place_that_nobody_cleans_is_preferred(
    tmp_path: Path, short_path: Path, provider: FakeProvider
) -> None:
    async with up(
        tmp_path, provider.url, workers=1, environment={"XDG_RUNTIME_DIR": str(short_path)}
    ) as command:
        assert command.run_directory().parent == short_path
        command.process.terminate()
        assert await command.ended(10) == 0
    assert list(short_path.iterdir()) == []


async def test_a_hanging_envoy_is_replaced(tmp_path: Path, provider: FakeProvider) -> None:
    async with up(tmp_path, provider.url, workers=1) as command:
        await asyncio.sleep(1.5)
        with stopped(command.envoy()):
            await command.said("envoy has not answered for 10 s; killing it", patience=25)
        await command.said("envoy is back")
        await until_answered(command.url)


@pytest.mark.parametrize("attempt", [1, 2])
async def test_a_stream_survives_the_worker_that_holds_it(tmp_path: Path, attempt: int) -> None:
    """The gate is there to move a stream that goes wrong, not to break one that goes well."""
    slow = Behaviour(delay_first_content=5.0, deltas=3)
    async with start(tmp_path) as house:
        names = ("alpha", "beta")
        for name in names[: attempt - 1]:
            house.providers[name].default = Behaviour(status=503)
        holder = house.providers[names[attempt - 1]]
        holder.default = slow
        streaming = asyncio.create_task(house.chat(model="x", stream=True))
        await holder.until(lambda seen: len(seen.exchanges) == 1)
        await asyncio.sleep(0.5)
        pid = house.running.deciders.workers[0].pid
        with stopped(psutil.Process(pid)):
            response = await streaming
        assert response.status_code == 200, response.text
        assert response.headers["x-dragoman-attempts"] == str(attempt)
        assert response.text.rstrip().endswith("[DONE]")
