"""Limits on a real Envoy: a limited model gives way to the next, a limited client is refused.

They are of months, so what one test has used up is used up for those behind it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import anthropic
import httpx
import orjson
import pytest

from extproc.core.config import Config
from extproc.core.counting import CounterStore
from extproc.core.rate_limits import Counted, Per, RateLimit
from extproc.core.windows import Window
from extproc.demo.provider import Behaviour
from extproc.quotas import Counter as StoredCounter
from extproc.quotas import counters_for
from tests.helpers.house import GREETING, OFF_TOPIC, PROMPT, House, greeting
from tests.helpers.house import house as start
from tests.helpers.quick_client import QuickClient
from tests.helpers.redis_server import RedisServer, redis_server

ALPHA, BETA, GAMMA = "alpha/model-a", "beta/model-b", "gamma/model-c"
CLAUDE, OTHER_CLAUDE = "anthropic/claude-a", "anthropic/claude-d"
MOST = 40
LIMITS = """
  counters: {type: redis, url: "$REDIS_URL", on_failure: closed}
  limits:
    - {name: b, models: [model-b], requests: 40, per: month}
    - {name: teams, by: X-Team, routes: [code generation], requests: 2, per: month}
    - {name: keys, by: api_key, providers: [alpha], total_tokens: 30, per: month}
    - {name: claude, by: X-Writer, models: ["anthropic/claude-d"], output_tokens: 1, per: month}
    - {name: read, by: X-Writer, models: [model-a, claude-d], input_tokens: 10000, per: month}
    - {name: written, by: X-Writer, models: [model-a, claude-d], output_tokens: 10000, per: month}
    - {name: local, models: [anthropic/claude-a], requests: 2, per: month}
ratelimits:
  - {model: model-c, selector: {key: X-Tenant, value: acme}, limit: {tokens: 5, unit: day}}
