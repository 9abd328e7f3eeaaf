"""What a request may cost and how long it may take, what its own preferences may ask for, and when
a session may change its model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CHAT_MODELS, CONFIG, GREETING, OFF_TOPIC, PROMPT, House, greeting
from tests.helpers.house import house as start

ALPHA, BETA, GAMMA = CHAT_MODELS
PRICES = """
alpha/model-a: {input_per_million: 2000, output_per_million: 10}
beta/model-b: {input_per_million: 1, output_per_million: 10}
gamma/model-c: {input_per_million: 2, output_per_million: 20}
"""
"""The question alone costs some $0.1 at alpha; how long answers are is learned meanwhile."""

BOUNDED = CONFIG.replace("dragoman:\n", "    max_cost: 0.05\ndragoman:\n")


@pytest.fixture(scope="module")
async def bounded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    directory = tmp_path_factory.mktemp("bounds")
    prices = directory / "prices.yaml"
    prices.write_text(PRICES)
    more = (
        "  bounds: {max_cost: 0.2, unpriced: refuse}\n"
        f"  inline_preferences: {{models: [{ALPHA}, {BETA}, {GAMMA}]}}\n"
        "model_metrics_sources:\n"
        f'  - {{type: cost, provider: file, path: "{prices}"}}\n'
        "  - {type: latency, provider: observed, measure: duration, window: 60s}\n"
    )
    async with start(directory, config=BOUNDED, more=more) as running:

        async def priced() -> bool:
            return bool((await running.snapshot())["prices"])

        await running.until(priced)
        yield running


async def test_what_would_cost_too_much_is_not_tried(bounded: House) -> None:
    response = await bounded.chat(max_tokens=100)
    assert response.headers["x-dragoman-model"] == BETA
    receipt = await bounded.receipt(response)
    assert {one["model"]: one["code"] for one in receipt["skipped"]} == {
        ALPHA: "max_cost",
        "anthropic/claude-a": "max_cost",
        "anthropic/claude-d": "max_cost",
    }
    assert not bounded.alpha.exchanges


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_a_client_may_ask_for_less_and_is_refused_in_its_dialect(
    bounded: House, path: str
) -> None:
    headers = {"x-dragoman-max-cost": "0.0000001"}
    response = await bounded.chat(path=path, headers=headers, max_tokens=100)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert "alpha/model-a: it is expected to cost $" in error["message"]
    assert response.headers["x-dragoman-route"] == "code generation"

    async def told() -> bool:
        trace = response.headers["x-dragoman-trace-id"]
        receipt = (await bounded.admin.get(f"/decisions/{trace}")).json()
        skipped = {one["code"] for one in receipt.get("skipped", ())}
        return (skipped, receipt.get("status"), receipt.get("candidates")) == (
            {"max_cost"},
            400,
            [],
        )

    await bounded.until(told)


async def test_everyones_bound_holds_where_no_route_has_one(bounded: House) -> None:
    for most, status in (("5", 200), ("0.0005", 400)):
        headers = {"x-dragoman-max-cost": most}
        response = await bounded.chat(OFF_TOPIC, headers=headers, max_tokens=100)
        assert response.status_code == status, response.text
    asked = {"model": ALPHA, "input": "x" * 12_000}
    response = await bounded.client.post("/v1/embeddings", json=asked)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "max_cost")


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
async def test_preferences_of_a_clients_own_are_capped(bounded: House, path: str) -> None:
    allowed, dear = greeting(BETA), greeting("anthropic/claude-a")
    response = await bounded.chat(GREETING, path=path, routing_preferences=allowed, max_tokens=9)
    assert response.status_code == 200, response.text
    response = await bounded.chat(GREETING, path=path, routing_preferences=dear, max_tokens=9)
    assert response.status_code == 403
    error = response.json()["error"]
    assert error["type"] == "permission_error"
    assert "dragoman.inline_preferences.models" in error["message"]


async def test_a_session_changes_its_model_only_if_its_budget_pays(bounded: House) -> None:
    routes = [
        {
            "name": "code generation",
            "description": "writing Python functions, generating new code",
            "models": [BETA],
        },
        *greeting(GAMMA),
    ]
    path = "/routing/v1/chat/completions"
    answers = []
    for prompt, percent in ((PROMPT, "0"), (GREETING, "0"), (GREETING, "")):
        headers = {"x-model-affinity": "s", "x-plano-max-switch-spend-pct": percent}
        answers.append(
            await bounded.chat(prompt, path=path, headers=headers, routing_preferences=routes)
        )
    first, second, third = (answer.json() for answer in answers)
    assert (first["models"], first["route"]) == ([BETA], "code generation")
    assert (second["models"], second["route"]) == ([BETA, GAMMA], "greeting")
    assert second["pinned"]
    told = f"/decisions/{second['trace_id']}"

    async def known() -> bool:
        return (await bounded.admin.get(told)).status_code == 200

    await bounded.until(known)
    switch = (await bounded.admin.get(told)).json()["switch"]
    assert (switch["session_model"], switch["candidate"]) == (BETA, GAMMA)
    assert (switch["switched"], switch["reason"]) == (False, "over_cap")
    assert switch["cost_usd"] > 0
    assert third["models"] == [BETA, GAMMA], "without a budget, it keeps its model"


async def test_a_later_attempt_goes_to_who_can_make_it_in_time(bounded: House) -> None:
    bounded.clear()
    bounded.beta.default = Behaviour(delay_headers=1.2)
    answers = await asyncio.gather(*(bounded.chat(max_tokens=100) for _ in range(3)))
    assert {answer.headers["x-dragoman-model"] for answer in answers} == {BETA}

    async def measured() -> bool:
        return bool((await bounded.snapshot())["latencies"].get(BETA, 0.0) > 1)

    await bounded.until(measured)
    bounded.gamma.script(Behaviour(delay_headers=0.7, status=503))
    response = await bounded.chat(
        GREETING,
        headers={"x-dragoman-deadline-ms": "2000"},
        routing_preferences=greeting(GAMMA, BETA, ALPHA),
        max_tokens=100,
    )
    assert (response.status_code, response.headers["x-dragoman-model"]) == (200, ALPHA)
    receipt = await bounded.receipt(response)
    assert [(one["model"], one["status"]) for one in receipt["attempts"]] == [
        (GAMMA, 503),
        (BETA, 504),
        (ALPHA, 200),
    ]
    assert receipt["skipped"] == []
    assert len(bounded.beta.exchanges) == 3
