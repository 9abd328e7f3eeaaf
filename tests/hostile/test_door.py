"""Who is turned away at the door, and what is left there: with the real Envoy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests.helpers.house import CONFIG, PROMPT, House
from tests.helpers.house import house as start

OFF_TOPIC = "What is the capital of France?"
DOOR_KEY = "key-of-the-door"
PATHS = ("/v1/chat/completions", "/v1/messages", "/v1/responses")
CREDENTIALS = "api_key=secret-in-query&key=secret-in-query&access%5Ftoken=secret-in-query"
LOCKED = CONFIG.replace(
    "timeout: 30s}}",
    "timeout: 30s, api_keys: [$DOOR_KEY], cors: {{origins: [https://a.example]}}}}",
)


@pytest.fixture(scope="module")
async def locked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house whose listener wants a key."""
    keys = {"DOOR_KEY": DOOR_KEY}
    async with start(tmp_path_factory.mktemp("locked"), config=LOCKED, keys=keys) as running:
        yield running


@pytest.fixture
def locked_house(locked: House) -> House:
    locked.clear()
    return locked


async def test_a_web_page_cannot_spend_the_keys(house: House) -> None:
    """As a page would: no preflight is asked for, since a text may be posted anywhere."""
    body = json.dumps({"model": "gamma/model-c", "messages": [{"role": "user", "content": "hi"}]})
    headers = {"content-type": "text/plain", "origin": "https://evil.example"}
    response = await house.client.post("/v1/chat/completions", content=body, headers=headers)
    assert response.status_code == 403
    assert "https://evil.example" in response.json()["error"]["message"]
    assert response.json()["error"]["type"] == "permission_error"
    assert not house.gamma.exchanges


@pytest.mark.parametrize("prefix", ["", "/routing"])
@pytest.mark.parametrize("path", PATHS)
async def test_a_name_that_was_bent_to_this_machine(house: House, prefix: str, path: str) -> None:
    headers = {"host": "evil.example"}
    response = await house.client.post(prefix + path, json={}, headers=headers)
    assert response.status_code == 403
    error = response.json()["error"]
    assert error["type"] == "permission_error"
    assert "dragoman.allowed_hosts" in error["message"]
    listed = await house.client.get("/v1/models", headers=headers)
    assert listed.status_code == 403


async def test_a_large_body_from_a_foreign_page(house: House) -> None:
    response = await house.client.post(
        "/v1/chat/completions", content=b"x" * 300_000, headers={"origin": "null"}
    )
    assert response.status_code == 403


async def test_a_key_in_the_query_reaches_nobody(house: House) -> None:
    since = house.log_length()
    response = await house.chat(
        OFF_TOPIC, path=f"/v1/chat/completions?beta=true&{CREDENTIALS}", model="gamma/model-c"
    )
    assert response.status_code == 200, response.text
    (exchange,) = house.gamma.exchanges
    assert exchange.path == "/v1/chat/completions?beta=true"
    await house.client.get(f"/no/such/path?{CREDENTIALS}")
    await house.client.get(f"/v1/models?{CREDENTIALS}")
    await house.client.get(f"/v1/%00?{CREDENTIALS}")
    await house.client.post(f"/v1/messages?{CREDENTIALS}", headers={"host": "evil.example"})
    await house.logged(lambda line: line["log"] == "request", 5, since)
    assert "secret-in-query" not in house.log.read_text()


async def test_without_a_key_nothing_is_served(locked_house: House) -> None:
    for path in PATHS:
        for headers in ({}, {"authorization": "Bearer wrong"}, {"x-api-key": "wrong"}):
            response = await locked_house.client.post(path, json={}, headers=headers)
            assert response.status_code == 401
            assert response.json()["error"]["type"] == "authentication_error"
    assert (await locked_house.client.get("/v1/models")).status_code == 401
    assert (await locked_house.client.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"authorization": f"Bearer {DOOR_KEY}"}, {"x-api-key": DOOR_KEY}]
)
async def test_with_a_key_everything_is(locked_house: House, headers: dict[str, str]) -> None:
    body = {"model": "gamma/model-c", "messages": [{"role": "user", "content": OFF_TOPIC}]}
    response = await locked_house.client.post(
        "/v1/chat/completions", json=body, headers=headers | {"origin": "https://a.example"}
    )
    assert response.status_code == 200, response.text
    (exchange,) = locked_house.gamma.exchanges
    assert DOOR_KEY not in repr(exchange.headers)
    assert exchange.header("origin") is None


async def test_many_at_once(locked_house: House) -> None:
    """Everybody gets the answer that is meant for them."""
    keys = [DOOR_KEY if number % 3 else f"wrong-{number}" for number in range(60)]
    answers = await asyncio.gather(
        *(locked_house.chat(PROMPT, headers={"authorization": f"Bearer {key}"}) for key in keys)
    )
    expected = [200 if key == DOOR_KEY else 401 for key in keys]
    assert [answer.status_code for answer in answers] == expected
