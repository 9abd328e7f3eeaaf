"""Who is turned away at the door, and what is left there: with the real Envoy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from tests.helpers.house import CONFIG, OFF_TOPIC, PROMPT, House
from tests.helpers.house import house as start

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


FORM = {"file": b"{}"}


@pytest.mark.parametrize("path", ["/v1/embeddings", "/v1/files", "/v1/audio/transcriptions"])
async def test_other_paths_have_the_same_door(locked_house: House, path: str) -> None:
    client = locked_house.client
    for answer in (
        await client.post(path, json={"model": "gamma/model-c", "input": "x"}),
        await client.post(path, files=FORM),
        await client.get(f"{path}/an-id"),
        await client.delete(f"{path}/an-id"),
    ):
        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "authentication_error"
    assert not any(provider.exchanges for provider in locked_house.providers.values())


async def test_other_paths_do_not_tell_the_key_of_the_door(locked_house: House) -> None:
    headers = {"authorization": f"Bearer {DOOR_KEY}"}
    since = locked_house.log_length()
    answer = await locked_house.client.post(
        f"/v1/files?model=gamma/model-c&{CREDENTIALS}", files=FORM, headers=headers
    )
    assert answer.status_code == 200, answer.text
    (sent,) = locked_house.gamma.exchanges
    assert sent.path == "/v1/files"
    assert str(sent.header("content-type")).startswith("multipart/form-data")
    locked_house.clear()
    wanted = {"range": "bytes=0-9", "if-range": '"an-etag"', "cookie": "a=b"}
    path = f"/v1/files/{answer.json()['id']}/content?{CREDENTIALS}"
    assert (await locked_house.client.get(path, headers=headers | wanted)).status_code == 200
    (fetched,) = locked_house.gamma.exchanges
    assert [fetched.header(name) for name in wanted] == ["bytes=0-9", '"an-etag"', None]
    await locked_house.logged(lambda line: line["log"] == "request", 2, since)
    for told in (repr(sent), repr(fetched), locked_house.log.read_text()):
        assert DOOR_KEY not in told
        assert "secret-in-query" not in told


async def test_a_listed_page_may_ask_without_a_key_whether_it_may_come(locked_house: House) -> None:
    page = {"origin": "https://a.example"}
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "x-api-key"}
    for path in (*PATHS, "/v1/embeddings"):
        allowed = await locked_house.client.options(path, headers=page | asked)
        assert allowed.status_code == 204
        refused = await locked_house.client.post(path, json={}, headers=page)
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == "https://a.example"
        other = await locked_house.client.options(
            path, headers=asked | {"origin": "https://b.example"}
        )
        assert other.status_code == 403
        assert "access-control-allow-origin" not in other.headers


async def test_many_at_once(locked_house: House) -> None:
    """Everybody gets the answer that is meant for them."""
    keys = [DOOR_KEY if number % 3 else f"wrong-{number}" for number in range(60)]
    answers = await asyncio.gather(
        *(locked_house.chat(PROMPT, headers={"authorization": f"Bearer {key}"}) for key in keys)
    )
    expected = [200 if key == DOOR_KEY else 401 for key in keys]
    assert [answer.status_code for answer in answers] == expected