"""


def _some_are_local(config: Config) -> Config:
    limits = (replace(each, is_local=each.name == "local") for each in config.rate_limits)
    return replace(config, rate_limits=tuple(limits))


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
async def shared(
    redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    async with start(
        tmp_path_factory.mktemp("limits"),
        workers=2,
        cooldowns=True,
        keys={"REDIS_URL": redis.url},
        more=LIMITS,
        adjusted=_some_are_local,
    ) as running:
        yield running


@pytest.fixture
def house(shared: House) -> House:
    shared.clear()
    return shared


async def receipt_of(house: House, answer: httpx.Response) -> dict[str, Any]:
    """The receipt of a request that has perhaps come to no model."""
    answered = await house.admin.get(f"/decisions/{answer.headers['x-dragoman-trace-id']}")
    receipt: dict[str, Any] = answered.json()
    return receipt


async def nobody_cools_down(house: House) -> bool:
    return not (await house.snapshot())["cooldowns"]


def as_key(name: str) -> dict[str, str]:
    return {"authorization": f"Bearer {name}"}


async def test_exactly_as_many_as_allowed_reach_a_limited_model_and_none_is_lost(
    house: House,
) -> None:
    body = orjson.dumps(
        {
            "model": GAMMA,
            "messages": [{"role": "user", "content": GREETING}],
            "routing_preferences": greeting(BETA, GAMMA),
        }
    )

    async def ask() -> int:
        async with QuickClient(house.url) as client:
            return await client.post("/v1/chat/completions", body)

    statuses = await asyncio.gather(*(ask() for _ in range(500)))
    assert Counter(statuses) == {200: 500}
    reached = len(house.beta.exchanges)
    assert reached <= MOST
    assert len(house.gamma.exchanges) == 500 - reached
    for _ in range(MOST - reached):  # where the machine was too busy to count all in time
        assert await ask() == 200
    assert len(house.beta.exchanges) == MOST
    assert await ask() == 200
    assert len(house.beta.exchanges) == MOST


async def test_a_limited_model_is_then_passed_over_without_an_attempt(house: House) -> None:
    async def passed_over() -> bool:
        answer = await house.chat(GREETING, routing_preferences=greeting(BETA, GAMMA))
        receipt = await house.receipt(answer)
        assert receipt["answered_by"] == GAMMA
        return [each["code"] for each in receipt["skipped"]] == ["limited"]

    await house.until(passed_over)
    answer = await house.chat(GREETING, model=BETA, routing_preferences=[])
    assert answer.status_code == 429
    error = answer.json()["error"]
    assert (error["type"], error["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert "'b' (40 requests a month)" in error["message"]
    assert answer.headers["x-dragoman-limit"] == "b"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert int(answer.headers["retry-after"]) == int(answer.headers["x-ratelimit-reset"]) > 0
    assert not house.beta.exchanges


async def test_a_limited_team_is_refused_in_its_dialect(house: House) -> None:
    team = {"x-team": "crimson"}
    left = [
        (answer.status_code, answer.headers["x-ratelimit-remaining"])
        for answer in [await house.chat(headers=team) for _ in range(2)]
    ]
    assert left == [(200, "1"), (200, "0")]
    refusal = await house.chat(headers=team)
    assert refusal.status_code == 429
    error = refusal.json()["error"]
    assert (error["type"], error["code"]) == ("rate_limit_error", "rate_limit_exceeded")
    assert refusal.headers["x-dragoman-limit"] == "teams"
    assert refusal.headers["x-request-id"]
    assert int(refusal.headers["retry-after"]) > 0
    async with anthropic.AsyncAnthropic(
        base_url=house.url, api_key="a", max_retries=0, default_headers=team
    ) as client:
        with pytest.raises(
            anthropic.RateLimitError, match=r"'teams' \(2 requests a month for each"
        ):
            await client.messages.create(
                model="gamma/model-c",
                max_tokens=9,
                messages=[{"role": "user", "content": PROMPT}],
            )
    assert (await house.chat(headers={"x-team": "blue"})).status_code == 200
    assert (await house.chat(OFF_TOPIC, headers=team)).status_code == 200

    async def receipt_is_complete() -> bool:
        return (await receipt_of(house, refusal))["status"] is not None

    await house.until(receipt_is_complete)
    receipt = await receipt_of(house, refusal)
    assert (receipt["status"], receipt["limit"], receipt["attempts"]) == (429, "teams", [])
    assert "crimson" not in str(receipt)


async def test_tokens_are_charged_after_the_answer(house: House) -> None:
    """In the words of both dialects, streamed or not; and each key has its own."""
    routes = greeting(ALPHA, GAMMA)

    async def model_of(key: str) -> str:
        return await house.answering(
            prompt=GREETING, routing_preferences=routes, headers=as_key(key)
        )

    assert await model_of("first") == ALPHA
    await house.until(lambda: _is(model_of("first"), GAMMA))
    assert await model_of("second") == ALPHA
    claude = greeting(OTHER_CLAUDE, GAMMA)
    await house.until(
        lambda: _is(house.answering(prompt=GREETING, routing_preferences=claude), GAMMA)
    )
    assert house.delta.exchanges


async def charged(redis: RedisServer, writer: str) -> tuple[int, int]:
    """What was charged in all: of input, and of output."""
    counters = counters_for(CounterStore(redis_variable="URL"), {"URL": redis.url})
    who = Per("x-writer")
    limits = [
        RateLimit("read", Counted.INPUT_TOKENS, 1, Window.MONTH, per=who),
        RateLimit("written", Counted.OUTPUT_TOKENS, 1, Window.MONTH, per=who),
    ]
    try:
        read, written = await counters.read(
            [StoredCounter(limit.counter(writer), limit.window) for limit in limits], time.time()
        )
    finally:
        await counters.close()
    return read, written


@dataclass(frozen=True)
class Writing:
    """How a model answers, how much input is charged (None: by the size of the body), and from how
    much output to how much."""

    writer: str
    behaviour: Behaviour
    read: int | None
    written: tuple[int, int]
    more: dict[str, Any] = field(default_factory=dict)
    model: str = ALPHA
    leaves: bool = False


_SLOW = Behaviour(deltas=50, delay_between=1, input_tokens=7)
_USAGE = {"stream_options": {"include_usage": True}}
WRITINGS = (
    Writing("told", Behaviour(status=400), 0, (0, 0)),
    Writing("told", Behaviour(input_tokens=11, output_tokens=3), 11, (3, 3), _USAGE),
    Writing("not told", Behaviour(deltas=60), None, (500, 500)),
    Writing("long", Behaviour(deltas=200, delta_size=2_000), None, (1_300, 2_000)),
    Writing("bounded", Behaviour(deltas=60), None, (90, 90), {"max_tokens": 90}),
    Writing("left", _SLOW, None, (50, 500), leaves=True),
    Writing("left messages", _SLOW, 7, (50, 500), model=OTHER_CLAUDE, leaves=True),
)


async def test_what_no_provider_tells_is_estimated(house: House, redis: RedisServer) -> None:
    """A client goes free neither by asking for no usage nor by leaving before it is told."""

    async def write(writing: Writing) -> int:
        """What the input must be charged."""
        is_chat = writing.model == ALPHA
        (house.alpha if is_chat else house.delta).script(writing.behaviour)
        message = {"role": "user", "content": GREETING}
        body = {"model": writing.model, "messages": [message], "stream": True, "max_tokens": 5_000}
        content = orjson.dumps(body | {"routing_preferences": []} | writing.more)
        async with house.client.stream(
            "POST",
            "/v1/chat/completions" if is_chat else "/v1/messages",
            content=content,
            headers=as_key(writing.writer) | {"x-writer": writing.writer},
        ) as got:
            async for _ in got.aiter_bytes():
                if writing.leaves:
                    break
        return len(content) // 4 if writing.read is None else writing.read

    for writing in WRITINGS:
        size = await write(writing)

        async def is_charged(writing: Writing = writing, size: int = size) -> bool:
            read, written = await charged(redis, writing.writer)
            least, most = writing.written
            return read == size and least <= written <= most

        try:
            await house.until(is_charged)
        except TimeoutError:
            raise AssertionError((writing, size, await charged(redis, writing.writer))) from None


async def _is(found: Awaitable[str | int], expected: str | int) -> bool:
    return await found == expected


async def test_envoys_own_buckets_need_no_counters(house: House) -> None:
    routes = greeting(CLAUDE, GAMMA)
    answers = [await house.chat(GREETING, routing_preferences=routes) for _ in range(3)]
    assert [answer.headers["x-dragoman-model"] for answer in answers] == [CLAUDE, CLAUDE, GAMMA]
    receipt = await house.receipt(answers[-1])
    assert [(each["status"], each["limit"]) for each in receipt["attempts"]] == [
        (429, "local"),
        (200, None),
    ]
    alone = await house.chat(GREETING, model=CLAUDE, routing_preferences=[])
    assert alone.status_code == 429
    assert "'local' is used up" in alone.json()["error"]["message"]
    assert int(alone.headers["retry-after"]) > 0


async def test_of_all_errors_the_one_that_says_when_to_come_back_is_told(house: House) -> None:
    house.gamma.behave("model-c", Behaviour(status=500))
    answer = await house.chat(GREETING, routing_preferences=greeting(CLAUDE, GAMMA))
    assert answer.status_code == 429
    assert answer.headers["x-dragoman-limit"] == "local"
    assert answer.headers["x-ratelimit-limit"] == "2"
    assert answer.headers["x-dragoman-model"] == CLAUDE


async def test_our_limits_are_no_failures_of_a_model(house: House) -> None:
    """Although cooldowns are on, and a 429 of a provider would be one at once."""
    assert await nobody_cools_down(house)


async def test_the_languages_limits_are_of_a_header_and_of_bare_names(house: House) -> None:
    async def status(tenant: str) -> int:
        answer = await house.chat(
            GREETING, model=GAMMA, routing_preferences=[], headers={"x-tenant": tenant}
        )
        return answer.status_code

    assert await status("acme") == 200
    await house.until(lambda: _is(status("acme"), 429))
    assert await status("another") == 200


async def test_other_paths_have_the_limits_of_the_model_that_they_name(house: House) -> None:
    """But not what gives no model work to do."""
    embedding = await house.client.post(
        "/v1/embeddings", json={"model": BETA, "input": "hello"}, headers=as_key("k")
    )
    assert (embedding.status_code, embedding.headers["x-dragoman-limit"]) == (429, "b")
    files = await house.client.get("/v1/files", params={"model": BETA}, headers=as_key("k"))
    assert files.status_code == 200


async def test_without_the_store_limited_models_are_not_used(
    house: House, redis: RedisServer
) -> None:
    """As the configuration says; it stands last, for Redis is gone then."""
    redis.kill()
    key = as_key("third")
    answer = await house.chat(GREETING, routing_preferences=greeting(ALPHA, GAMMA), headers=key)
    assert answer.headers["x-dragoman-model"] == GAMMA
    alone = await house.chat(GREETING, model=ALPHA, routing_preferences=[], headers=key)
    assert alone.status_code == 503
    assert "cannot be looked up" in alone.json()["error"]["message"]
    refused = await house.chat(headers={"x-team": "green"})
    assert refused.status_code == 503
    await house.until(lambda: nobody_cools_down(house))
