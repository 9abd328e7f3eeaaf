"""One question and its answer, against a real HTTP server."""

from __future__ import annotations

import asyncio
import gzip
import socket
import ssl
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trustme

from extproc.intent import ClassificationError
from extproc.intent.completions import Completions
from tests.helpers.router_server import Reply, always, answering, completion, response, serving

KEY = "sk-never-to-be-seen"
PROMPT = "Which route?"


@asynccontextmanager
async def asking(
    url: str, deadline: float = 5.0, client: httpx.AsyncClient | None = None
) -> AsyncIterator[Completions]:
    headers = {"authorization": f"Bearer {KEY}", "x-team": "blue"}
    completions = Completions(url, "arch-router", headers, deadline, client=client)
    try:
        yield completions
    finally:
        await completions.close()


async def failure(completions: Completions) -> ClassificationError:
    with pytest.raises(ClassificationError) as caught:
        await completions.ask(PROMPT)
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown + repr(caught.value)
    assert caught.value.__context__ is None
    return caught.value


async def test_the_question_on_the_wire() -> None:
    async with (
        serving(answering("code")) as server,
        asking(server.url) as completions,
    ):
        assert await completions.ask(PROMPT) == "code"
    assert server.bodies == [
        {
            "model": "arch-router",
            "messages": [{"role": "user", "content": PROMPT}],
            "temperature": 0.01,
        }
    ]
    (head,) = server.heads
    assert head.startswith("POST /v1/chat/completions HTTP/1.1\r\n")
    lines = head.lower().split("\r\n")
    assert f"authorization: bearer {KEY}" in lines
    assert "x-team: blue" in lines
    assert lines.count("content-type: application/json") == 1


async def test_a_proxy_on_the_way() -> None:
    async with serving(answering("code")) as proxy:
        completions = Completions(
            "http://router.example/v1/chat/completions",
            "arch-router",
            {"host": "router.example"},
            5.0,
            proxy=proxy.url.partition("/v1")[0],
            proxy_headers={"proxy-authorization": "Basic eA=="},
        )
        assert await completions.ask(PROMPT) == "code"
        await completions.close()
    (head,) = proxy.heads
    assert head.startswith("POST http://router.example/v1/chat/completions HTTP/1.1\r\n")
    assert "proxy-authorization: basic ea==" in head.lower()


async def test_connections_are_kept() -> None:
    async with (
        serving(answering("law")) as server,
        asking(server.url) as completions,
    ):
        for _ in range(5):
            assert await completions.ask(PROMPT) == "law"
        assert server.connections == 1


async def silence(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def drip(writer: asyncio.StreamWriter) -> None:
    """A byte now and then: no single read is slow."""
    for byte in response(completion("code")):
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("slow", [silence, drip])
async def test_the_deadline_is_for_the_whole_call(slow: Reply) -> None:
    async with serving(slow) as server, asking(server.url, deadline=0.2) as completions:
        assert (await failure(completions)).reason == "timeout"


async def test_a_given_client_s_own_timeout_counts_too() -> None:
    client = httpx.AsyncClient(timeout=0.1)
    async with (
        client,
        serving(silence) as server,
        asking(server.url, deadline=5, client=client) as completions,
    ):
        assert (await failure(completions)).reason == "timeout"


async def test_after_a_timeout_it_works_again() -> None:
    slow = asyncio.Event()

    async def reply(writer: asyncio.StreamWriter) -> None:
        if not slow.is_set():
            slow.set()
            await asyncio.sleep(30)
        writer.write(response(completion("code")))

    async with serving(reply) as server, asking(server.url, deadline=0.5) as completions:
        assert (await failure(completions)).reason == "timeout"
        assert await completions.ask(PROMPT) == "code"


async def test_cancelling_is_not_a_failure() -> None:
    async with serving(silence) as server, asking(server.url) as completions:
        task = asyncio.create_task(completions.ask(PROMPT))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_connection_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with asking(f"http://127.0.0.1:{port}/v1/chat/completions") as completions:
            assert (await failure(completions)).reason == "unreachable"


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
    writer.close()


@pytest.mark.parametrize("reply", [hang_up, always(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")])
async def test_a_broken_exchange(reply: Reply) -> None:
    async with serving(reply) as server, asking(server.url) as completions:
        assert (await failure(completions)).reason == "interrupted"


async def test_a_header_that_cannot_be_sent_is_not_quoted() -> None:
    async with serving(always(b"")) as server:
        completions = Completions(server.url, "m", {"authorization": f"{KEY}\n"}, 1.0)
        assert (await failure(completions)).reason == "interrupted"
        await completions.close()


@pytest.mark.parametrize(
    "status", ["302 Found", "400 Bad Request", "401 Unauthorized", "429 Slow Down", "500 Oops"]
)
async def test_a_status_other_than_success(status: str) -> None:
    raw = response(completion("code"), status, "location: /elsewhere\r\n")
    async with serving(always(raw)) as server, asking(server.url) as completions:
        error = await failure(completions)
        assert error.reason == "status"
        assert status[:3] in str(error)
        assert len(server.heads) == 1


@pytest.mark.parametrize(
    "raw",
    [
        response(b""),
        response(b"<html>"),
        response(b"[]"),
        response(b"null"),
        response(b'{"choices": []}'),
        response(b'{"choices": [{"message": null}]}'),
        response(completion(None)),
        response(completion(7)),
        response(b" " * 300_000),
        response(gzip.compress(b" " * 30_000_000), extra="content-encoding: gzip\r\n"),
        response(b"not gzip", extra="content-encoding: gzip\r\n"),
    ],
)
async def test_a_malformed_answer(raw: bytes) -> None:
    async with serving(always(raw)) as server, asking(server.url) as completions:
        assert (await failure(completions)).reason == "malformed"


async def test_an_authority_of_one_s_own(tmp_path: Path) -> None:
    authority = trustme.CA()
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response(completion("code"), extra="connection: close\r\n"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        for ca_path, reason in ((str(path), None), (None, "unreachable")):
            completions = Completions(url, "m", {}, 5.0, ca_path=ca_path)
            if reason is None:
                assert await completions.ask(PROMPT) == "code"
            else:
                assert (await failure(completions)).reason == reason
            await completions.close()


async def test_close_leaves_a_given_client_open() -> None:
    async with httpx.AsyncClient() as client:
        async with asking("http://127.0.0.1:9/", client=client):
            pass
        assert not client.is_closed


async def test_close_closes_its_own_client() -> None:
    completions = Completions("http://127.0.0.1:9/", "m", {}, 1.0)
    await completions.close()
    await completions.close()
    assert completions._client.is_closed
