"""The chart's pods, run as processes: with their containers' own commands, users, mounts,
variables, probes and hooks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
import yaml
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoConnection

from extproc.demo.provider import Behaviour, FakeProvider
from tests.packaging.charts import rendered
from tests.packaging.containers import process_in
from tests.packaging.pods import ASKED, CONFIG, KEYS, Pod, of_kind, running

pytestmark = pytest.mark.usefixtures("containers")


async def test_it_serves_and_ends_as_kubernetes_runs_it(tmp_path: Path) -> None:
    async with FakeProvider("first") as first, FakeProvider("second") as second:
        config = CONFIG.format(first=first.url, second=second.url)
        values = {"config": config, "drain": {"delay": 2, "timeout": 20}, "router": {"workers": 2}}
        manifests = rendered(values, tmp_path)
        spec = of_kind(manifests, "Deployment")["spec"]["template"]["spec"]
        pod = Pod(manifests, spec, {"dragoman-keys": KEYS}, tmp_path)
        async with running(pod):
            envoy, router = pod.containers["envoy"], pod.containers["router"]
            for container in (envoy, router):
                for kind in ("startup", "readiness", "liveness"):
                    await container.until(kind)
            bootstrap = yaml.load((tmp_path / "run" / "envoy.yaml").read_text(), yaml.CSafeLoader)
            monitors = bootstrap["overload_manager"]["resource_monitors"]
            heap = next(m for m in monitors if m["name"].endswith("fixed_heap"))
            assert int(heap["typed_config"]["max_heap_size_bytes"]) == int(0.85 * 2**30)

            url = f"http://127.0.0.1:{pod.ports[12000]}/v1/chat/completions"
            async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
                first.script(Behaviour(status=503))
                answer = await client.post(url, json=ASKED)
                assert answer.headers["x-dragoman-model"] == "openai/gpt-4o"
                assert second.exchanges[0].header("authorization") == "Bearer key-2"
                first.default = second.default = Behaviour(deltas=8, delay_between=0.5)
                async with client.stream("POST", url, json={**ASKED, "stream": True}) as stream:
                    lines = stream.aiter_lines()
                    await anext(lines)
                    hooks = asyncio.gather(router.run_hook(), envoy.run_hook())
                    await envoy.until("readiness", succeeds=False)
                    async with httpx.AsyncClient(trust_env=False) as late:
                        answered = await late.post(url, json=ASKED)
                        assert answered.status_code == 200
                        assert answered.headers["connection"] == "close"
                    rest = [line async for line in lines if line]
                assert rest[-1] == "data: [DONE]"
            assert list(await hooks) == [0, 0]
            for container in (envoy, router):
                process = container.process
                assert process is not None
                process_in(process.pid).terminate()
                async with asyncio.timeout(10):
                    assert await process.wait() == 0


async def test_the_redis_keeps_sessions_without_a_disk(tmp_path: Path) -> None:
    config = CONFIG.format(first="http://a", second="http://b")
    config += "routing: {session_cache: {type: redis, url: $REDIS_URL}}\n"
    manifests = rendered({"config": config, "redis": {"enabled": True}}, tmp_path)
    named = {each["metadata"]["name"]: each for each in manifests if each["kind"] == "Deployment"}
    pod = Pod(manifests, named["dragoman-redis"]["spec"]["template"]["spec"], {}, tmp_path)
    async with running(pod):
        async with Redis(port=pod.ports[6379]) as redis:
            async with asyncio.timeout(20):
                while not await _answers(redis):
                    await asyncio.sleep(0.05)
            await redis.set("plano:affinity:a", "openai/gpt-4o", ex=600)
            assert await redis.get("plano:affinity:a") == b"openai/gpt-4o"
            kept = await redis.config_get("save", "maxmemory", "maxmemory-policy")
        assert kept == {"save": "", "maxmemory": str(2**27), "maxmemory-policy": "allkeys-lru"}


async def _answers(redis: Redis) -> bool:
    try:
        return bool(await redis.ping())
    except NoConnection:
        return False
