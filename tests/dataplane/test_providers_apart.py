"""Providers that are easily mistaken for each other: each receives its own request and key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from extproc.demo.provider import Behaviour
from extproc.demo.provider.exchange import Exchange
from tests.helpers.house import CLIENT_KEY, KEYS, OFF_TOPIC, PROMPT, House
from tests.helpers.house import house as start

CONFIG = """
version: v0.4.0
listeners:
  - {{type: model, name: llm, address: 127.0.0.1, port: {port}, timeout: 30s}}
model_providers:
  - {{model: openai/gpt-4o, base_url: "{alpha}", access_key: $ALPHA_KEY, default: true}}
  - {{model: azure_openai/gpt-4o, base_url: "{beta}/openai/deployments", access_key: $BETA_KEY}}
  - {{model: openai/gpt-4o, name: spare, base_url: "{alpha}/spare", access_key: $GAMMA_KEY,
     headers: {{X-Tenant: "tenant of $DELTA_KEY", X-Both: "$DELTA_KEY, $BETA_KEY", Cookie: c=1}}}}
  - {{model: openai/*, base_url: "{gamma}", access_key: $DELTA_KEY}}
  - {{model: groq/*, name: mine/*, base_url: "{delta}", passthrough_auth: true}}
  - {{model: anthropic/*, base_url: "{delta}", passthrough_auth: true, access_key: $ALPHA_KEY}}
  - {{model: azure_openai/own, base_url: "{delta}", passthrough_auth: true}}
  - {{model: groq/featured, base_url: "{delta}", access_key: $ALPHA_KEY,
     headers: {{Anthropic-Beta: "ours-1, both-(2)%", OpenAI-Beta: "50% 'more'", Version: ours}}}}
model_aliases:
  newest: {{target: openai/gpt-5}}
routing_preferences:
  - name: code generation
    description: writing Python functions, generating new code
    models: [openai/gpt-4o, azure_openai/gpt-4o, spare, newest, mine/llama, openai/last]
dragoman:
  attempt_timeout: {attempt_timeout}
  first_content_timeout: {first_content_timeout}
  cooldowns: {cooldowns}
  admin_address: 127.0.0.1:{admin_port}
{more}
"""
FAILURE = Behaviour(status=503)


@pytest.fixture(scope="module")
async def shared_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with start(tmp_path_factory.mktemp("apart"), config=CONFIG) as house:
        yield house


def seen(exchange: Exchange) -> tuple[str, str, str | None, str | None]:
    key = exchange.header("authorization")
    return exchange.path, exchange.json["model"], key, exchange.header("api-key")


ALPHA = ("/v1/chat/completions", "gpt-4o", "Bearer key-of-alpha", None)
SPARE = ("/spare/chat/completions", "gpt-4o", "Bearer key-of-gamma", None)
AZURE = (
    "/openai/deployments/gpt-4o/chat/completions?api-version=2025-01-01-preview",
    "gpt-4o",
    None,
    "key-of-beta",
)
GAMMA = ("/v1/chat/completions", "gpt-5", "Bearer key-of-delta", None)
MINE = ("/openai/v1/chat/completions", "llama", f"Bearer {CLIENT_KEY}", None)


@pytest.mark.parametrize(
    ("asked", "provider", "expected"),
    [
        ("openai/gpt-4o", "alpha", ALPHA),
        ("spare", "alpha", SPARE),
        ("azure_openai/gpt-4o", "beta", AZURE),
        ("openai/gpt-5", "gamma", GAMMA),
        ("newest", "gamma", GAMMA),
        ("mine/llama", "delta", MINE),
        ("groq/llama", "delta", MINE),
    ],
)
async def test_each_receives_its_own(
    house: House, asked: str, provider: str, expected: tuple[Any, ...]
) -> None:
    response = await house.chat(OFF_TOPIC, model=asked)
    assert response.status_code == 200, response.text
    exchanges = {name: list(map(seen, house.providers[name].exchanges)) for name in KEY_HOLDERS}
    assert exchanges == {name: [] for name in KEY_HOLDERS} | {provider: [expected]}


KEY_HOLDERS = ("alpha", "beta", "gamma", "delta")


async def test_a_model_id_that_several_have_is_ambiguous(house: House) -> None:
    response = await house.chat(OFF_TOPIC, model="gpt-4o")
    assert response.status_code == 400
    assert "ambiguous: say openai/gpt-4o or azure_openai/gpt-4o or spare" in response.text


async def test_failover_from_one_to_the_next(house: House) -> None:
    house.alpha.script(FAILURE, FAILURE)
    house.beta.script(FAILURE)
    house.gamma.script(FAILURE)
    house.delta.script(FAILURE)
    response = await house.chat(PROMPT, headers={"cookie": f"k={CLIENT_KEY}"})
    assert response.status_code == 200, response.text
    assert response.headers["x-dragoman-model"] == "openai/last"
    assert response.headers["x-dragoman-attempts"] == "6"
    assert list(map(seen, house.alpha.exchanges)) == [ALPHA, SPARE]
    assert list(map(seen, house.beta.exchanges)) == [AZURE]
    last = ("/v1/chat/completions", "last", "Bearer key-of-delta", None)
    assert list(map(seen, house.gamma.exchanges)) == [GAMMA, last]
    assert list(map(seen, house.delta.exchanges)) == [MINE]
    for name in ("alpha", "beta", "gamma"):
        assert CLIENT_KEY not in repr([each.headers for each in house.providers[name].exchanges])
    (passed_on,) = house.delta.exchanges
    assert passed_on.header("cookie") is None
    assert not any(key in repr(passed_on.headers) for key in KEYS.values())


async def test_the_clients_key_ends_with_the_attempt_that_it_is_for(house: House) -> None:
    house.delta.script(FAILURE)
    route = {
        "name": "r",
        "description": "writing Python functions, generating new code",
        "models": ["mine/llama", "openai/gpt-4o"],
    }
    response = await house.chat(PROMPT, routing_preferences=[route])
    assert response.headers["x-dragoman-model"] == "openai/gpt-4o"
    assert list(map(seen, house.delta.exchanges)) == [MINE]
    assert list(map(seen, house.alpha.exchanges)) == [ALPHA]


async def test_headers_with_secrets_reach_their_own_provider(house: House) -> None:
    house.alpha.script(FAILURE)
    house.beta.script(FAILURE)
    await house.chat(PROMPT)
    first, spare = house.alpha.exchanges
    names = ("x-tenant", "x-both", "cookie")
    assert [first.header(name) for name in names] == [None] * 3
    assert [spare.header(name) for name in names] == [
        "tenant of key-of-delta",
        "key-of-delta, key-of-beta",
        "c=1",
    ]


BEARER, API_KEY, AZURE_KEY = "authorization", "x-api-key", "api-key"


@pytest.mark.parametrize(
    ("model", "sent", "received"),
    [
        ("mine/m", {BEARER: "Bearer k"}, {BEARER: "Bearer k"}),
        ("mine/m", {BEARER: "bearer  k"}, {BEARER: "Bearer k"}),
        ("mine/m", {BEARER: "k"}, {BEARER: "Bearer k"}),
        ("mine/m", {API_KEY: "k"}, {BEARER: "Bearer k"}),
        ("mine/m", {AZURE_KEY: "k"}, {BEARER: "Bearer k"}),
        ("mine/m", {BEARER: "Bearer k", API_KEY: "other", AZURE_KEY: "z"}, {BEARER: "Bearer k"}),
        ("mine/m", {BEARER: "Basic abc", API_KEY: "k"}, {BEARER: "Bearer k"}),
        ("mine/m", {BEARER: "Basic abc"}, {}),
        ("mine/m", {}, {}),
        ("anthropic/m", {API_KEY: "sk-ant-api03-x"}, {API_KEY: "sk-ant-api03-x"}),
        ("anthropic/m", {BEARER: "Bearer sk-ant-api03-x"}, {API_KEY: "sk-ant-api03-x"}),
        ("anthropic/m", {BEARER: "Bearer sk-ant-oat01-x"}, {BEARER: "Bearer sk-ant-oat01-x"}),
        ("azure_openai/own", {AZURE_KEY: "k"}, {AZURE_KEY: "k"}),
        ("azure_openai/own", {BEARER: "Bearer k"}, {AZURE_KEY: "k"}),
        ("azure_openai/own", {BEARER: "Bearer eyJ.x"}, {BEARER: "Bearer eyJ.x"}),
    ],
)
async def test_the_clients_key_goes_where_the_provider_looks_for_it(
    house: House, model: str, sent: dict[str, str], received: dict[str, str]
) -> None:
    path = "/v1/messages" if model.startswith("anthropic") else "/v1/chat/completions"
    body = {"model": model, "max_tokens": 1, "messages": [{"role": "user", "content": OFF_TOPIC}]}
    response = await house.client.post(path, json=body, headers=sent)
    assert response.status_code == 200, response.text
    (exchange,) = house.delta.exchanges
    found = {name: exchange.header(name) for name in (BEARER, API_KEY, AZURE_KEY)}
    assert {name: value for name, value in found.items() if value is not None} == received


@pytest.mark.parametrize(
    ("path", "model", "sent", "received"),
    [
        ("/v1/chat/completions", "anthropic/m", {BEARER: "Bearer sk-ant-x"}, {API_KEY: "sk-ant-x"}),
        ("/v1/messages", "mine/m", {API_KEY: "k"}, {BEARER: "Bearer k"}),
    ],
)
async def test_the_clients_key_goes_along_with_a_translated_request(
    house: House, path: str, model: str, sent: dict[str, str], received: dict[str, str]
) -> None:
    body = {"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": OFF_TOPIC}]}
    response = await house.client.post(path, json=body, headers=sent)
    assert response.status_code == 200, response.text
    (exchange,) = house.delta.exchanges
    assert not exchange.path.endswith(path.removeprefix("/v1"))
    found = {name: exchange.header(name) for name in (BEARER, API_KEY, AZURE_KEY)}
    assert {name: value for name, value in found.items() if value is not None} == received


async def test_wildcards_are_listed_by_what_is_known_of_them(house: House) -> None:
    listed = (await house.client.get("/v1/models")).json()["data"]
    owners = {model["id"]: model["owned_by"] for model in listed}
    assert len(owners) == len(listed)
    assert list(owners)[:3] == ["openai/gpt-4o", "azure_openai/gpt-4o", "spare"]
    assert owners["spare"] == owners["openai/gpt-5"] == "openai"
    assert owners["anthropic/claude-sonnet-4-5"] == "anthropic"
    assert owners["newest"] == "dragoman"
    assert not [name for name in owners if "*" in name or name.startswith("mine/")]


async def test_a_decision_names_what_a_wildcard_covers(house: House) -> None:
    body = {"model": "openai/gpt-9", "messages": [{"role": "user", "content": OFF_TOPIC}]}
    answer = (await house.client.post("/routing/v1/chat/completions", json=body)).json()
    assert answer["models"] == ["openai/gpt-9"]


@pytest.mark.parametrize("model_id", ["a b", "é/模型", 'q"\\', "x%0d%0ay", "x\r\ny: z", "\u0000"])
async def test_odd_names_under_a_wildcard(house: House, model_id: str) -> None:
    response = await house.chat(OFF_TOPIC, model=f"openai/{model_id}")
    assert response.status_code == 200, response.text
    (exchange,) = house.gamma.exchanges
    assert exchange.json["model"] == model_id
    assert exchange.header("y") is None


async def test_a_name_that_is_too_long_for_a_wildcard(house: House) -> None:
    response = await house.chat(OFF_TOPIC, model="openai/" + "x" * 100_000)
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        ([], "ours-1, both-(2)%"),
        (["theirs-1"], "theirs-1,ours-1,both-(2)%"),
        (["theirs-1,both-(2)%"], "theirs-1,both-(2)%,ours-1"),
        (["theirs-1", "ours-1-more"], "theirs-1,ours-1-more,ours-1,both-(2)%"),
    ],
)
async def test_features_that_both_ask_for(house: House, sent: list[str], received: str) -> None:
    headers = [("anthropic-beta", value) for value in sent]
    body = {"model": "groq/featured", "messages": [{"role": "user", "content": OFF_TOPIC}]}
    response = await house.client.post(
        "/v1/chat/completions", json=body, headers=[*headers, ("version", "theirs")]
    )
    assert response.status_code == 200, response.text
    (exchange,) = house.delta.exchanges
    told = [value for name, value in exchange.headers if name.lower() == "anthropic-beta"]
    assert told == [received]
    assert exchange.header("openai-beta") == "50% 'more'"
    assert exchange.header("version") == "ours"
