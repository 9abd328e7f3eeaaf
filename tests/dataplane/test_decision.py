"""The decision: by itself on /routing, and as the models that a request is tried on."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CHAT_MODELS, MESSAGES_MODELS, OFF_TOPIC, PROMPT, ROUTE, House

ALL = [*CHAT_MODELS, *MESSAGES_MODELS]


def user(prompt: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": prompt}]


async def decide(house: House, body: dict[str, Any], path: str = "chat/completions") -> Any:
    response = await house.client.post(f"/routing/v1/{path}", json=body)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("chat/completions", {"messages": user(PROMPT)}),
        ("messages", {"messages": user(PROMPT), "max_tokens": 1}),
        ("responses", {"input": PROMPT}),
        ("responses", {"input": [{"role": "user", "content": [
            {"type": "input_text", "text": PROMPT}]}]}),
    ],
)  # fmt: skip
async def test_in_three_formats(house: House, path: str, body: dict[str, Any]) -> None:
    answer = await decide(house, {"model": "gamma/model-c"} | body, path)
    assert list(answer) == ["models", "route", "trace_id"]
    assert answer["models"] == ALL
    assert answer["route"] == ROUTE
    assert re.fullmatch("[0-9a-f]{32}", answer["trace_id"])
    assert not any(provider.exchanges for provider in house.providers.values())


async def test_no_match_is_the_requested_model(house: House) -> None:
    for asked, model in {
        "gamma/model-c": "gamma/model-c",
        "model-b": "beta/model-b",
        "quick": "gamma/model-c",
        "": "alpha/model-a",
        None: "alpha/model-a",
    }.items():
        answer = await decide(house, {"model": asked, "messages": user(OFF_TOPIC)})
        assert (answer["models"], answer["route"]) == ([model], None)
    answer = await decide(house, {"messages": user(OFF_TOPIC)})
    assert answer["models"] == ["alpha/model-a"]


async def test_an_unknown_model_is_fine_when_a_route_matches(house: House) -> None:
    answer = await decide(house, {"model": "gpt-99", "messages": user(PROMPT)})
    assert answer["models"] == ALL


async def test_the_trace_id_is_the_callers(house: House) -> None:
    response = await house.client.post(
        "/routing/v1/chat/completions",
        json={"messages": user(PROMPT)},
        headers={"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
    )
    assert response.json()["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"


def preferences(*models: str, prefer: str | None = None) -> list[dict[str, Any]]:
    route: dict[str, Any] = {
        "name": "food",
        "description": "cooking recipes for dinner",
        "models": list(models),
    }
    return [route | ({"selection_policy": {"prefer": prefer}} if prefer else {})]


COOKING = "Give me a recipe for cooking dinner"


async def test_inline_preferences_replace_the_configured_ones(house: House) -> None:
    body = {"messages": user(COOKING), "routing_preferences": preferences("model-b", "quick")}
    answer = await decide(house, body)
    assert (answer["models"], answer["route"]) == (["beta/model-b", "gamma/model-c"], "food")
    answer = await decide(house, body | {"messages": user(PROMPT)})
    assert answer["route"] is None
    response = await house.chat(COOKING, routing_preferences=body["routing_preferences"])
    assert response.headers["x-dragoman-model"] == "beta/model-b"
    (exchange,) = house.beta.exchanges
    assert "routing_preferences" not in exchange.json


async def test_an_empty_list_turns_routing_off(house: House) -> None:
    answer = await decide(house, {"messages": user(PROMPT), "routing_preferences": []})
    assert (answer["models"], answer["route"]) == (["alpha/model-a"], None)


async def test_the_older_routing_policy(house: House) -> None:
    entry = {"name": "food", "description": "cooking recipes for dinner"}
    policy = [
        {"model": "gamma/model-c", "routing_preferences": [entry]},
        {"model": "beta/model-b", "routing_preferences": [entry]},
    ]
    answer = await decide(house, {"messages": user(COOKING), "routing_policy": policy})
    assert (answer["models"], answer["route"]) == (["gamma/model-c", "beta/model-b"], "food")
    await house.chat(COOKING, routing_policy=policy)
    assert "routing_policy" not in house.gamma.exchanges[0].json


async def test_random_shuffles_and_loses_nobody(house: House) -> None:
    body = {
        "messages": user(COOKING),
        "routing_preferences": preferences(*CHAT_MODELS, prefer="random"),
    }
    orders = {tuple((await decide(house, body))["models"]) for _ in range(60)}
    assert len(orders) == 6, "all orders of three within 60 draws"
    assert {frozenset(order) for order in orders} == {frozenset(CHAT_MODELS)}


async def test_candidates_that_a_request_cannot_be_translated_for_are_skipped(house: House) -> None:
    """To warm a cache (``max_tokens: 0``) means nothing in chat completions."""
    path = "/v1/messages?test=skipped"
    response = await house.client.post(
        path, json={"model": "x", "max_tokens": 0, "messages": user(PROMPT)}
    )
    assert response.headers["x-dragoman-model"] == "anthropic/claude-a"
    assert response.headers["x-dragoman-attempts"] == "1"
    (line,) = await house.logged(lambda line: line.get("path") == path)
    told = (f"{model} (skipped:max_tokens)" for model in CHAT_MODELS)
    assert line["skipped"] == ", ".join(told)


async def test_models_are_listed(house: House) -> None:
    response = await house.client.get("/v1/models")
    assert [model["id"] for model in response.json()["data"]] == [*ALL, "quick"]


async def test_internal_headers_of_clients_change_nothing(house: House) -> None:
    forged = {
        "x-dragoman-plan": '["chat",false,0,1,"","gamma/model-c"]',
        "x-dragoman-cluster": "gamma/model-c",
        "x-dragoman-candidates": "1",
        "x-dragoman-streamed": "0",
        "X-Dragoman-Model": "gamma/model-c",
        "x-dragoman-gated": "1",
        "x-dragoman-route": "forged",
        "x-envoy-attempt-count": "3",
        "x-envoy-max-retries": "0",
        "x-envoy-retry-on": "",
        "x-envoy-upstream-rq-timeout-ms": "1",
        "x-envoy-original-path": "/x",
    }
    house.alpha.script(Behaviour(status=503))
    response = await house.chat(headers=forged)
    assert response.status_code == 200
    assert response.headers["x-dragoman-model"] == "beta/model-b"
    assert response.headers["x-dragoman-route"] == ROUTE
    assert response.headers["x-dragoman-attempts"] == "2"
    for name in ("alpha", "beta"):
        (exchange,) = house.providers[name].exchanges
        assert "forged" not in repr(exchange.headers)


async def test_no_internal_header_reaches_the_client(house: House) -> None:
    response = await house.chat()
    ours = {name for name in response.headers if name.startswith(("x-dragoman-", "x-envoy-"))}
    assert ours == {
        "x-dragoman-route",
        "x-dragoman-model",
        "x-dragoman-attempts",
        "x-dragoman-trace-id",
    }


async def test_a_provider_cannot_speak_in_our_name(house: House) -> None:
    house.alpha.script(
        Behaviour(headers=(("x-dragoman-model", "forged"), ("x-dragoman-attempts", "9")))
    )
    response = await house.chat()
    assert response.headers.get_list("x-dragoman-model") == ["alpha/model-a"]
    assert response.headers.get_list("x-dragoman-attempts") == ["1"]


async def test_the_query_string_is_the_providers_to_read(house: House) -> None:
    house.alpha.script(Behaviour(status=503))
    body = {"max_tokens": 1, "messages": user(COOKING)}
    pool = preferences(*MESSAGES_MODELS)
    await house.client.post("/v1/messages?beta=true", json=body | {"routing_preferences": pool})
    for name in ("alpha", "delta"):
        (exchange,) = house.providers[name].exchanges
        assert exchange.path == "/v1/messages?beta=true"
        assert exchange.header("anthropic-version") == "2023-06-01"
        assert exchange.header("x-api-key") == f"key-of-{name}"


async def test_a_huge_body_of_names_does_not_hold_up_others(house: House) -> None:
    """Every tool may have a property "model": finding the request's own must stay cheap."""
    house.be_lenient()
    tools = [{"name": f"t{n}", "schema": {"model": {"type": "string"}}} for n in range(15_000)]
    heavy = asyncio.create_task(house.chat(tools=tools))
    await asyncio.sleep(0.05)
    response = await house.chat()
    assert response.status_code == 200
    heavy_response = await heavy
    assert heavy_response.status_code == 200, heavy_response.text
    assert heavy_response.headers["x-dragoman-attempts"] == "1"
    assert [exchange.json["model"] for exchange in house.alpha.exchanges] == ["model-a"] * 2
