"""Budgets at work: exact under load, every way to go on when one is used up, a Redis that dies."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from extproc.cli.arguments import main
from extproc.demo.provider import Behaviour
from tests.helpers.house import CHAT_MODELS, CONFIG, GREETING, PROMPT, House
from tests.helpers.house import house as start
from tests.helpers.quick_client import QuickClient
from tests.helpers.redis_server import RedisServer, redis_server

ALPHA, BETA, GAMMA = CHAT_MODELS
TRANSLATE = "Translate this sentence into French: the weather is fine"
DOLLAR = 10**9
MORE = """
  counters: {{type: redis, url: $REDIS_URL}}
  budgets:
    - {{name: hard, amount: 1, per: day, per_tenant: true, routes: [code generation]}}
    - {{name: soft, amount: 0.1, per: month, per_tenant: true, routes: [greetings],
       on_exhausted: cheaper}}
    - {{name: detour, amount: 0.1, per: day, per_tenant: true, routes: [translation],
       on_exhausted: fallback, fallback: gamma/model-c}}
    - {{name: little, amount: 0.001, per: day, models: [beta/model-b]}}
routing: {{session_cache: {{tenant_header: x-tenant}}}}
model_metrics_sources: [{{type: cost, provider: file, path: "{prices}"}}]
"""
ROUTES = """
  - name: greetings
    description: saying hello, greetings
    models: [alpha/model-a, gamma/model-c]
  - name: translation
    description: translating sentences into other languages
    models: [alpha/model-a]
