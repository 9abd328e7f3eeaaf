"""The gRPC server on a real Unix socket: whatever a stream does, the others are served."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc import aio

from extproc.config.values import Config, Dialect, Endpoint, Limits, Model, Route
from extproc.contract import Role
from extproc.dialects.conversation import Conversation
from extproc.dialects.errors import ClientError
from extproc.intent import Intent
from extproc.server.service import consultations, start
from extproc.server.streams import Consultation, Stream
from extproc.server.wire import Message, ProcessingRequest, ProcessingResponse

PROCESS = "/envoy.service.ext_proc.v3.ExternalProcessor/Process"
CHECK = "/grpc.health.v1.Health/Check"
MODEL = Model("one/a", "one", "a", Endpoint("https", "h", 443, "h"), {Dialect.CHAT: "/chat"})
CONFIG = Config((MODEL,), limits=Limits(first_content_timeout=5))
BODY = b'{"model":"one/a","messages":[{"role":"user","content":"hi"}]}'


class NoClassifier:
    async def classify(self, conversation: Conversation, routes: Sequence[Route]) -> Intent:
        raise AssertionError((conversation, routes))

    async def close(self) -> None:
        """There is nothing to release."""


class Broken(Consultation):
    """Fails in a given way once it has read the first message."""

    def __init__(self, dialect: Dialect, failure: Exception) -> None:
        super().__init__()
        self._learned = dialect
        self._failure = failure

    async def serve(self, stream: Stream) -> None:
        await stream.read()
        self.request_id = "the-request-id"
        self.dialect = self._learned
        raise self._failure


class Talk:
    """One stream to the server, as Envoy opens it."""

    def __init__(self, channel: aio.Channel, metadata: Sequence[tuple[str, str]]) -> None:
        method: Any = channel.stream_stream(PROCESS)
        self.call = method(metadata=tuple(metadata))

    async def say(self, **fields: Any) -> None:
        await self.call.write(ProcessingRequest(**fields).SerializeToString())

    async def answers(self) -> list[Message]:
        await self.call.done_writing()
        return [ProcessingResponse.FromString(answer) async for answer in self.call]

    async def whole(self, *messages: dict[str, Any]) -> list[Message]:
        for message in messages:
            await self.say(**message)
        return await self.answers()


Open = Callable[[str], Talk]


@pytest.fixture
async def channel(tmp_path: Path) -> AsyncIterator[aio.Channel]:
    served = dict(consultations(CONFIG, NoClassifier()))
    socket = tmp_path / "s"
    socket.write_text("left behind by a dead process")
    server = await start(served, socket)
    async with aio.insecure_channel(f"unix:{socket}") as opened:
        yield opened
    await server.stop(None)


@pytest.fixture
def opened(channel: aio.Channel) -> Open:
    return lambda role: Talk(channel, [("x-dragoman-role", role)])


def request_headers(path: str = "/v1/chat/completions") -> dict[str, Any]:
    values = {":path": path, "x-request-id": "the-request-id"}
    listed = [{"key": key, "raw_value": value.encode()} for key, value in values.items()]
    return {"request_headers": {"headers": {"headers": listed}}}


def request_body(data: bytes = BODY) -> dict[str, Any]:
    return {"request_body": {"body": data, "end_of_stream": True}}


async def check_it_serves(talk: Talk) -> None:
    first, piece = await talk.whole(request_headers(), request_body())
    assert first.WhichOneof("response") == "request_headers"
    sent = piece.request_body.response.body_mutation.streamed_response
    assert json.loads(sent.body)["model"] == "a"
    assert await talk.call.code() is grpc.StatusCode.OK


def refusal(answers: Sequence[Message]) -> tuple[int, Any]:
    (answer,) = answers
    reply = answer.immediate_response
    return reply.status.code, json.loads(reply.body)


async def test_a_good_request(opened: Open) -> None:
    await check_it_serves(opened("ingress"))


async def test_each_role_is_served_by_its_own(opened: Open) -> None:
    (released,) = await opened("gate").whole({"response_headers": {"end_of_stream": True}})
    assert released.WhichOneof("response") == "response_headers"
    for role in ("ingress", "rewrite"):
        status, _ = refusal(await opened(role).whole({"response_headers": {"end_of_stream": True}}))
        assert status == 500


async def test_a_client_error_is_an_answer_and_not_logged(
    opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    status, said = refusal(await opened("ingress").whole(request_headers(), request_body(b"{}")))
    assert (status, said["error"]["param"]) == (400, "messages")
    assert caplog.records == []


@pytest.mark.parametrize(
    ("dialect", "kind"), [(Dialect.CHAT, "server_error"), (Dialect.MESSAGES, "api_error")]
)
async def test_a_consultation_that_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, dialect: Dialect, kind: str
) -> None:
    served = dict(consultations(CONFIG, NoClassifier()))
    served[Role.GATE] = lambda: Broken(dialect, ValueError("of the secret cause"))
    server = await start(served, tmp_path / "s")
    async with aio.insecure_channel(f"unix:{tmp_path / 's'}") as channel:
        broken = Talk(channel, [("x-dragoman-role", "gate")])
        status, said = refusal(await broken.whole(request_headers()))
        assert await broken.call.code() is grpc.StatusCode.OK
        await check_it_serves(Talk(channel, [("x-dragoman-role", "ingress")]))
    await server.stop(None)
    assert (status, said["error"]["type"]) == (500, kind)
    assert "the-request-id" in said["error"]["message"]
    assert "secret cause" not in said["error"]["message"]
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "the-request-id" in record.getMessage()
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)


async def test_a_refusal_of_a_consultation_is_in_its_dialect(tmp_path: Path) -> None:
    error = ClientError(429, "not now")
    server = await start({Role.GATE: lambda: Broken(Dialect.MESSAGES, error)}, tmp_path / "s")
    async with aio.insecure_channel(f"unix:{tmp_path / 's'}") as channel:
        talk = Talk(channel, [("x-dragoman-role", "gate")])
        status, said = refusal(await talk.whole(request_headers()))
    await server.stop(None)
    assert status == 429
    assert said == {"type": "error", "error": {"type": "rate_limit_error", "message": "not now"}}


@pytest.mark.parametrize("role", list(Role))
async def test_a_first_message_that_may_not_come_first(
    opened: Open, caplog: pytest.LogCaptureFixture, role: Role
) -> None:
    status, said = refusal(await opened(role).whole({"request_trailers": {}}))
    assert (status, said["error"]["code"]) == (500, "internal_error")
    (record,) = caplog.records
    assert "request unknown: Envoy broke the protocol" in record.getMessage()
    assert record.exc_info is None


async def test_bytes_that_are_no_message(opened: Open, caplog: pytest.LogCaptureFixture) -> None:
    talk = opened("ingress")
    await talk.say(**request_headers("/v1/messages"))
    await talk.call.write(b"\xff\xff\xff")
    status, said = refusal(await talk.answers())
    assert (status, said["type"]) == (500, "error")
    assert sum("the-request-id" in record.getMessage() for record in caplog.records) == 1
    await check_it_serves(opened("ingress"))


@pytest.mark.parametrize("metadata", [[], [("x-dragoman-role", "jester")], [("role", "ingress")]])
async def test_a_stream_without_a_role_of_ours(
    channel: aio.Channel, opened: Open, metadata: list[tuple[str, str]]
) -> None:
    talk = Talk(channel, metadata)
    with pytest.raises(aio.AioRpcError) as raised:
        await talk.whole(request_headers(), request_body())
    assert raised.value.code() is grpc.StatusCode.UNKNOWN
    await check_it_serves(opened("ingress"))


async def test_a_stream_that_says_nothing_is_answered_nothing(opened: Open) -> None:
    for role in Role:
        talk = opened(role)
        assert await talk.answers() == []
        assert await talk.call.code() is grpc.StatusCode.OK


async def misbehave(opened: Open, number: int) -> None:
    talk = opened(list(Role)[number % 3])
    kind = number % 5
    if kind == 0:
        await talk.whole({"request_trailers": {}})
    elif kind == 1:
        await talk.call.write(b"\xff\xff\xff")
        await talk.answers()
    elif kind == 2:
        await talk.say(**request_headers())
        talk.call.cancel()
    elif kind == 3:
        await talk.whole(request_headers("/no/such/path"), request_body())
    else:
        await talk.say(**request_headers())
        await talk.answers()


@pytest.mark.usefixtures("caplog")
async def test_many_misbehaving_streams_and_then_a_good_one(opened: Open) -> None:
    async with asyncio.timeout(30):
        await asyncio.gather(*(misbehave(opened, number) for number in range(100)))
        await check_it_serves(opened("ingress"))


async def test_a_good_stream_amid_streams_that_hang(opened: Open) -> None:
    hanging = [opened("ingress") for _ in range(100)]
    for talk in hanging:
        await talk.say(**request_headers())
    async with asyncio.timeout(5):
        await check_it_serves(opened("ingress"))
    for talk in hanging:
        talk.call.cancel()


async def test_a_body_of_many_megabytes_in_one_message(opened: Open) -> None:
    raw = BODY[:-1] + b',"pad":"' + b"x" * 8_000_000 + b'"}'
    _, *pieces = await opened("ingress").whole(request_headers(), request_body(raw))
    sent = b"".join(
        piece.request_body.response.body_mutation.streamed_response.body for piece in pieces
    )
    assert sent == raw.replace(b'"one/a"', b'"a"')


async def test_the_health_check_answers(channel: aio.Channel) -> None:
    check: Any = channel.unary_unary(CHECK)
    assert await check(b"") == b"\x08\x01"
