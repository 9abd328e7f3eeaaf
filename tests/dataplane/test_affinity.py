"""Sessions keep their model: across workers, across replicas, and when Redis is away."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CHAT_MODELS, OFF_TOPIC, ROUTE, House
from tests.helpers.house import house as start
from tests.helpers.redis_server import RedisServer, redis_server

ALPHA, BETA, GAMMA = CHAT_MODELS
DECISION = "/routing/v1/chat/completions"
REDIS = """
routing: {{session_ttl_seconds: 60, session_cache: {{type: redis, url: $REDIS_URL,
  tenant_header: X-Tenant}}}}
"""


def session(name: str | None = None) -> dict[str, str]:
    return {"x-model-affinity": name or uuid.uuid4().hex}


@pytest.fixture(scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    more = "routing: {session_ttl_seconds: 2}"
    async with start(tmp_path_factory.mktemp("memory"), workers=2, more=more) as running:
        yield running


@pytest.fixture(autouse=True)
def _clear(request: pytest.FixtureRequest) -> None:
    if "house" in request.fixturenames:
        request.getfixturevalue("house").clear()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    directory = tmp_path / "redis"
    directory.mkdir()
    with redis_server(directory, password="the-redis-password") as server:
        yield server


async def test_later_requests_follow_the_first_whatever_they_are_about(house: House) -> None:
    """Also through the other worker, and after the first answer at the latest."""
    headers = session()
    first = await house.chat(headers=headers)
    assert "x-dragoman-pinned" not in first.headers
    for _ in range(20):
        later = await house.chat(OFF_TOPIC, headers=headers)
        assert later.headers["x-dragoman-model"] == ALPHA
        assert later.headers["x-dragoman-route"] == ROUTE
        assert later.headers["x-dragoman-pinned"] == "true"
    receipt = await house.receipt(later)
    assert receipt["pinned"] is True
    assert receipt["session_id"] == headers["x-model-affinity"]
    assert receipt["classification_ms"] is None
    unpinned = await house.chat(OFF_TOPIC)
    assert unpinned.headers["x-dragoman-model"] == GAMMA


async def test_the_decision_says_so(house: House) -> None:
    headers = session()
    first = (await house.chat(path=DECISION, headers=headers)).json()
    later = (await house.chat(OFF_TOPIC, path=DECISION, headers=headers)).json()
    assert first["session_id"] == later["session_id"] == headers["x-model-affinity"]
    assert "pinned" not in first
    assert later["pinned"] is True
    assert later["models"] == first["models"]
    assert later["route"] == ROUTE


async def test_the_session_follows_the_model_that_answered(house: House) -> None:
    headers = session()
    house.alpha.script(Behaviour(status=500))
    assert (await house.chat(headers=headers)).headers["x-dragoman-model"] == BETA

    async def followed() -> bool:
        answer = (await house.chat(OFF_TOPIC, path=DECISION, headers=headers)).json()
        return bool(answer["models"][:2] == [BETA, ALPHA])

    await house.until(followed)
    later = await house.chat(OFF_TOPIC, headers=headers)
    assert later.headers["x-dragoman-model"] == BETA
    assert later.headers["x-dragoman-pinned"] == "true"


async def test_a_pinned_model_that_fails_has_the_others_behind_it(house: House) -> None:
    headers = session()
    await house.chat(headers=headers)
    house.alpha.script(Behaviour(status=503))
    later = await house.chat(OFF_TOPIC, headers=headers)
    assert later.headers["x-dragoman-model"] == BETA
    assert later.headers["x-dragoman-attempts"] == "2"


async def test_a_session_whose_route_is_gone_has_others_behind_its_model(house: House) -> None:
    headers = session()
    own = {"name": "mine", "description": "writing Python functions", "models": [BETA]}
    first = await house.chat(headers=headers, routing_preferences=[own])
    assert first.headers["x-dragoman-route"] == "mine"
    await house.receipt(first)  # what the observer knows, the other worker has been told
    later = await house.chat(headers=headers)
    assert later.headers["x-dragoman-route"] == ROUTE
    assert later.headers["x-dragoman-model"] == BETA
    headers = session()
    await house.receipt(await house.chat(headers=headers, routing_preferences=[own]))
    house.beta.script(Behaviour(status=503))
    moved = await house.chat(headers=headers)
    assert moved.headers["x-dragoman-model"] == ALPHA
    assert moved.headers["x-dragoman-attempts"] == "2"


async def test_a_session_that_is_left_alone_ends(house: House) -> None:
    headers = session()
    await house.chat(headers=headers)
    await asyncio.sleep(2.3)
    later = await house.chat(OFF_TOPIC, headers=headers)
    assert later.headers["x-dragoman-model"] == GAMMA
    assert "x-dragoman-pinned" not in later.headers


async def test_providers_do_not_learn_the_sessions_name(house: House) -> None:
    await house.chat(headers=session("a-private-name"))
    assert house.alpha.exchanges[-1].header("x-model-affinity") is None


@pytest.mark.parametrize(
    "name", ["x-claude-code-session-id", "session-id", "thread-id", "x-session-affinity"]
)
async def test_an_agent_s_conversation_is_a_session(house: House, name: str) -> None:
    headers = {name: uuid.uuid4().hex}
    await house.chat(headers=headers)
    later = await house.chat(OFF_TOPIC, headers=headers)
    assert later.headers["x-dragoman-model"] == ALPHA
    assert later.headers["x-dragoman-pinned"] == "true"
    assert (await house.receipt(later))["session_id"] == headers[name]
    assert house.alpha.exchanges[-1].header(name) == headers[name], "its API expects it"


async def test_a_prompt_cache_key_names_a_session_too(house: House) -> None:
    key = uuid.uuid4().hex
    await house.chat(prompt_cache_key=key)
    later = await house.chat(OFF_TOPIC, prompt_cache_key=key)
    assert later.headers["x-dragoman-pinned"] == "true"


async def test_an_agent_s_side_request_does_not_choose_the_model(house: House) -> None:
    """Such as one for a title, to a small model, under the conversation's name."""
    headers = {"x-claude-code-session-id": uuid.uuid4().hex}
    side = await house.chat(OFF_TOPIC, headers=headers, model=BETA)
    assert side.headers["x-dragoman-model"] == BETA
    first = await house.chat(headers=headers)
    assert "x-dragoman-pinned" not in first.headers
    assert first.headers["x-dragoman-model"] == ALPHA


