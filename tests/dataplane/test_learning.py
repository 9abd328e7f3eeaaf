"""What Envoy tells of attempts: tokens, cost, times and statuses, as receipts show them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CHAT_MODELS, MESSAGES_MODELS, PROMPT, ROUTE, House
from tests.helpers.house import house as start

PRICES = """
alpha/model-a: {input_per_million: 3, output_per_million: 15}
anthropic/claude-a: {input_per_million: 5, output_per_million: 25}
"""
COSTS = {
    CHAT_MODELS[0]: (321 * 3 + 45 * 15) / 1e6,
    MESSAGES_MODELS[0]: (321 * 5 + 45 * 25) / 1e6,
}
SOURCE = """
model_metrics_sources: [{{type: cost, provider: file, path: "{path}"}}]
"""


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    directory: Path = tmp_path_factory.mktemp("learning")
    prices = directory / "prices.yaml"
    prices.write_text(PRICES)
    async with start(directory, more=SOURCE.format(path=prices)) as running:
        yield running


@pytest.fixture(autouse=True)
def _clear(house: House) -> None:
    house.clear()


def body(path: str, *, stream: bool) -> dict[str, Any]:
    if path == "/v1/responses":
        return {"input": PROMPT, "stream": stream}
    messages = {"messages": [{"role": "user", "content": PROMPT}], "stream": stream}
    if path == "/v1/messages":
        return messages | {"max_tokens": 100}
    return messages | ({"stream_options": {"include_usage": True}} if stream else {})


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("path", "model"),
    [
        (path, model)
        for path in ("/v1/chat/completions", "/v1/responses", "/v1/messages")
        for model in (CHAT_MODELS[0], MESSAGES_MODELS[0])
    ],
)
async def test_tokens_and_cost_are_the_providers_own(
    house: House, path: str, model: str, *, stream: bool
) -> None:
    """Also where the answer is translated: they are counted as the provider told them."""
    house.alpha.script(Behaviour(input_tokens=321, output_tokens=45))
    asked = {"model": model, "routing_preferences": []}
    response = await house.client.post(path, json=asked | body(path, stream=stream))
    assert response.status_code == 200
    found = await house.receipt(response)
    assert found["answered_by"] == model
    assert found["usage"]["input_tokens"] == 321
    assert found["usage"]["output_tokens"] == 45
    assert found["cost_usd"] == pytest.approx(COSTS[model])
    (attempt,) = found["attempts"]
    assert attempt["status"] == 200
    assert 0 < attempt["first_byte_ms"] <= attempt["duration_ms"]


async def test_every_attempt_is_told(house: House) -> None:
    house.alpha.script(Behaviour(status=429, retry_after="7"))
    house.beta.script(Behaviour(status=500))
    response = await house.chat()
    found = await house.receipt(response)
    assert found["route"] == ROUTE
    assert [(one["number"], one["model"], one["status"]) for one in found["attempts"]] == [
        (1, CHAT_MODELS[0], 429),
        (2, CHAT_MODELS[1], 500),
        (3, CHAT_MODELS[2], 200),
    ]
    assert found["attempts"][0]["retry_after_s"] == 7
    assert found["answered_by"] == CHAT_MODELS[2]
    assert found["cost_usd"] is None, "gamma has no price"


async def test_a_stream_without_usage_costs_nobody_knows_what(house: House) -> None:
    response = await house.chat(stream=True)
    found = await house.receipt(response)
    assert found["usage"]["output_tokens"] is None
    assert found["cost_usd"] is None


async def test_an_answer_larger_than_any_request_passes(house: House) -> None:
    house.alpha.script(Behaviour(text="long " * 9_000_000, output_tokens=7))
    response = await house.chat()
    assert response.status_code == 200
    assert len(response.content) > 45_000_000
    receipt = await house.receipt(response)
    assert receipt["answered_by"] == CHAT_MODELS[0]
    assert receipt["usage"]["output_tokens"] == 7
