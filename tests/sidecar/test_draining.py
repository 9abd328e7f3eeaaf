"""Draining an Envoy that another container runs; tests/packaging/test_pod.py does so for real."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import cast

import pytest

from extproc.cli.arguments import main
from extproc.run_directory import RunDirectory
from extproc.sidecar import draining
from extproc.sidecar.admin import Admin, InFlight, Refused
from extproc.sidecar.draining import drain_beside, finish, revive_beside


class Envoy:
    """Envoy's admin interface, which remembers what it was told."""

    def __init__(self, stats: str = "") -> None:
        self.stats = stats.encode()
        self.told: list[str] = []
        self.left = asyncio.Event()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.told.append(head.decode().split(" HTTP", 1)[0])
                body = self.stats if "/stats" in self.told[-1] else b""
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        writer.close()
        await writer.wait_closed()
        self.left.set()


async def test_it_sends_clients_elsewhere_before_it_takes_no_more(short_path: Path) -> None:
    directory, envoy = RunDirectory(short_path), Envoy()
    server = await asyncio.start_unix_server(envoy.answer, directory.admin_socket)
    drained = asyncio.create_task(drain_beside(directory, delay=0.5, patience=5))
    while not envoy.told:
        await asyncio.sleep(0.01)
    assert envoy.told == ["POST /healthcheck/fail"]
    assert not directory.drained.exists()
    await drained
    assert "POST /drain_listeners?inboundonly" in envoy.told
    assert directory.drained.exists()
    server.close()
    await envoy.left.wait()


def test_an_envoy_that_is_gone_has_nothing_in_flight(
    short_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert main(["drain", "--run-dir", str(short_path), "--delay", "0"]) == 0
    assert "envoy could not be drained: nobody listens at its admin socket" in caplog.text
    assert RunDirectory(short_path).drained.exists()


@pytest.mark.parametrize(
    ("stopped", "told"), [(0, "POST /healthcheck/ok"), (1, "POST /quitquitquit")]
)
async def test_what_was_drained_serves_again_or_ends(
    short_path: Path, caplog: pytest.LogCaptureFixture, stopped: int, told: str
) -> None:
    """Sockets that are closed stay closed for as long as Envoy lives."""
    directory = RunDirectory(short_path)
    envoy = Envoy(f"listener_manager.listener_stopped: {stopped}\n")
    server = await asyncio.start_unix_server(envoy.answer, directory.admin_socket)
    await revive_beside(directory)
    assert envoy.told[1:] == [told]
    assert ("it ends, to be started anew" in caplog.text) == bool(stopped)
    server.close()
    await envoy.left.wait()


async def test_an_envoy_that_starts_later_needs_no_reviving(
    short_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await revive_beside(RunDirectory(short_path))
    assert caplog.text == ""


async def test_an_envoy_that_does_not_answer_is_told_of(
    short_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    directory = RunDirectory(short_path)
    async with await asyncio.start_unix_server(hang_up, directory.admin_socket):
        await revive_beside(directory)
    assert "envoy could not be told to serve again" in caplog.text


class Idle:
    """An Envoy on whose connections nothing is asked."""

    async def in_flight(self) -> InFlight:
        return InFlight(0, 0)

    async def connections(self) -> tuple[int, Refused]:
        return 1, Refused()


async def test_what_was_asked_last_on_an_idle_connection_is_logged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(draining, "LOGGED_WITHIN", 0.2)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await finish(cast(Admin, Idle()), patience=5, idle=0.05)
    assert loop.time() - began >= 0.2 + 0.05
