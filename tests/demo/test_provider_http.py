"""The fake provider as an HTTP server: connections, bodies, refusals, TLS, its command."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import ssl
import sys
from collections.abc import AsyncIterator

import httpx
import pytest
import trustme

from extproc.demo.provider import Behaviour, FakeProvider

CHAT = "/v1/chat/completions"
BODY = json.dumps({"model": "gpt-4o"}).encode()
LIMIT = 10.0


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with FakeProvider("acme", strict=False) as provider:
        yield provider


@pytest.fixture
async def client(provider: FakeProvider) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=provider.url, timeout=LIMIT) as client:
        yield client


async def say(provider: FakeProvider, *pieces: bytes) -> bytes:
    """Send bytes on a connection of their own and return all that comes back."""
    async with asyncio.timeout(LIMIT):
        reader, writer = await asyncio.open_connection("127.0.0.1", provider.port)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        heard = await reader.read()
        writer.close()
        await writer.wait_closed()
        return heard


def post(body: bytes = BODY, *headers: bytes) -> bytes:
    lines = [b"POST %b HTTP/1.1" % CHAT.encode(), b"Host: acme", *headers]
    return b"\r\n".join([*lines, b"content-length: %d" % len(body), b"", body])


async def test_a_connection_serves_many_requests(
    provider: FakeProvider, client: httpx.AsyncClient
) -> None:
    for stream in (False, True, False):
        answer = await client.post(CHAT, json={"model": "gpt-4o", "stream": stream})
        assert answer.status_code == 200
    assert provider.connections == 1
    assert len(provider.exchanges) == 3


async def test_a_connection_closes_when_asked_to(provider: FakeProvider) -> None:
    heard = await say(provider, post(BODY, b"connection: close"))
    assert heard.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Hello from acme/gpt-4o" in heard


async def test_http_1_0(provider: FakeProvider) -> None:
    body = json.dumps({"model": "gpt-4o", "stream": True}).encode()
    heard = await say(provider, post(body).replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert heard.endswith(b"data: [DONE]\n\n")


async def test_headers_are_remembered_in_order(provider: FakeProvider) -> None:
    await say(provider, post(BODY, b"X-B: 1", b"X-A: 2", b"X-B: 3", b"connection: close"))
    (exchange,) = provider.exchanges
    assert exchange.headers == (
        ("host", "acme"),
        ("x-b", "1"),
        ("x-a", "2"),
        ("x-b", "3"),
        ("connection", "close"),
        ("content-length", str(len(BODY))),
    )
    assert exchange.header("X-B") == "1"
    assert exchange.body == BODY


async def test_large_bodies(provider: FakeProvider, client: httpx.AsyncClient) -> None:
    body = json.dumps({"model": "gpt-4o", "messages": "x" * 40_000_000}).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 100_000):
            yield body[start : start + 100_000]

    for content in (body, chunks()):
        response = await client.post(CHAT, content=content)
        assert response.status_code == 200
        assert provider.exchanges[-1].body == body
    plain, chunked = provider.exchanges
    assert plain.header("content-length") == str(len(body))
    assert chunked.header("transfer-encoding") == "chunked"
    assert plain.received_at < chunked.received_at


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "DELETE"])
@pytest.mark.parametrize("path", ["/healthz", "/v1/models", "/v1/nothing"])
async def test_other_paths_are_not_found(
    provider: FakeProvider, client: httpx.AsyncClient, method: str, path: str
) -> None:
    response = await client.request(method, path)
    assert response.status_code == 404
    if method != "HEAD":
        assert response.json()["error"]["message"] == f"{method} {path}: not found."
    assert provider.exchanges[0].status == 404
    assert (await client.post(CHAT, content=BODY)).status_code == 200
    assert provider.connections == 1


async def test_other_methods_are_not_found(client: httpx.AsyncClient) -> None:
    assert (await client.get(CHAT)).status_code == 404


async def test_any_prefix_and_query_will_do(client: httpx.AsyncClient) -> None:
    path = "/openai/deployments/x/chat/completions?api-version=1"
    assert (await client.post(path, content=BODY)).status_code == 200


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "The body is not JSON"),
        (b"{", "The body is not JSON"),
        (b"[]", "The body is not a JSON object."),
        (b"{}", "The body names no model."),
        (b'{"model": 1}', "The body names no model."),
    ],
)
async def test_bodies_that_make_no_sense_are_refused(
    client: httpx.AsyncClient, body: bytes, complaint: str
) -> None:
    response = await client.post("/v1/messages", content=body)
    assert response.status_code == 400
    assert response.json()["error"]["type"] == "invalid_request_error"
    assert response.json()["error"]["message"].startswith(complaint)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_malformed_requests_are_refused(
    provider: FakeProvider, client: httpx.AsyncClient, nonsense: bytes
) -> None:
    heard = await say(provider, nonsense)
    assert heard.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert provider.exchanges == []
    assert (await client.post(CHAT, content=BODY)).status_code == 200


async def test_oversized_heads_are_refused(provider: FakeProvider) -> None:
    heard = await say(provider, b"POST / HTTP/1.1\r\nhost: a\r\nx: ", b"x" * 300_000)
    assert heard.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("said", [b"", b"POST", post()[:-3]])
async def test_clients_that_leave_early_do_no_harm(provider: FakeProvider, said: bytes) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", provider.port)
    writer.write(said)
    writer.close()
    await writer.wait_closed()
    async with asyncio.timeout(LIMIT):
        await provider.until(lambda it: not it.connections)
    assert provider.exchanges == []


async def test_a_client_that_leaves_amid_a_long_answer_does_no_harm(
    provider: FakeProvider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.default = Behaviour(deltas=200_000, delta_size=200)
    async with httpx.AsyncClient(base_url=provider.url) as client:
        question = {"model": "gpt-4o", "stream": True}
        async with client.stream("POST", CHAT, json=question) as response:
            await anext(response.aiter_raw())
    async with asyncio.timeout(LIMIT):
        await provider.until(lambda it: not it.connections)
    assert caplog.records == []


async def test_a_failure_of_its_own_ends_one_connection_only(
    provider: FakeProvider,
    client: httpx.AsyncClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider.script("not a behaviour")  # type: ignore[arg-type]
    with caplog.at_level(logging.CRITICAL), pytest.raises(httpx.RemoteProtocolError):
        await client.post(CHAT, content=BODY)
    assert (await client.post(CHAT, content=BODY)).status_code == 200


async def test_old_exchanges_are_forgotten() -> None:
    async with (
        FakeProvider("acme", keep=2, strict=False) as provider,
        httpx.AsyncClient(base_url=provider.url) as client,
    ):
        for model in ("a", "b", "c"):
            await client.post(CHAT, json={"model": model})
        assert [exchange.json["model"] for exchange in provider.exchanges] == ["b", "c"]


async def test_it_comes_back_on_the_same_port(client: httpx.AsyncClient) -> None:
    async with FakeProvider("acme", strict=False) as provider:
        url = provider.url
        await client.post(url + CHAT, content=BODY)
        await provider.stop()
        with pytest.raises(httpx.HTTPError):
            await client.post(url + CHAT, content=BODY)
        await provider.start()
        assert provider.url == url
        assert (await client.post(url + CHAT, content=BODY)).status_code == 200


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(),
        Behaviour(before_headers="reset"),
        Behaviour(before_headers="silence"),
        Behaviour(cut_after=1),
    ],
)
async def test_tls(behaviour: Behaviour) -> None:
    authority = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server_side)
    client_side = ssl.create_default_context()
    authority.configure_trust(client_side)
    async with (
        FakeProvider("acme", ssl_context=server_side, strict=False) as provider,
        httpx.AsyncClient(base_url=provider.url, verify=client_side, timeout=0.5) as client,
    ):
        assert provider.url.startswith("https://")
        provider.default = behaviour
        if behaviour == Behaviour():
            assert (await client.post(CHAT, content=BODY)).status_code == 200
        else:
            with pytest.raises(httpx.TransportError):
                await client.post(CHAT, json={"model": "gpt-4o", "stream": True})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_the_command_serves_until_told_to_stop(number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "extproc.demo.provider"),
        *("--name", "acme", "--port", "0", "--behaviour", "status=503"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT):
        greeting = (await process.stdout.readline()).decode().split()
        assert greeting[:3] == ["acme", "listens", "on"]
        async with httpx.AsyncClient(base_url=greeting[3]) as client:
            assert (await client.post(CHAT, content=BODY)).status_code == 503
            process.send_signal(number)
            out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [(["--port", "{taken}"], 1, "in use"), (["--behaviour", "rest"], 2, "unknown behaviour")],
)
async def test_the_command_says_what_is_wrong(
    provider: FakeProvider, arguments: list[str], code: int, complaint: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "extproc.demo.provider"),
        *(argument.format(taken=provider.port) for argument in arguments),
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(LIMIT):
        _, err = await process.communicate()
    assert process.returncode == code
    assert complaint in err.decode()
    assert "Traceback" not in err.decode()
