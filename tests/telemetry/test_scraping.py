"""A real Prometheus scrapes the admin port, and the page's query ranks the models."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import yaml

from extproc.config import parse
from extproc.core.config import Admin
from extproc.core.sources import LatencySource
from extproc.telemetry.admin import serving
from extproc.telemetry.admin_pages import admin_pages
from extproc.telemetry.metrics import Metrics
from extproc.telemetry.receipts import Receipts
from extproc.telemetry.state import State
from extproc.telemetry.traces import Traces
from tests.helpers.dashboard import TARGETS, as_prometheus_sees_it
from tests.helpers.ports import free_port
from tests.helpers.prometheus_server import prometheus_server
from tests.helpers.telemetry_events import (
    LARGE,
    MINI,
    SNAPSHOT,
    attempt,
    configuration,
    priced,
)

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
(QUERY,) = [text.strip() for kind, text in BLOCKS if kind == "promql"]
(SCRAPE,) = [text for _, text in BLOCKS if text.startswith("scrape_configs:")]
(SOURCE,) = [text for _, text in BLOCKS if text.startswith("model_metrics_sources:")]


@asynccontextmanager
async def prometheus(directory: Path, admin_port: int) -> AsyncIterator[httpx.AsyncClient]:
    """A Prometheus with the page's scrape configuration, but quicker, and for this port."""
    (job,) = yaml.safe_load(SCRAPE)["scrape_configs"]
    async with (
        prometheus_server(directory, job, admin_port, free_port()) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        yield client


async def asked(client: httpx.AsyncClient) -> dict[str, float]:
    """What the query gives, by ``model_name``; nothing as long as Prometheus starts."""
    try:
        response = await client.get("/api/v1/query", params={"query": QUERY})
    except httpx.ConnectError:
        return {}
    if response.status_code != httpx.codes.OK:
        return {}
    data = response.json()["data"]
    assert data["resultType"] == "vector"
    return {
        series["metric"].pop("model_name"): float(series["value"][1])
        for series in data["result"]
        if not series["metric"].keys() - {"model_name"}
    }


async def test_the_query_of_the_readme_ranks_models_by_their_latency(tmp_path: Path) -> None:
    """And Prometheus understands all that the dashboard asks."""
    metrics = Metrics(configuration(), lambda: State(SNAPSHOT))
    pages = admin_pages(Traces(Receipts(0, lambda: SNAPSHOT)), metrics.registry, lambda: SNAPSHOT)

    def some_attempts() -> None:
        for number in range(20):
            metrics.attempted(
                priced(attempt(1, MINI, first_byte=0.12, request_id=f"mini {number}"))
            )
            metrics.attempted(
                priced(attempt(1, LARGE, first_byte=1.8, request_id=f"large {number}"))
            )
            refusal = attempt(1, LARGE, 429, first_byte=0.001, request_id=f"refused {number}")
            metrics.attempted(priced(refusal))

    async with (
        serving(Admin("127.0.0.1", 0), pages) as port,
        prometheus(tmp_path, port) as client,
    ):
        found: dict[str, float] = {}
        while not found or any(map(math.isnan, found.values())):
            some_attempts()
            await asyncio.sleep(0.25)
            found = await asked(client)
        for title, expression in TARGETS:
            query = {"query": as_prometheus_sees_it(expression)}
            answer = await client.get("/api/v1/query", params=query)
            assert answer.json()["status"] == "success", (title, answer.text)
    assert found.keys() == {MINI, LARGE}
    # The buckets around what was observed: 0.1 to 0.2 s, and 1.5 to 2 s.
    assert 0.1 < found[MINI] <= 0.2
    assert 1.5 < found[LARGE] <= 2.0


def test_the_source_of_the_readme_asks_that_query() -> None:
    text = f"version: v0.4.0\nmodel_providers: [{{model: openai/gpt-4o, access_key: k}}]\n{SOURCE}"
    assert parse(text, {}).config.latencies == LatencySource("http://localhost:9090", QUERY, 60)
