"""Latencies from a real Prometheus that scrapes an exporter."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest

from extproc.config import Config, LatencySource, parse
from extproc.sources import Outcome, Pace, Sources, refreshing
from tests.helpers.ports import free_port
from tests.helpers.price_server import Answer, PriceServer
from tests.helpers.prometheus_server import prometheus_server

EXPORTED = b"""\
# TYPE model_latency_p95_seconds gauge
model_latency_p95_seconds{model_name="openai/gpt-4o"} 1.2
model_latency_p95_seconds{model_name="openai/gpt-4o-mini"} 0.4
model_latency_p95_seconds{model_name="anthropic/claude-sonnet-4-20250514"} 0.85
model_latency_p95_seconds{model_name="mistral/idle"} NaN
"""
NAMES = [
    "openai/gpt-4o",
    "openai/gpt-4o-mini",
    "anthropic/claude-sonnet-4-20250514",
    "mistral/idle",
]


def asking(url: str, query: str) -> Config:
    models = "".join(f"  - {{model: {name}, access_key: k}}\n" for name in NAMES)
    config = parse(f"version: v0.4.0\nmodel_providers:\n{models}", {}).config
    return replace(config, latencies=LatencySource(url, query, 1))


async def told(config: Config) -> Sources:
    """What is known as soon as Prometheus has something to tell."""
    pace = Pace(first=0.1, longest=0.2)
    async with refreshing(config, {}, lambda: None, pace=pace) as sources:
        assert await sources.ready(within=60)
        return sources


async def test_latencies(
    server: PriceServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="extproc")
    server.answer(Answer(EXPORTED, headers={"content-type": "text/plain"}), path="/metrics")
    job = {"job_name": "models"}
    async with prometheus_server(tmp_path, job, server.port, free_port()) as url:
        sources = await told(asking(url, "model_latency_p95_seconds"))
        assert sources.latency.latencies == {
            "openai/gpt-4o": 1.2,
            "openai/gpt-4o-mini": 0.4,
            "anthropic/claude-sonnet-4-20250514": 0.85,
        }
        assert "fetched prometheus latency metrics: 3 models" in caplog.text

        query = 'max by (model_name) (model_latency_p95_seconds{model_name=~"openai/.+"} * 2)'
        sources = await told(asking(url, query))
        assert sources.latency.latencies == {"openai/gpt-4o": 2.4, "openai/gpt-4o-mini": 0.8}

        for mistake, outcome, trouble in [
            ("sum(", Outcome.FAILED, "answered 400"),
            ("42", Outcome.MALFORMED, "is no instant vector; the query must give one"),
            ("nothing_of_this_name", Outcome.EMPTY, "lists nothing of use"),
            ("sum(up)", Outcome.EMPTY, "lists nothing of use"),
        ]:
            config = asking(url, mistake)
            async with refreshing(config, {}, lambda: None) as sources:
                (refresh,) = sources.refreshes
                while not refresh.outcomes:
                    await asyncio.sleep(0.01)
                assert (set(refresh.outcomes), refresh.trouble) == ({outcome}, trouble)
