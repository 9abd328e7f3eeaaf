"""Bad input gets the right 4xx, in the client's dialect, and costs nobody a connection."""

from __future__ import annotations

import gzip
import json
import sys
from typing import Any

import brotli
import httpx
import pytest

from tests.helpers.house import PROMPT, House

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

USER = [{"role": "user", "content": PROMPT}]
ROUTES = [{"name": "r", "description": "d", "models": ["alpha/model-a"]}]
PATHS = ("/v1/chat/completions", "/v1/messages", "/v1/responses")
PREFIXES = ("", "/routing")


def error_of(response: httpx.Response) -> dict[str, Any]:
    """The error, once its envelope has been seen to be that of the path's dialect."""
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    if response.request.url.path.endswith("/messages"):
        assert set(body) == {"type", "error"}
        assert body["type"] == "error"
        assert set(body["error"]) == {"type", "message"}
    else:
        assert set(body) == {"error"}
        assert {"message", "type"} <= set(body["error"])
    error: dict[str, Any] = body["error"]
    return error


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not valid JSON"),
        (b"hello", "not valid JSON"),
        (b'{"model": "x", "messages": [', "not valid JSON"),
        (b"[1, 2]", "must be a JSON object"),
        (b"{}", "Missing required parameter"),
        (b'{"model": 7, "messages": [], "input": "x"}', "'model' must be a string"),
        (b'{"model": "x", "messages": 7, "input": 7}', "must be a"),
        (b'{"model": "x", "messages": ["hi"], "input": ["hi"]}', "[0] must be an object"),
        (b'{"messages": [], "input": "hi", "model": "none-such"}', "'none-such' does not exist"),
    ],
)
async def test_a_body_that_cannot_be_routed(
    house: House, prefix: str, path: str, raw: bytes, says: str
) -> None:
    response = await house.client.post(prefix + path, content=raw)
    assert response.status_code == (404 if b"none-such" in raw else 400)
    assert says in error_of(response)["message"]
    assert response.headers.get("connection") != "close"


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("preferences", "says"),
    [
        ("code", "routing_preferences: must be an array"),
        ([7], "routing_preferences[0]: must be an object"),
        ([{}], "routing_preferences[0].name: must be a non-empty string"),
        ([{"name": "r"}], "routing_preferences[0].description"),
        ([{"name": "r", "description": "d"}], "routing_preferences[0].models"),
        ([{"name": "r", "description": "d", "models": []}], "at least one model"),
        ([{"name": "r", "description": "d", "models": [1]}], "models[0]"),
        ([ROUTES[0], ROUTES[0]], "already taken"),
        (
            [ROUTES[0] | {"selection_policy": {"prefer": "best"}}],
            "prefer: must be one of none, random",
        ),
        ([ROUTES[0] | {"models": ["a/b", "c/d"]}], "not declared: 'a/b', 'c/d'"),
    ],
)
async def test_invalid_inline_preferences(
    house: House, prefix: str, preferences: Any, says: str
) -> None:
    response = await house.chat(
        path=f"{prefix}/v1/chat/completions", routing_preferences=preferences
    )
    assert response.status_code == 400
    assert says in error_of(response)["message"]
    assert not house.alpha.exchanges


@pytest.mark.parametrize(
    ("again", "says"),
    [(b"model", "stands more than once"), (b"mod\\u0065l", "spelled without escapes, and once")],
)
async def test_a_name_that_stands_twice_is_refused(house: House, again: bytes, says: str) -> None:
    raw = b'{"model":"alpha/model-a","messages":[],"%s":"gamma/model-c"}' % again
    response = await house.client.post("/v1/chat/completions", content=raw)
    assert response.status_code == 400
    assert (
        f"'model' {'must be ' if again != b'model' else ''}{says}" in error_of(response)["message"]
    )


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_is_too_large(house: House, path: str) -> None:
    raw = json.dumps({"model": "x", "messages": [], "pad": "x" * (33 * 1024 * 1024)}).encode()
    response = await house.client.post(path, content=raw)
    assert response.status_code == 413
    assert "33554432 bytes" in error_of(response)["message"]
    response = await house.chat()
    assert response.status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("encoding", "raw", "status", "says"),
    [
        ("compress", b"x", 415, "'compress' cannot be routed"),
        ("gzip", b"\x1f\x8b", 400, "cannot be read as content-encoding 'gzip'"),
        ("gzip", gzip.compress(bytes(40 * 2**20), mtime=0), 413, "unpacks to more than"),
        ("zstd", zstd.compress(bytes(40 * 2**20)), 413, "unpacks to more than"),
        ("br", brotli.compress(bytes(40 * 2**20), quality=1), 413, "unpacks to more than"),
    ],
)
async def test_a_compressed_body_that_cannot_be_unpacked(
    house: House, path: str, encoding: str, raw: bytes, status: int, says: str
) -> None:
    headers = {"content-encoding": encoding}
    response = await house.client.post(path, content=raw, headers=headers)
    assert response.status_code == status
    assert says in error_of(response)["message"]


@pytest.mark.parametrize("path", [prefix + path for prefix in PREFIXES for path in PATHS])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_wrong_method(house: House, path: str, method: str) -> None:
    response = await house.client.request(method, path)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert path in error_of(response)["message"]


@pytest.mark.parametrize("path", ["/", "/v1/chat", "/v1/chat/completions/", "/routing", "/v2/x"])
async def test_a_wrong_path(house: House, path: str) -> None:
    response = await house.client.post(path, json={})
    assert response.status_code == 404
    assert "/v1/chat/completions" in error_of(response)["message"]


async def test_one_connection_serves_through_all_of_this(house: House) -> None:
    ports = set()
    async with httpx.AsyncClient(base_url=house.url) as client:
        for raw in (b"", b"[]", b"{}", b'{"model": "none-such", "messages": []}'):
            response = await client.post("/v1/chat/completions", content=raw)
            ports.add(response.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(ports) == 1


async def test_what_cannot_be_translated_is_named(house: House) -> None:
    said = [{"role": "user", "content": [{"type": "text"}]}]
    response = await house.client.post(
        "/v1/messages", json={"model": "beta/model-b", "max_tokens": 5, "messages": said}
    )
    assert response.status_code == 400
    assert "messages[0].content[0].text" in error_of(response)["message"]
    assert not house.beta.exchanges


async def test_a_body_in_chunks_with_trailers(house: House) -> None:
    raw = json.dumps({"model": "gamma/model-c", "messages": USER}).encode()
    reader, writer = await house.connect()
    writer.write(
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n"
        b"connection: close\r\n\r\n"
    )
    for start in range(0, len(raw), 10):
        piece = raw[start : start + 10]
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    writer.write(b"0\r\nx-trailer: yes\r\n\r\n")
    await writer.drain()
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200"), answer
    (exchange,) = house.alpha.exchanges
    assert exchange.json["messages"] == USER
