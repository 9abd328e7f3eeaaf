"""Models as tools name and list them, through Envoy, with the SDKs that people use."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anthropic
import openai
import pytest

from extproc.providers import OWN_MODELS
from tests.helpers.house import OFF_TOPIC, House
from tests.helpers.house import house as start
from tests.helpers.price_server import Answer, document, price_server

CONFIG = """
version: v0.4.0
listeners:
  - {{type: model, name: llm, address: 127.0.0.1, port: {port}, timeout: 30s}}
model_providers:
  - {{model: openai/*, base_url: "{alpha}", access_key: $ALPHA_KEY}}
  - {{model: anthropic/*, base_url: "{beta}", access_key: $BETA_KEY}}
  - {{model: ollama/llama3-2024-12-01, base_url: "{gamma}", default: true}}
model_aliases:
  claude-haiku-4-5: {{target: ollama/llama3-2024-12-01}}
dragoman:
  attempt_timeout: {attempt_timeout}
  first_content_timeout: {first_content_timeout}
  cooldowns: {cooldowns}
  admin_address: 127.0.0.1:{admin_port}
{more}
"""


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with price_server() as prices:
        prices.answer(Answer(document("models-dev.json")))
        more = (
            f"model_metrics_sources: [{{type: cost, provider: models.dev, url: '{prices.url()}'}}]"
        )
        directory = tmp_path_factory.mktemp("models")
        async with start(directory, config=CONFIG, more=more) as house:

            async def priced() -> bool:
                return bool((await house.snapshot())["prices_at"])

            await house.until(priced)
            yield house


@pytest.mark.parametrize(
    ("asked", "provider", "model"),
    [
        ("gpt-4o-mini", "alpha", "gpt-4o-mini"),
        ("gpt-5.3-codex", "alpha", "gpt-5.3-codex"),
        ("openai/o3", "alpha", "o3"),
        ("claude-sonnet-4-5-20250929", "beta", "claude-sonnet-4-5-20250929"),
        ("claude-opus-4-8[1m]", "beta", "claude-opus-4-8"),
        ("claude-haiku-4-5-20251001", "gamma", "llama3-2024-12-01"),
        ("llama3", "gamma", "llama3-2024-12-01"),
    ],
)
async def test_bare_names_reach_their_provider(
    house: House, asked: str, provider: str, model: str
) -> None:
    for path in ("/v1/messages", "/messages"):
        house.clear()
        response = await house.client.post(
            path,
            headers={"anthropic-version": "2023-06-01"},
            json={
                "model": asked,
                "max_tokens": 9,
                "messages": [{"role": "user", "content": OFF_TOPIC}],
            },
        )
        assert response.status_code == 200, response.text
        (exchange,) = house.providers[provider].exchanges
        assert exchange.json["model"] == model


async def test_openais_sdk_lists_models(openai_client: openai.AsyncOpenAI) -> None:
    listed = {model.id: model async for model in openai_client.models.list()}
    assert listed["ollama/llama3-2024-12-01"].owned_by == "ollama"
    assert listed["claude-haiku-4-5"].owned_by == "dragoman"
    assert {f"openai/{name}" for name in OWN_MODELS["openai"].known} <= listed.keys()
    assert "anthropic/claude-sonnet-4-20250514" in listed, "the catalogue of prices has it"
    assert not [name for name in listed if "*" in name]


@pytest.mark.parametrize("name", ["ollama/llama3-2024-12-01", "gpt-4o", "claude-haiku-4-5"])
async def test_the_sdks_retrieve_a_model(
    openai_client: openai.AsyncOpenAI, anthropic_client: anthropic.AsyncAnthropic, name: str
) -> None:
    assert (await openai_client.models.retrieve(name)).id == name
    model = await anthropic_client.models.retrieve(name)
    assert (model.id, model.type, model.created_at.year) == (name, "model", 1970)


async def test_the_sdks_understand_that_there_is_none(
    openai_client: openai.AsyncOpenAI, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    with pytest.raises(openai.NotFoundError, match="'none' does not exist") as by_openai:
        await openai_client.models.retrieve("none")
    assert by_openai.value.request_id
    with pytest.raises(anthropic.NotFoundError, match="'none' does not exist") as by_anthropic:
        await anthropic_client.models.retrieve("none")
    assert by_anthropic.value.request_id


async def test_anthropics_sdk_pages_through_the_list(
    house: House, anthropic_client: anthropic.AsyncAnthropic
) -> None:
    whole = [model["id"] for model in (await house.client.get("/v1/models")).json()["data"]]
    first = await anthropic_client.models.list(limit=3)
    assert [model.id for model in first.data] == whole[:3]
    assert [model.id async for model in first] == whole
    back = await anthropic_client.models.list(limit=2, before_id=whole[3])
    assert [model.id for model in back.data] == whole[1:3]
    assert back.has_more


@pytest.mark.parametrize("path", ["/v1/models", "/models", "/v1/models/gpt-4o"])
async def test_the_head_of_a_list(house: House, path: str) -> None:
    head, whole = await house.client.head(path), await house.client.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    refused = await house.client.post(path, json={})
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/v1/modelsandmore", "/v2/models"])
async def test_a_path_that_only_looks_like_the_list(house: House, path: str) -> None:
    assert (await house.client.get(path)).status_code == 404