async def test_two_replicas_pin_alike(tmp_path: Path, redis: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        one, two = [
            await stack.enter_async_context(
                start(_made(tmp_path / name), more=REDIS.format(), keys={"REDIS_URL": redis.url})
            )
            for name in ("one", "two")
        ]
        headers = session() | {"x-tenant": "red"}
        await one.chat(headers=headers)

        async def pinned() -> bool:
            answer = await two.chat(OFF_TOPIC, headers=headers)
            return answer.headers["x-dragoman-model"] == ALPHA

        await two.until(pinned, patience=2)
        other_tenant = await two.chat(OFF_TOPIC, headers=headers | {"x-tenant": "blue"})
        assert other_tenant.headers["x-dragoman-model"] == GAMMA
        for replica in (one, two):
            told = replica.log.read_text()
            assert "the-redis-password" not in told


async def test_redis_killed_and_started_again_costs_no_request(
    tmp_path: Path, redis: RedisServer
) -> None:
    keys = {"REDIS_URL": redis.url}
    async with start(_made(tmp_path / "one"), more=REDIS.format(), keys=keys) as house:
        statuses: list[int] = []
        stop = asyncio.Event()

        async def load() -> None:
            while not stop.is_set():
                statuses.append((await house.chat(headers=session())).status_code)

        clients = [asyncio.create_task(load()) for _ in range(8)]
        await asyncio.sleep(0.5)
        await asyncio.to_thread(redis.kill)
        await asyncio.sleep(1)
        await asyncio.to_thread(redis.start)
        await asyncio.sleep(0.5)

        async def enough() -> bool:
            return len(statuses) > 100

        await house.until(enough)
        stop.set()
        await asyncio.gather(*clients)
        assert set(statuses) == {200}

        async def recovered() -> bool:
            headers = session()
            await house.chat(headers=headers)
            later: httpx.Response = await house.chat(OFF_TOPIC, headers=headers)
            return "x-dragoman-pinned" in later.headers

        await house.until(recovered)


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory
