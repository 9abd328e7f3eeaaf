"""A configuration that changes is taken without a request being lost, or changes nothing."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from extproc.demo.provider import Behaviour, FakeProvider
from extproc.sidecar.control import ask_for_status
from tests.helpers.command import CHAT, Command, accepts, ask, healthy, pids, up
from tests.helpers.ports import free_port


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("upstream") as running:
        yield running


@dataclass(slots=True)
class Traffic:
    """What clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


@contextlib.asynccontextmanager
async def traffic(url: str, clients: int = 2) -> AsyncIterator[Traffic]:
    """Clients that ask one request after another: on kept connections, and on new ones."""
    seen, stop = Traffic(), asyncio.Event()

    async def one(client: httpx.AsyncClient, *, stream: bool) -> None:
        body = CHAT | {"stream": stream}
        try:
            answer = await client.post(f"{url}/v1/chat/completions", json=body)
        except httpx.TransportError as error:
            seen.broken.append(repr(error))
            return
        seen.statuses[answer.status_code] += 1
        await asyncio.sleep(0.02)
        if stream and not answer.text.rstrip().endswith("[DONE]"):
            seen.broken.append("a stream without an end")

    async def ask_on(kept: int, *, stream: bool) -> None:
        limits = httpx.Limits(max_keepalive_connections=kept)
        async with httpx.AsyncClient(timeout=30, limits=limits) as client:
            while not stop.is_set():
                await one(client, stream=stream)

    asking = [
        asyncio.create_task(ask_on(kept, stream=number % 2 == 0))
        for number in range(clients)
        for kept in (0, 1)
    ]
    try:
        yield seen
    finally:
        stop.set()
        await asyncio.gather(*asking)


def changed(command: Command, old: str, new: str) -> None:
    """Change the configuration as an editor does: by a new file in its place."""
    path = command.log.parent / "config.yaml"
    text = path.read_text()
    assert old in text
    beside = path.with_suffix(".new")
    beside.write_text(text.replace(old, new))
    beside.rename(path)


async def reload(command: Command, *words: str) -> tuple[int, str]:
    """``dragoman reload``: its exit code and what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "extproc.cli", "reload", *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=command.log.parent,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def workers_of(command: Command, generation: int) -> list[psutil.Process]:
    """The workers of a generation, also those that are just starting."""
    found = []
    for child in pids(command.psutil):
        with contextlib.suppress(psutil.NoSuchProcess):
            words = child.cmdline()
            if "extproc.worker" in words and words[-5] == str(generation):
                found.append(child)
    return found


async def metric(command: Command, name: str) -> str:
    """What is behind the name of a metric: labels, if it has any, and its value."""
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"{command.admin_url}/metrics")).text
    name = f"dragoman_{name}"
    (line,) = [line for line in text.splitlines() if line.startswith((f"{name} ", f"{name}{{"))]
    return line.removeprefix(name).strip()


async def test_configurations_are_taken_or_refused_and_no_request_is_lost(
    tmp_path: Path, provider: FakeProvider
) -> None:
    """One sidecar, under traffic, that is told of several changes in turn."""
    provider.default = Behaviour(deltas=3, delay_between=0.02)
    settings = "max_candidates: 1, kept_decisions: 100000"
    async with up(tmp_path, provider.url, workers=1, settings=settings) as command:
        first = await ask(command.url)
        running = await metric(command, "config_info")
        status = await asyncio.to_thread(ask_for_status, command.run_directory())
        assert status is not None
        assert status.admin == command.admin_url
        async with traffic(command.url) as seen:
            # A change on disk, and a process of the new generation that is killed as it starts.
            changed(command, "max_candidates: 1", "max_candidates: 2")
            async with asyncio.timeout(30):
                while not (starting := workers_of(command, 2)):
                    await asyncio.sleep(0.02)
            starting[0].kill()
            await command.said("could not be started, and is tried again", patience=30)
            await command.said(
                "on disk: the new configuration is in use: limits: max_candidates: 2, was 1",
                patience=60,
            )
            assert seen.broken == []
            assert (taken := await metric(command, "config_info")) != running

            # One that is not valid changes nothing, and says why.
            changed(command, "max_candidates: 2", "max_candidate: 2")
            code, said = await reload(command)
            assert code == 1
            assert "dragoman.max_candidate: unknown key; did you mean 'max_candidates'?" in said
            assert "the configuration stays as it was" in command.log.read_text()
            assert await metric(command, "config_last_reload_successful") == "0.0"
            assert await metric(command, "config_info") == taken

            # What was known before is known still.
            trace = first.headers["x-dragoman-trace-id"]
            async with httpx.AsyncClient() as client:
                receipt = await client.get(f"{command.admin_url}/decisions/{trace}")
            assert receipt.status_code == 200
        assert seen.broken == []
        assert set(seen.statuses) == {200}

        # Another port: whoever is connected to the old one gets the whole answer.
        provider.clear()
        provider.script(Behaviour(deltas=40, delay_between=0.25))
        long = asyncio.create_task(ask(command.url, stream=True))
        await provider.until(lambda here: len(here.exchanges) == 1)
        port, other = command.url.rpartition(":")[2], free_port()
        changed(command, "max_candidate: 2", "max_candidates: 2")
        changed(command, f"port: {port}}}", f"port: {other}}}")
        command.process.send_signal(signal.SIGHUP)
        await command.said(f"listener: port: {other}, was {port}", patience=60)
        assert await healthy(f"http://127.0.0.1:{other}")
        assert not await accepts(command.url)
        assert (await long).text.rstrip().endswith("[DONE]")
        assert await metric(command, "config_last_reload_successful") == "1.0"
        command.process.terminate()
        assert await command.ended(15) == 0
