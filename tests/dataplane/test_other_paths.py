"""The providers' other paths, with the SDKs that people use, unchanged, through Envoy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anthropic
import openai
import pytest

from tests.helpers.house import House


@pytest.fixture
async def openai_client(house: House) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(
        base_url=f"{house.url}/v1", api_key="client", max_retries=0
    ) as client:
        yield client


@pytest.fixture
async def anthropic_client(house: House) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(
        base_url=house.url, api_key="client", max_retries=0
    ) as client:
        yield client


async def test_embeddings_go_to_the_model_that_they_name(
    house: House, openai_client: openai.AsyncOpenAI
) -> None:
    answer = await openai_client.embeddings.create(model="beta/model-b", input=["one", "two"])
    assert len(answer.data) == 2
    (exchange,) = house.beta.exchanges
    assert exchange.path == "/deep/path/embeddings"
    assert exchange.json["model"] == "model-b"
    assert exchange.header("authorization") == "Bearer key-of-beta"
    assert not [name for name, _ in exchange.headers if name.startswith("x-dragoman")]


async def test_tokens_are_counted_by_anthropic(
    house: House, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    counted = await anthropic_client.messages.count_tokens(
        model="claude-d", messages=[{"role": "user", "content": "hi"}]
    )
    assert counted.input_tokens == 42
    (exchange,) = house.delta.exchanges
    assert exchange.path == "/v1/messages/count_tokens"
    assert exchange.json["model"] == "claude-d"


async def test_tokens_of_another_model_are_estimated(
    house: House, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    response = await anthropic_client.messages.with_raw_response.count_tokens(
        model="model-b", messages=[{"role": "user", "content": "hi " * 400}]
    )
    assert 250 < (await response.parse()).input_tokens < 400
    assert response.headers["x-dragoman-estimated"] == "true"
    assert not house.beta.exchanges
