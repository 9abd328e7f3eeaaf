"""A collector that takes spans over HTTP, that hangs, and that comes back: nothing else notices."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from extproc.demo.provider import Behaviour
from tests.helpers.house import CHAT_MODELS, PROMPT, House
from tests.helpers.house import house as start
from tests.helpers.otlp_receiver import Receiver, over_http

TRACING = """
tracing:
  random_sampling: 100
  otlp_http_endpoint: {url}
  capture_content: true
  openinference: true
"""
MOST_WAITING = 8


@pytest.fixture(scope="module")
def collector() -> Iterator[Receiver]:
    with over_http() as receiver:
        yield receiver


@pytest.fixture(scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, collector: Receiver
) -> AsyncIterator[House]:
    directory: Path = tmp_path_factory.mktemp("collectors")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        patched.setenv("OTEL_BSP_MAX_QUEUE_SIZE", str(MOST_WAITING))
        patched.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20of-the-collector")
        patched.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
        patched.setenv("OTEL_SERVICE_NAME", "llm-gateway")
        async with start(directory, more=TRACING.format(url=collector.url)) as running:
            yield running


async def spans(house: House, outcome: str) -> float:
    """How many spans have had this outcome so far."""
    page = (await house.admin.get("/metrics")).text
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if sample.name == "dragoman_spans_total" and sample.labels["outcome"] == outcome:
                return sample.value
    raise AssertionError(page)


async def test_spans_over_http_say_what_was_said_where_that_is_wanted(
    house: House, collector: Receiver
) -> None:
    house.alpha.script(Behaviour(input_tokens=321, output_tokens=45))
    response = await house.chat()
    request, _ = await collector.of_trace(response.headers["x-dragoman-trace-id"], 2)
    assert collector.metadata["authorization"] == "Bearer of-the-collector"
    assert request.resource["service.name"] == "llm-gateway"
    (turn,) = json.loads(request.attributes["gen_ai.input.messages"])
    assert turn == {"role": "user", "parts": [{"type": "text", "content": PROMPT}]}
    assert request.attributes["openinference.span.kind"] == "LLM"
    assert request.attributes["llm.input_messages.0.message.content"] == PROMPT
    assert request.attributes["llm.model_name"] == CHAT_MODELS[0].partition("/")[2]
    assert request.attributes["llm.token_count.total"] == 366


async def test_a_collector_that_hangs_costs_spans_and_nothing_else(
    house: House, collector: Receiver
) -> None:
    collector.hangs.set()
    began = time.monotonic()
    for _ in range(MOST_WAITING):
        assert (await house.chat()).status_code == 200
    assert time.monotonic() - began < 5
    async with asyncio.timeout(20):
        while not (await spans(house, "refused") and await spans(house, "dropped")):
            await asyncio.sleep(0.1)
    collector.hangs.clear()
    exported = await spans(house, "exported")
    async with asyncio.timeout(20):
        while await spans(house, "exported") == exported:
            assert (await house.chat()).status_code == 200
            await asyncio.sleep(0.2)