dragoman:
"""
PRICES = f"""
{ALPHA}: {{input_per_million: 100, output_per_million: 400}}
{BETA}: {{input_per_million: 100, output_per_million: 400}}
{GAMMA}: {{input_per_million: 10, output_per_million: 40}}
anthropic/claude-a: {{input_per_million: 100, output_per_million: 400}}
anthropic/claude-d: {{input_per_million: 100, output_per_million: 400}}
"""
ANSWER = Behaviour(input_tokens=31, output_tokens=57)
COST = 31 * 100_000 + 57 * 400_000
"""Of an answer of alpha, in billionths of a dollar."""
LONGEST = 100


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis"), password="the-redis-password") as server:
        yield server


@pytest.fixture(scope="module")
async def house(
    tmp_path_factory: pytest.TempPathFactory, redis: RedisServer
) -> AsyncIterator[House]:
    directory = tmp_path_factory.mktemp("budgets")
    prices = directory / "prices.yaml"
    prices.write_text(PRICES)
    async with start(
        directory,
        workers=2,
        keys={"REDIS_URL": redis.url},
        config=CONFIG.replace("dragoman:\n", ROUTES.lstrip("\n")),
        more=MORE.format(prices=prices),
    ) as running:
        for provider in running.providers.values():
            provider.default = ANSWER  # its length is what is expected from then on

        async def priced() -> bool:
            """Whether all workers know the prices."""
            answers = [await ask(running, "early") for _ in range(6)]
            receipts = [await running.receipt(answer) for answer in answers]
            return all(receipt["budgets"][0]["reserved_usd"] for receipt in receipts)

        await running.until(priced)
        yield running


@pytest.fixture(autouse=True)
def _answers(house: House) -> None:
    house.clear()
    for provider in house.providers.values():
        provider.default = ANSWER


async def ask(house: House, tenant: str, prompt: str = PROMPT, **body: Any) -> httpx.Response:
    return await house.chat(prompt, headers={"x-tenant": tenant}, max_tokens=LONGEST, **body)


async def standing(house: House, name: str, tenant: str) -> tuple[int, int]:
    """What is spent, and what is set aside, in billionths of a dollar."""
    answer = await house.admin.get("/budgets")
    for each in answer.json().get("budgets", ()):
        if (each["name"], each["tenant"]) == (name, tenant):
            return round(each["spent_usd"] * DOLLAR), round(each["reserved_usd"] * DOLLAR)
    return 0, 0


async def settled(house: House, name: str, tenant: str) -> int:
    """What is spent once nothing is set aside any more."""
    async with asyncio.timeout(20):
        while True:
            spent, reserved = await standing(house, name, tenant)
            if spent and not reserved:
                return spent
            await asyncio.sleep(0.1)


async def test_five_hundred_at_once_never_spend_more_than_there_is(house: House) -> None:
    for provider in house.providers.values():
        provider.default = Behaviour(input_tokens=31, output_tokens=57, delay_headers=0.5)
    message = {"role": "user", "content": PROMPT}
    body = json.dumps({"model": GAMMA, "max_tokens": LONGEST, "messages": [message]}).encode()

    async def one() -> int:
        async with QuickClient(house.url) as client:
            return await client.post("/v1/chat/completions", body, "x-tenant: crowd")

    counted = Counter(await asyncio.gather(*(one() for _ in range(500))))
    assert set(counted) == {200, 429}
    assert counted.total() == 500
    spent = await settled(house, "hard", "crowd")
    receipts = (await house.admin.get("/decisions?limit=1000")).json()["decisions"]
    crowds = [each for each in receipts if each["tenant"] == "crowd"]
    assert Counter(each["status"] for each in crowds) == counted
    costs = [each["cost_usd"] for each in crowds if each["candidates"]]
    assert len(costs) == counted[200]
    assert spent == sum(round(cost * DOLLAR) for cost in costs)
    assert 0.4 * DOLLAR < spent <= DOLLAR


async def test_what_is_used_up_is_refused_in_the_clients_words(house: House) -> None:
    house.alpha.default = Behaviour(input_tokens=31, output_tokens=20_000)
    assert (await ask(house, "poor")).status_code == 200
    spent = await settled(house, "hard", "poor")
    assert spent == 31 * 100_000 + 20_000 * 400_000, "more than there was, for it was all spent"
    refused = await ask(house, "poor")
    assert refused.status_code == 429
    error = refused.json()["error"]
    assert error["code"] == "insufficient_quota"
    assert "the budget 'hard' is used up until" in error["message"]
    assert 0 < int(refused.headers["retry-after"]) <= 86_400
    assert refused.headers["x-should-retry"] == "false"
    assert (await ask(house, "another")).status_code == 200
    body = {"model": "x", "max_tokens": 9, "messages": [{"role": "user", "content": PROMPT}]}
    refused = await house.client.post("/v1/messages", json=body, headers={"x-tenant": "poor"})
    assert refused.status_code == 429
    assert refused.json()["error"]["type"] == "rate_limit_error"


async def test_the_decision_alone_sets_nothing_aside(house: House) -> None:
    answer = await ask(house, "curious", path="/routing/v1/chat/completions")
    assert answer.json()["models"][0] == ALPHA
    await asyncio.sleep(0.5)
    assert await standing(house, "hard", "curious") == (0, 0)


async def test_a_client_that_leaves_before_the_answer_spends_what_was_expected(
    house: House,
) -> None:
    house.alpha.script(Behaviour(delay_headers=2))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await ask(house, "hasty")
    assert await settled(house, "hard", "hasty") > 57 * 400_000


async def test_it_goes_on_with_cheaper_models(house: House) -> None:
    models = [(await ask(house, "thrifty", GREETING)).headers["x-dragoman-model"]]
    for _ in range(5):
        await settled(house, "soft", "thrifty")
        models.append((await ask(house, "thrifty", GREETING)).headers["x-dragoman-model"])
    assert models[0] == ALPHA
    assert models[-1] == GAMMA
    assert models == sorted(models)


async def test_it_goes_on_with_the_fallback(house: House) -> None:
    house.alpha.default = Behaviour(input_tokens=31, output_tokens=500)
    assert (await ask(house, "lost", TRANSLATE)).headers["x-dragoman-model"] == ALPHA
    await settled(house, "detour", "lost")
    answer = await ask(house, "lost", TRANSLATE)
    assert answer.headers["x-dragoman-model"] == GAMMA
    receipt = await house.receipt(answer)
    assert receipt["skipped"][0]["code"] == "budget"
    assert "the budget 'detour' is used up" in receipt["skipped"][0]["reason"]
    assert [each["budget"] for each in receipt["budgets"]] == ["detour"]
    assert receipt["diverted"] == {"from": "translation", "to": GAMMA}


async def test_a_model_without_money_is_passed_over_and_its_own_paths_are_refused(
    house: House,
) -> None:
    house.alpha.script(Behaviour(status=503))
    answer = await ask(house, "patient")
    assert answer.headers["x-dragoman-model"] == GAMMA
    receipt = await house.receipt(answer)
    assert [(each["model"], each["code"]) for each in receipt["skipped"]] == [(BETA, "budget")]
    body = {"model": BETA, "input": "some words"}
    refused = await house.client.post("/v1/embeddings", json=body)
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "insufficient_quota"


async def test_where_budgets_stand_is_shown(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    await ask(house, "shown")
    await settled(house, "hard", "shown")
    url = str(house.admin.base_url)
    assert await asyncio.to_thread(main, ["budgets", "--admin", url]) == 0
    shown = capsys.readouterr().out
    assert "shown" in shown
    assert "redis://127.0.0.1" in shown
    assert "the-redis-password" not in shown
    metrics = (await house.admin.get("/metrics")).text
    assert 'dragoman_budget_limit_usd{budget="little"} 0.001' in metrics
    assert 'dragoman_budget_spent_usd{budget="little"} 0.0' in metrics
    assert 'dragoman_budget_spent_usd{budget="hard"}' not in metrics


async def test_a_redis_that_dies_refuses_nobody(house: House, redis: RedisServer) -> None:
    redis.kill()
    answers = await asyncio.gather(*(ask(house, "orphan") for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await ask(house, "poor")).status_code == 200
    assert (await house.admin.get("/budgets")).status_code == 503
    await asyncio.to_thread(redis.start)

    async def counted() -> bool:
        return await standing(house, "hard", "orphan") == (40 * COST, 0)

    await house.until(counted)
