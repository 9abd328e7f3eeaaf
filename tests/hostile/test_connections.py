"""What is between two ends of one connection, and no further: HTTP's versions, framing, hops."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from extproc.demo.provider import Behaviour
from tests.helpers.house import CONFIG, OFF_TOPIC, House
from tests.helpers.house import house as start
from tests.helpers.raw_provider import COMPLETION, RawProvider, raw_provider, take_body

HOPS = ("keep-alive", "proxy-connection", "te", "trailer", "upgrade", "proxy-authenticate")
"""https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1"""


def chat(**more: object) -> bytes:
    messages = [{"role": "user", "content": OFF_TOPIC}]
    return json.dumps({"model": "alpha/model-a", "messages": messages} | more).encode()


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@dataclass
class Odd:
    """Answers with this status, these header lines and this body, as they are."""

    status: bytes = b"200 OK"
    head: bytes = b""
    body: bytes = b""

    async def answer(
        self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await take_body(head, reader)
        writer.write(b"HTTP/1.1 " + self.status + b"\r\n" + self.head + b"\r\n" + self.body)


@dataclass
class Linked:
    house: House
    odd: Odd
    alpha: RawProvider

    async def sent(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        """The head and the body of what comes back until the connection is closed."""
        reader, writer = await self.house.connect()
        writer.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        answer, _, rest = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
        writer.close()
        return answer.lower(), rest


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Linked]:
    odd = Odd()
    async with contextlib.AsyncExitStack() as stack:
        alpha = await stack.enter_async_context(raw_provider(odd.answer))
        config = CONFIG.replace('"{alpha}"', f'"{alpha.url}"')
        running = start(tmp_path_factory.mktemp("linked"), config=config)
        yield Linked(await stack.enter_async_context(running), odd, alpha)


@pytest.fixture
def linked(shared: Linked) -> Linked:
    shared.house.clear()
    shared.alpha.heads.clear()
    shared.odd.status = b"200 OK"
    return shared


@pytest.mark.parametrize("host", [b"host: 127.0.0.1:12000\r\n", b""])
async def test_a_client_of_http_1_0(linked: Linked, host: bytes) -> None:
    """As nginx's proxy_pass is, unless it is told otherwise."""
    body = chat(model="gamma/model-c")
    head = b"POST /v1/chat/completions HTTP/1.0\r\n" + host + b"connection: close\r\n"
    answer, rest = await linked.sent(head, body)
    assert answer.startswith(b"http/1.0 200 ok")
    assert json.loads(rest)["model"] == "model-c"


async def test_a_stream_for_a_client_of_http_1_0(linked: Linked) -> None:
    """It ends with its connection: there are no chunks to tell the end by."""
    linked.house.gamma.script(Behaviour(deltas=20))
    body = chat(model="gamma/model-c", stream=True)
    answer, rest = await linked.sent(b"POST /v1/chat/completions HTTP/1.0\r\n", body)
    assert answer.startswith(b"http/1.0 200 ok")
    assert b"transfer-encoding" not in answer
    assert rest.startswith(b"data: ")
    assert rest.endswith(b"data: [DONE]\n\n")


async def test_a_client_of_http_1_0_that_is_refused(linked: Linked) -> None:
    answer, rest = await linked.sent(b"POST /v1/chat/completions HTTP/1.0\r\n", b"{")
    assert answer.startswith(b"http/1.0 400 bad request")
    assert "JSON" in json.loads(rest)["error"]["message"]


@pytest.mark.parametrize("length", [5, 100_000])
async def test_an_answer_framed_twice_is_read_as_chunked(linked: Linked, length: int) -> None:
    """https://www.rfc-editor.org/rfc/rfc9112#section-6.3"""
    linked.odd.head = (
        b"content-type: application/json\r\ntransfer-encoding: chunked\r\n"
        b"content-length: %d\r\nconnection: close\r\n" % length
    )
    linked.odd.body = chunked(json.dumps(COMPLETION).encode())
    answer = await linked.house.chat(OFF_TOPIC, model="alpha/model-a")
    assert answer.status_code == 200
    assert answer.json() == COMPLETION
    assert answer.headers["x-dragoman-attempts"] == "1"


async def test_what_a_client_says_of_its_connection_ends_here(linked: Linked) -> None:
    linked.odd.head = b"content-type: application/json\r\nconnection: close\r\n"
    linked.odd.body = json.dumps(COMPLETION).encode()
    hops = "".join(f"{name}: trailers\r\n" for name in HOPS if name != "upgrade").encode()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close, te\r\n"
    answer, _ = await linked.sent(head + hops + b"proxy-authorization: Basic eA==\r\n", chat())
    assert answer.startswith(b"http/1.1 200 ok")
    (seen,) = linked.alpha.heads
    told = {line.partition(b":")[0].decode() for line in seen.lower().split(b"\r\n")[1:]}
    assert not told & {*HOPS, "proxy-authorization", "connection"}


async def test_what_a_provider_says_of_its_connection_ends_here(linked: Linked) -> None:
    hops = "".join(f"{name}: x\r\n" for name in HOPS).encode()
    linked.odd.head = b"content-type: application/json\r\nconnection: close\r\n" + hops
    linked.odd.body = json.dumps(COMPLETION).encode()
    answer = await linked.house.chat(OFF_TOPIC, model="alpha/model-a")
    assert answer.status_code == 200
    assert not set(answer.headers) & {*HOPS, "connection"}


async def test_a_provider_that_changes_the_protocol_has_not_answered(linked: Linked) -> None:
    """Its 101 would make the client read HTTP no longer."""
    linked.odd.status = b"101 Switching Protocols"
    linked.odd.head = b"upgrade: websocket\r\nconnection: upgrade\r\n"
    linked.odd.body = b"data: {}\n\n"
    answer = await linked.house.chat(OFF_TOPIC, model="alpha/model-a")
    assert answer.status_code == 502
    assert "switches to another protocol" in answer.json()["error"]["message"]
    assert "upgrade" not in answer.headers
    answer = await linked.house.chat()
    assert (answer.status_code, answer.headers["x-dragoman-attempts"]) == (200, "2")


async def test_a_request_framed_twice_is_refused(linked: Linked) -> None:
    """What two of us would read in two ways is how requests are smuggled."""
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n"
    )
    answer, rest = await linked.sent(head, chunked(chat()))
    assert answer.startswith(b"http/1.1 400 bad request")
    assert json.loads(rest)["error"]["message"]
