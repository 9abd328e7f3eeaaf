"""The demonstrations under demos/ do what their READMEs say."""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import yaml

from extproc.config import Loaded, load
from extproc.core.sources import LatencySource
from extproc.sidecar.supervisor import sidecar
from tests.helpers.ports import free_port
from tests.helpers.price_server import Answer, document, price_server
from tests.helpers.prometheus_server import prometheus_server

DEMO = Path(__file__).parents[2] / "demos" / "model_routing_service"
KEYS = {"OPENAI_API_KEY": "any", "ANTHROPIC_API_KEY": "any"}
CODE = {
    "model": "gpt-4o-mini",
    "messages": [
        {"role": "user", "content": "Write a Python function that implements binary search"}
    ],
}


@contextlib.asynccontextmanager
async def metrics_server() -> AsyncIterator[int]:
    """The demonstration's exporter; its port."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, DEMO / "metrics_server.py", str(port), stderr=subprocess.DEVNULL
    )
    try:
        yield port
    finally:
        process.terminate()
        await process.wait()


def demo_of(loaded: Loaded, prices: str, latencies: str) -> Loaded:
    """The demonstration, with its sources on this machine and their answers soon."""
    config = loaded.config
    assert config.costs is not None
    assert isinstance(config.latencies, LatencySource)
    config = replace(
        config,
        listener=replace(config.listener, port=free_port()),
        admin=replace(config.admin, port=0),
        costs=replace(config.costs, url=prices),
        latencies=LatencySource(latencies, config.latencies.query, 1),
    )
    return replace(loaded, config=config)


async def first_for_code(url: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{url}/routing/v1/chat/completions", json=CODE)
        return str(answer.json()["models"][0])


async def test_the_routing_service(tmp_path: Path) -> None:
    """With the real Prometheus, which scrapes the real exporter; only the catalogue is ours."""
    (job,) = yaml.safe_load((DEMO / "prometheus.yaml").read_text())["scrape_configs"]
    async with contextlib.AsyncExitStack() as stack:
        catalogue = await stack.enter_async_context(price_server())
        pages = [Answer(document(f"digitalocean-{number}.json")) for number in (1, 2)]
        catalogue.answer(*pages)
        exporter = await stack.enter_async_context(metrics_server())
        prometheus = await stack.enter_async_context(
            prometheus_server(tmp_path, {"job_name": job["job_name"]}, exporter, free_port())
        )
        loaded = demo_of(load(DEMO / "config.yaml", KEYS), catalogue.url(), prometheus)
        running = await stack.enter_async_context(
            sidecar(loaded.config, loaded.secrets, access_log=str(tmp_path / "log"))
        )
        async with asyncio.timeout(30):
            while await first_for_code(running.url) != "anthropic/claude-sonnet-4-20250514":
                await asyncio.sleep(0.1)
        shown = await asyncio.to_thread(
            subprocess.run,
            [DEMO / "demo.sh"],
            env={"DRAGOMAN_URL": running.url, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
        async with httpx.AsyncClient(trust_env=False) as client:
            place = f"http://127.0.0.1:{exporter}/latency"
            refused = await client.put(f"{place}/openai/gpt-4o", content="soon")
            assert refused.status_code == 400
            assert (await client.put(f"{place}/openai/none", content="1")).status_code == 404
            told = await client.put(f"{place}/openai/gpt-4o", content="0.2")
            assert 'model_name="openai/gpt-4o"} 0.2' in told.text
        async with asyncio.timeout(30):
            while await first_for_code(running.url) != "openai/gpt-4o":
                await asyncio.sleep(0.1)
    routes = re.findall(r'"route":("?\w+"?)', shown.stdout)
    assert routes == [
        '"code_generation"',
        '"complex_reasoning"',
        "null",
        '"code_generation"',
        '"code_generation"',
        '"coding"',
        '"code_generation"',
        '"code_generation"',
    ]
    assert '"models":["openai/gpt-4o-mini","openai/gpt-4o"],"route":"complex_reasoning"' in (
        shown.stdout
    )
    begins, goes_on = shown.stdout.splitlines()[-4], shown.stdout.splitlines()[-1]
    assert '"pinned"' not in begins
    assert '"pinned":true' in goes_on
    assert shown.stdout.count('"pinned"') == 1


def test_the_configuration_in_kubernetes_is_the_same_but_for_its_sources() -> None:
    here, there = (load(DEMO / name, KEYS).config for name in ("config.yaml", "config_k8s.yaml"))
    assert there.models == here.models
    assert there.routes == here.routes
    assert there.costs == here.costs


def test_the_price_list_knows_every_model() -> None:
    config = load(DEMO / "config.yaml", KEYS).config
    prices = yaml.safe_load((DEMO / "prices.yaml").read_text())
    assert {model.name for model in config.models} == set(prices)


def test_the_router_in_the_cluster_is_what_the_configuration_asks() -> None:
    router = load(DEMO / "config_k8s.yaml", KEYS).config.intent.router
    assert router is not None
    deployment, service = yaml.safe_load_all((DEMO / "vllm-deployment.yaml").read_text())
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    (download,) = pod["initContainers"]
    (port,) = service["spec"]["ports"]
    assert (router.endpoint.host, router.endpoint.port) == (
        service["metadata"]["name"],
        port["port"],
    )
    assert f"--served-model-name={router.model_id}" in container["args"]
    assert f"--port={container['ports'][0]['containerPort']}" in container["args"]
    # The weights are where the model is served from.
    path = container["command"][-1]
    assert f'local_dir="{path}"' in download["args"][0]
    compile(download["args"][0], "download-model", "exec")
    mounts = {each["mountPath"] for each in download["volumeMounts"]}
    assert mounts <= {each["mountPath"] for each in container["volumeMounts"]}
    assert pod["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    ]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
