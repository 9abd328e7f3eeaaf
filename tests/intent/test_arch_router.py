"""The classifier that asks a model, against a real HTTP server."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from extproc.config.values import Route
from extproc.dialects.conversation import Turn
from extproc.intent import ClassificationError, Intent, IntentClassifier
from extproc.intent.arch_router import ArchRouterClassifier
from extproc.intent.arch_router_prompt import fill

KEY = "sk-never-to-be-seen"
ROUTES = (Route("code", "writing code", ("small",)), Route("law", "legal advice", ("large",)))
TALK = (Turn("user", "Write quicksort in Go"),)

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Server:
    """A server that answers every request by ``reply`` and remembers what it was sent."""

    url: str = ""
    heads: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def serving(reply: Reply) -> AsyncIterator[Server]:
    seen = Server()
    writers: set[asyncio.StreamWriter] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                length = int(head.lower().partition("content-length:")[2].split()[0])
                seen.heads.append(head)
                seen.bodies.append(json.loads(await reader.readexactly(length)))
                await reply(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    seen.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/chat/completions"
    try:
        yield seen
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0.01)


def response(body: bytes, status: str = "200 OK", extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{extra}"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def completion(content: Any) -> bytes:
    return json.dumps(
        {"choices": [{"message": {"role": "assistant", "content": content}}]}
    ).encode()


def always(raw: bytes) -> Reply:
    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(raw)

    return reply


@asynccontextmanager
async def asking(
    url: str, deadline: float = 5.0, client: httpx.AsyncClient | None = None
) -> AsyncIterator[ArchRouterClassifier]:
    headers = {"authorization": f"Bearer {KEY}", "x-team": "blue"}
    classifier = ArchRouterClassifier(url, "arch-router", headers, deadline, client)
    try:
        yield classifier
    finally:
        await classifier.close()


async def failure(classifier: IntentClassifier) -> ClassificationError:
    with pytest.raises(ClassificationError) as caught:
        await classifier.classify(TALK, ROUTES)
    shown = "".join(traceback.format_exception(caught.value))
    assert KEY not in shown + repr(caught.value)
    assert caught.value.__context__ is None
    return caught.value


async def test_the_question_on_the_wire() -> None:
    async with (
        serving(always(response(completion('{"route": "code"}')))) as server,
        asking(server.url) as classifier,
    ):
        assert await classifier.classify(TALK, ROUTES) == Intent("code")
    assert server.bodies == [
        {
            "model": "arch-router",
            "messages": [{"role": "user", "content": fill(TALK, ROUTES)}],
            "temperature": 0.01,
        }
    ]
    (head,) = server.heads
    assert head.startswith("POST /v1/chat/completions HTTP/1.1\r\n")
    lines = head.lower().split("\r\n")
    assert f"authorization: bearer {KEY}" in lines
    assert "x-team: blue" in lines
    assert lines.count("content-type: application/json") == 1


async def test_connections_are_kept() -> None:
    async with (
        serving(always(response(completion('{"route": "law"}')))) as server,
        asking(server.url) as classifier,
    ):
        for _ in range(5):
            assert (await classifier.classify(TALK, ROUTES)).route == "law"
        assert server.connections == 1


@pytest.mark.parametrize(
    ("content", "route"),
    [('{"route": "other"}', None), ("", None), ("{'route': ['x', 'law']}", "law")],
)
async def test_the_answer_is_read(content: str, route: str | None) -> None:
    async with (
        serving(always(response(completion(content)))) as server,
        asking(server.url) as classifier,
    ):
        assert await classifier.classify(TALK, ROUTES) == Intent(route)


@pytest.mark.parametrize("turns", [(), (Turn("user", " "),), (Turn("assistant", "Hello"),)])
async def test_nothing_is_asked_about_nothing(turns: tuple[Turn, ...]) -> None:
    async with serving(always(b"")) as server, asking(server.url) as classifier:
        assert await classifier.classify(turns, ROUTES) == Intent(None)
        assert server.bodies == []


async def silence(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def drip(writer: asyncio.StreamWriter) -> None:
    """A byte now and then: no single read is slow."""
    for byte in response(completion('{"route": "code"}')):
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("slow", [silence, drip])
async def test_the_deadline_is_for_the_whole_call(slow: Reply) -> None:
    async with serving(slow) as server, asking(server.url, deadline=0.2) as classifier:
        began = time.perf_counter()
        assert (await failure(classifier)).reason == "timeout"
        assert 0.15 < time.perf_counter() - began < 1.0


async def test_a_given_client_s_own_timeout_counts_too() -> None:
    client = httpx.AsyncClient(timeout=0.1)
    async with (
        client,
        serving(silence) as server,
        asking(server.url, deadline=5, client=client) as classifier,
    ):
        assert (await failure(classifier)).reason == "timeout"


async def test_after_a_timeout_it_works_again() -> None:
    slow = asyncio.Event()

    async def reply(writer: asyncio.StreamWriter) -> None:
        if not slow.is_set():
            slow.set()
            await asyncio.sleep(30)
        writer.write(response(completion('{"route": "code"}')))

    async with serving(reply) as server, asking(server.url, deadline=0.2) as classifier:
        assert (await failure(classifier)).reason == "timeout"
        assert (await classifier.classify(TALK, ROUTES)).route == "code"


async def test_cancelling_is_not_a_failure() -> None:
    async with serving(silence) as server, asking(server.url) as classifier:
        task = asyncio.create_task(classifier.classify(TALK, ROUTES))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_connection_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with asking(f"http://127.0.0.1:{port}/v1/chat/completions") as classifier:
            assert (await failure(classifier)).reason == "unreachable"


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")
    writer.close()


@pytest.mark.parametrize("reply", [hang_up, always(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")])
async def test_a_broken_exchange_is_unreachable(reply: Reply) -> None:
    async with serving(reply) as server, asking(server.url) as classifier:
        assert (await failure(classifier)).reason == "unreachable"


async def test_a_header_that_cannot_be_sent_is_not_quoted() -> None:
    async with serving(always(b"")) as server:
        classifier = ArchRouterClassifier(server.url, "m", {"authorization": f"{KEY}\n"}, 1.0)
        assert (await failure(classifier)).reason == "unreachable"
        await classifier.close()


@pytest.mark.parametrize(
    "status", ["302 Found", "400 Bad Request", "401 Unauthorized", "429 Slow Down", "500 Oops"]
)
async def test_a_status_other_than_success(status: str) -> None:
    raw = response(completion('{"route": "code"}'), status, "location: /elsewhere\r\n")
    async with serving(always(raw)) as server, asking(server.url) as classifier:
        error = await failure(classifier)
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
        response(completion("no JSON here")),
        response(b" " * 300_000),
        response(gzip.compress(b" " * 30_000_000), extra="content-encoding: gzip\r\n"),
        response(b"not gzip", extra="content-encoding: gzip\r\n"),
    ],
)
async def test_a_malformed_answer(raw: bytes) -> None:
    async with serving(always(raw)) as server, asking(server.url) as classifier:
        assert (await failure(classifier)).reason == "malformed"


async def test_close_leaves_a_given_client_open() -> None:
    async with httpx.AsyncClient() as client:
        async with asking("http://127.0.0.1:9/", client=client):
            pass
        assert not client.is_closed


async def test_close_closes_its_own_client() -> None:
    classifier = ArchRouterClassifier("http://127.0.0.1:9/", "m", {}, 1.0)
    await classifier.close()
    await classifier.close()
    assert classifier._client.is_closed
