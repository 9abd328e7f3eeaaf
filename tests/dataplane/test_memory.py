"""Twenty thousand requests leave Envoy and the router no larger than they found them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json

import psutil
import pytest

from tests.helpers.house import PROMPT, House
from tests.helpers.quick_client import QuickClient

REQUESTS = 20_000
WARM_UP = 6_000
CONNECTIONS = 16
MEBIBYTE = 1024 * 1024
MOST_GROWTH = 12 * MEBIBYTE
"""A leak of one 2 KB body per request would be 28 MiB over the measured requests."""


def sizes(house: House) -> dict[str, int]:
    deciders = house.running.deciders
    processes = {
        "envoy": house.running.envoy.pid,
        "router": deciders.workers[0].pid,
        "observer": deciders.observer.pid,
    }
    return {name: psutil.Process(pid).memory_info().rss for name, pid in processes.items()}


@pytest.mark.timeout(600)
async def test_memory_is_flat(house: House) -> None:
    house.be_lenient()
    bodies = [
        json.dumps({"model": "model-c"} | said).encode()
        for said in (
            {"messages": [{"role": "user", "content": f"{PROMPT} {'pad ' * 400}"}]},
            {"stream": True, "messages": [{"role": "user", "content": PROMPT}]},
            {"messages": [{"role": "user", "content": "What is the capital?"}]},
        )
    ]
    numbers = itertools.count()

    async def client_loop(client: QuickClient, until: int) -> None:
        while (number := next(numbers)) < until:
            failing = number % 50 == 0
            headers = ["x-fake-behaviour: status=503"] if failing else []
            status = await client.post("/v1/chat/completions", bodies[number % 3], *headers)
            assert status == (503 if failing else 200)

    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(QuickClient(house.url)) for _ in range(CONNECTIONS)
        ]

        async def run(until: int) -> dict[str, int]:
            await asyncio.gather(*(client_loop(client, until) for client in clients))
            await asyncio.sleep(1)
            return sizes(house)

        before = await run(WARM_UP)
        after = await run(REQUESTS)
    grown = {name: after[name] - before[name] for name in after}
    assert all(growth < MOST_GROWTH for growth in grown.values()), (before, after)
