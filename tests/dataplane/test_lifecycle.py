"""Starting, dying, hanging and ending: never half-alive."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from extproc.config import parse
from extproc.demo.provider import Behaviour, FakeProvider
from extproc.errors import StartError
from extproc.sidecar.supervisor import sidecar
from tests.helpers.command import CHAT, CONFIG, accepts, ask, pids, until_answered, up, worker_of
from tests.helpers.house import House
from tests.helpers.house import house as start
from tests.helpers.ports import free_port


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("upstream") as running:
        yield running


async def test_ctrl_c_ends_all_within_five_seconds(tmp_path: Path, provider: FakeProvider) -> None:
    provider.default = Behaviour(before_headers="silence")
    async with up(tmp_path, provider.url) as command:
        waiting = asyncio.create_task(ask(command.url))
        await provider.until(lambda seen: len(seen.exchanges) == 1)
        children = pids(command.psutil)
        assert len(children) == 2 + len(os.sched_getaffinity(0)), "envoy, observer and workers"
        began = time.monotonic()
        command.process.send_signal(signal.SIGINT)
        assert await command.process.wait() == 0
        assert time.monotonic() - began < 5
        assert not any(child.is_running() for child in children)
        with pytest.raises(httpx.TransportError):
            await waiting


async def test_sigterm_lets_streams_finish(tmp_path: Path, provider: FakeProvider) -> None:
    provider.default = Behaviour(deltas=20, delay_between=0.1)
    async with up(tmp_path, provider.url) as command:
        streaming = asyncio.create_task(ask(command.url, stream=True))
        await provider.until(lambda seen: len(seen.exchanges) == 1)
        command.process.send_signal(signal.SIGTERM)
        await command.said("finishing requests in flight")
        async with asyncio.timeout(5):
            while await accepts(command.url):
                await asyncio.sleep(0.05)
        response = await streaming
        assert response.text.rstrip().endswith("[DONE]")
        assert await command.process.wait() == 0


async def test_children_do_not_outlive_a_killed_supervisor(
    tmp_path: Path, provider: FakeProvider
) -> None:
    async with up(tmp_path, provider.url) as command:
        children = pids(command.psutil)
        command.process.kill()
        _, alive = psutil.wait_procs(children, timeout=5)
        assert not alive


async def test_a_killed_worker_is_replaced_under_load(
    tmp_path: Path, provider: FakeProvider
) -> None:
    async with up(tmp_path, provider.url) as command:
        (worker,) = [child for child in pids(command.psutil) if worker_of(child) == 0]
        statuses: list[int] = []
        stop = asyncio.Event()

        async def load() -> None:
            async with httpx.AsyncClient(timeout=10) as client:
                while not stop.is_set():
                    answer = await client.post(f"{command.url}/v1/chat/completions", json=CHAT)
                    statuses.append(answer.status_code)
                    if answer.status_code == 503:
                        assert "try again" in answer.json()["error"]["message"]
                        await asyncio.sleep(0.02)

        clients = [asyncio.create_task(load()) for _ in range(10)]
        await asyncio.sleep(1)
        worker.kill()
        said = await command.said("worker 0 is back")
        assert "worker 0 was killed by SIGKILL; starting it again" in said
        await until_answered(command.url)
        stop.set()
        await asyncio.gather(*clients)
        assert set(statuses) <= {200, 503}
        assert statuses[0] == 200
        for _ in range(20):
            assert (await ask(command.url)).status_code == 200


async def test_while_one_worker_is_there_the_death_of_another_costs_only_what_it_held(
    tmp_path: Path,
) -> None:
    async with start(tmp_path, workers=2) as house:
        first = house.running.deciders.workers[0]
        for _ in range(3):
            assert (await house.chat()).status_code == 200
        first.kill()
        await asyncio.sleep(0.1)
        statuses = [(await house.chat()).status_code for _ in range(60)]
        assert statuses == [200] * 60


async def test_a_hanging_router_costs_a_clear_503(tmp_path: Path) -> None:
    async with start(tmp_path) as house:
        assert house.running.deciders.workers[0].pid is not None
        os.kill(house.running.deciders.workers[0].pid, signal.SIGSTOP)
        try:
            for path in ("/v1/chat/completions", "/v1/messages"):
                began = time.monotonic()
                response = await house.client.post(path, json=CHAT | {"max_tokens": 1})
                assert time.monotonic() - began < 5
                assert response.status_code == 503
                assert "try again" in response.json()["error"]["message"]
            async with asyncio.timeout(5):
                while (await house.client.get("/healthz")).status_code != 503:
                    await asyncio.sleep(0.1)
        finally:
            os.kill(house.running.deciders.workers[0].pid, signal.SIGCONT)
        await until_answered(house.url)
        async with asyncio.timeout(5):
            while (await house.client.get("/healthz")).status_code != 200:
                await asyncio.sleep(0.1)


async def test_a_killed_envoy_is_replaced(tmp_path: Path, provider: FakeProvider) -> None:
    async with up(tmp_path, provider.url) as command:
        (envoy,) = [child for child in pids(command.psutil) if "envoy" in child.name()]
        envoy.kill()
        await command.said("envoy is back")
        await until_answered(command.url)


async def test_a_taken_port_is_named(tmp_path: Path, house: House) -> None:
    port = house.url.rpartition(":")[2]
    config = tmp_path / "config.yaml"
    config.write_text(
        CONFIG.format(port=port, admin_port=free_port(), upstream="http://localhost:1", settings="")
    )
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "extproc.cli", "up", str(config)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in ended.stderr
    assert "Traceback" not in ended.stderr


async def test_an_envoy_that_cannot_start_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    text = CONFIG.format(
        port=free_port(), admin_port=free_port(), upstream="https://localhost:1", settings=""
    )
    loaded = parse(text + "overrides: {upstream_tls_ca_path: /no/such/file.pem}", {})
    before = len(psutil.Process().children(recursive=True))
    with pytest.raises(StartError, match="envoy ended with exit code 1 while starting"):
        async with sidecar(loaded.config, loaded.secrets, access_log=str(tmp_path / "log")):
            pass
    assert len(psutil.Process().children(recursive=True)) == before


@pytest.mark.parametrize("command", ["up", "check", "bootstrap", "router"])
def test_a_bad_configuration_starts_nothing(tmp_path: Path, command: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("version: v0.4.0\nmodel_providers: [{model: nonsense}]\nfoo: 1\n")
    ended = subprocess.run(
        [sys.executable, "-m", "extproc.cli", command, str(config)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stdout == ""
    lines = ended.stderr.splitlines()
    assert [line.startswith(f"{config}: ") for line in lines] == [True] * len(lines)
    assert any("model_providers[0].model" in line for line in lines)
    assert any("foo" in line for line in lines)
