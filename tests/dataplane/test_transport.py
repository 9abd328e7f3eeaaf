"""How requests travel: compressed bodies, upgrades, calls from browsers."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import AsyncIterator, Callable

import brotli
import httpx
import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CONFIG, PROMPT, House
from tests.helpers.house import house as start

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PATHS = ("/v1/chat/completions", "/v1/messages", "/v1/responses")
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
    "br": brotli.compress,
}
PAGE = "https://app.example"
UPGRADE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(scope="module")
async def open_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    cors = f"timeout: 30s, cors: {{{{origins: ['{PAGE}', 'http://localhost:5173']}}}}"
    config = CONFIG.replace("timeout: 30s", cors)
    async with start(tmp_path_factory.mktemp("cors"), config=config) as running:
        yield running


@pytest.mark.parametrize("size", [10, 3_000_000])
@pytest.mark.parametrize("encoding", PACKED)
async def test_a_compressed_body_reaches_the_provider_plain(
    house: House, encoding: str, size: int
) -> None:
    body = {"messages": [{"role": "user", "content": PROMPT}], "user": "x" * size}
    response = await house.client.post(
        PATHS[0],
        content=PACKED[encoding](json.dumps(body).encode()),
        headers={"content-encoding": encoding, "content-type": "application/json"},
    )
    assert response.status_code == 200
    assert response.headers["x-dragoman-model"] == "alpha/model-a"
    seen = house.alpha.exchanges[-1]
    assert json.loads(seen.body) == body | {"model": "model-a"}
    assert seen.header("content-encoding") is None
    assert seen.header("content-length") == str(len(seen.body))


async def test_a_compressed_body_is_tried_again_plain(house: House) -> None:
    house.alpha.script(Behaviour(status=503))
    body = {"messages": [{"role": "user", "content": PROMPT}]}
    response = await house.client.post(
        PATHS[0],
        content=gzip.compress(json.dumps(body).encode()),
        headers={"content-encoding": "gzip"},
    )
    assert response.headers["x-dragoman-model"] == "beta/model-b"
    assert json.loads(house.beta.exchanges[-1].body) == body | {"model": "model-b"}
    assert house.beta.exchanges[-1].header("content-encoding") is None


@pytest.mark.parametrize("path", PATHS)
async def test_an_upgrade_is_refused_in_words(house: House, path: str) -> None:
    response = await house.client.get(path, headers=UPGRADE)
    assert response.status_code == 426
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert "WebSocket is not served here" in error["message"]
    again = await house.client.post(path, json={})
    assert again.status_code == 400, "the connection, or another one, goes on"


def preflight(origin: str) -> dict[str, str]:
    return {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type, x-api-key",
    }


@pytest.mark.parametrize("path", [*PATHS, "/v1/models"])
@pytest.mark.parametrize("origin", [PAGE, "http://localhost:5173"])
async def test_preflights_of_listed_origins_are_answered(
    open_house: House, path: str, origin: str
) -> None:
    asked = preflight(origin)
    answer = await open_house.client.options(path, headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == origin
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == asked["access-control-request-headers"]
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_page_may_read_answers_and_errors(open_house: House) -> None:
    body = {"messages": [{"role": "user", "content": PROMPT}]}
    for sent, status in ((body, 200), ({}, 400)):
        answer = await open_house.client.post(PATHS[0], json=sent, headers={"origin": PAGE})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["access-control-expose-headers"] == "*"
    models = await open_house.client.get("/v1/models", headers={"origin": PAGE})
    assert models.headers["access-control-allow-origin"] == PAGE


def allowing(answer: httpx.Response) -> list[str]:
    return [name for name in answer.headers if name.startswith("access-control-")]


async def test_other_origins_are_told_nothing(open_house: House) -> None:
    answer = await open_house.client.options(PATHS[0], headers=preflight("https://evil.example"))
    assert allowing(answer) == []
    answer = await open_house.client.post(
        PATHS[0], json={}, headers={"origin": "https://evil.example"}
    )
    assert allowing(answer) == []


async def test_without_origins_nobody_is(house: House) -> None:
    answer = await house.client.options(PATHS[0], headers=preflight(PAGE))
    assert answer.status_code == 403
    assert allowing(answer) == []
