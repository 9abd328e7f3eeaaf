"""The gRPC server on a real Unix socket: whatever a stream does, the others are served."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TypeAlias

import grpc
import pytest
from grpc import aio

from extproc.contract import ATTEMPT_COUNT, ROLE, Role
from extproc.core.aside import Aside
from extproc.core.config import Config, Limits, Transport
from extproc.core.models import Dialect, Endpoint, Model
from extproc.errors import ClientError
from extproc.transport.server import listen
from extproc.transport.wire import Message, ProcessingRequest, ProcessingResponse
from extproc.worker.plan import Plan, encode
from extproc.worker.processor import Processor, Stream
from extproc.worker.service import Processors, processor_service, processors
from tests.helpers.arrivals import NO_BOUNDS
from tests.helpers.envoy_stream import request_body, request_headers
from tests.helpers.fixed_decisions import Classifier, decider, forwarding

PROCESS = "/envoy.service.ext_proc.v3.ExternalProcessor/Process"
CHECK = "/grpc.health.v1.Health/Check"
MODEL = Model("one/a", "one", "a", Endpoint("https", "h", 443, "h"), {Dialect.CHAT: "/chat"})
CONFIG = Config((MODEL,), limits=Limits())
BODY = b'{"model":"one/a","messages":[{"role":"user","content":"hi"}]}'


def nobody_hears(model: str) -> None:
    """For tests that are not about what is told of failures."""


def ours(failed: Callable[[str], None] = nobody_hears) -> Processors:
    """What is served for a configuration without routes, where nothing is to be classified."""
    never = Classifier(AssertionError("there is nothing to classify"))
    return processors(
        CONFIG, decider(CONFIG, never), forwarding(CONFIG), failed, tuple, Aside(), NO_BOUNDS
    )


def test_every_role_has_its_processor() -> None:
    assert set(ours()) == set(Role)
    assert all(isinstance(make(), Processor) for make in ours().values())


class Broken(Processor):
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
    """One stream to the server, as Envoy opens it: says its messages, then ends or hangs."""

    def __init__(
        self,
        channel: aio.Channel,
        metadata: Sequence[tuple[str, str]],
        *messages: Mapping[str, Any] | bytes,
        hangs: bool = False,
    ) -> None:
        self.said = asyncio.Event()
        method: Any = channel.stream_stream(PROCESS)
        self.call = method(self._requests(messages, hangs), metadata=tuple(metadata))

    async def _requests(
        self, messages: Sequence[Mapping[str, Any] | bytes], hangs: bool
    ) -> AsyncIterator[bytes]:
        for message in messages:
            if isinstance(message, bytes):
                yield message
            else:
                yield ProcessingRequest(**message).SerializeToString()
        self.said.set()
        if hangs:
            await asyncio.Event().wait()

    async def answers(self) -> list[Message]:
        return [ProcessingResponse.FromString(answer) async for answer in self.call]


Serving: TypeAlias = Callable[[Processors], AbstractAsyncContextManager[aio.Channel]]


@pytest.fixture(params=list(Transport))
def serving(request: pytest.FixtureRequest, short_path: Path) -> Serving:
    """Gives a channel to a server of its own, of each transport."""

    @contextlib.asynccontextmanager
    async def serving(served: Processors) -> AsyncIterator[aio.Channel]:
        socket = short_path / "s"
        server = await listen([processor_service(served)], socket, transport=request.param)
        async with aio.insecure_channel(f"unix:{socket}") as opened:
            yield opened
        await server.stop(None)

    return serving


@pytest.fixture
async def channel(serving: Serving) -> AsyncIterator[aio.Channel]:
    async with serving(ours()) as opened:
        yield opened


@pytest.fixture
def opened(channel: aio.Channel) -> Callable[..., Talk]:
    """Opens a stream of a role."""
    return lambda role, *messages, **how: Talk(channel, [(ROLE, role)], *messages, **how)


def asks(path: str = "/v1/chat/completions") -> dict[str, Any]:
    return request_headers({":path": path, "x-request-id": "the-request-id"})


GOOD = (asks(), request_body(BODY))


async def check_it_serves(talk: Talk) -> None:
    first, piece = await talk.answers()
    assert first.WhichOneof("response") == "request_headers"
    sent = piece.request_body.response.body_mutation.streamed_response
    assert json.loads(sent.body)["model"] == "a"
    assert await talk.call.code() is grpc.StatusCode.OK


async def refusal(talk: Talk) -> tuple[int, Any]:
    (answer,) = await talk.answers()
    assert await talk.call.code() is grpc.StatusCode.OK
    reply = answer.immediate_response
    return reply.status.code, json.loads(reply.body)


def logged(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the server logged, not the event loop about streams that are gone."""
    return [record for record in caplog.records if record.name.startswith("extproc")]


async def test_a_good_request(opened: Callable[..., Talk]) -> None:
    await check_it_serves(opened("ingress", *GOOD))


async def test_a_failed_attempt_is_told_when_the_next_one_begins(serving: Serving) -> None:
    failed: list[str] = []
    plan = encode(Plan(Dialect.CHAT, (MODEL.name, MODEL.name), False, 9, 16))
    again = {"x-dragoman-plan": plan, ATTEMPT_COUNT: "2", "content-length": str(len(BODY))}
    async with serving(ours(failed.append)) as channel:
        first, _ = await Talk(
            channel, [(ROLE, "attempt")], request_headers(again), request_body(BODY)
        ).answers()
    assert first.WhichOneof("response") == "request_headers"
    assert failed == [MODEL.name]


async def test_each_role_is_served_by_its_own(opened: Callable[..., Talk]) -> None:
    message = {"response_headers": {"end_of_stream": False}}
    (released,) = await opened("gate", message).answers()
    assert released.WhichOneof("response") == "response_headers"
    for role in ("ingress", "attempt"):
        assert (await refusal(opened(role, message)))[0] == 500


async def test_a_client_error_is_an_answer_and_not_logged(
    opened: Callable[..., Talk], caplog: pytest.LogCaptureFixture
) -> None:
    status, said = await refusal(opened("ingress", asks(), request_body(b"{}")))
    assert (status, said["error"]["param"]) == (400, "messages")
    assert logged(caplog) == []


@pytest.mark.parametrize(
    ("dialect", "kind"), [(Dialect.CHAT, "server_error"), (Dialect.MESSAGES, "api_error")]
)
async def test_a_consultation_that_fails(
    serving: Serving, caplog: pytest.LogCaptureFixture, dialect: Dialect, kind: str
) -> None:
    served = dict(ours())
    served[Role.GATE] = lambda: Broken(dialect, ValueError("the secret cause"))
    async with serving(served) as channel:
        status, said = await refusal(Talk(channel, [(ROLE, "gate")], asks()))
        await check_it_serves(Talk(channel, [(ROLE, "ingress")], *GOOD))
    assert (status, said["error"]["type"]) == (500, kind)
    assert "the-request-id" in said["error"]["message"]
    assert "secret cause" not in said["error"]["message"]
    (record,) = logged(caplog)
    assert record.levelno == logging.ERROR
    assert "the-request-id" in record.getMessage()
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)


async def test_a_refusal_of_a_consultation_is_in_its_dialect(serving: Serving) -> None:
    error = ClientError(429, "not now")
    served = {Role.GATE: lambda: Broken(Dialect.MESSAGES, error)}
    async with serving(served) as channel:
        status, said = await refusal(Talk(channel, [(ROLE, "gate")], asks()))
    assert status == 429
    assert said == {"type": "error", "error": {"type": "rate_limit_error", "message": "not now"}}


@pytest.mark.parametrize("role", list(Role))
async def test_a_first_message_that_may_not_come_first(
    opened: Callable[..., Talk], caplog: pytest.LogCaptureFixture, role: Role
) -> None:
    status, said = await refusal(opened(role, {"request_trailers": {}}))
    assert (status, said["error"]["code"]) == (500, "internal_error")
    (record,) = logged(caplog)
    assert "request unknown: Envoy broke the protocol" in record.getMessage()
    assert record.exc_info is None


@pytest.mark.parametrize(
    ("role", "path", "says"),
    [("ingress", "/no/such/path", "is no endpoint"), ("attempt", "/chat", "no x-dragoman-plan")],
)
async def test_headers_that_envoy_should_not_have_sent(
    opened: Callable[..., Talk], caplog: pytest.LogCaptureFixture, role: str, path: str, says: str
) -> None:
    status, said = await refusal(opened(role, asks(path)))
    assert (status, said["error"]["code"]) == (500, "internal_error")
    (record,) = logged(caplog)
    assert says in record.getMessage()
    assert record.exc_info is None


async def test_bytes_that_are_no_message(
    opened: Callable[..., Talk], caplog: pytest.LogCaptureFixture
) -> None:
    garbled = opened("ingress", asks("/v1/messages"), b"\xff\xff\xff")
    status, said = await refusal(garbled)
    assert (status, said["type"]) == (500, "error")
    assert sum("the-request-id" in record.getMessage() for record in logged(caplog)) == 1
    await check_it_serves(opened("ingress", *GOOD))


@pytest.mark.parametrize("metadata", [[], [(ROLE, "jester")], [("role", "ingress")]])
async def test_a_stream_without_a_role_of_ours(
    channel: aio.Channel,
    opened: Callable[..., Talk],
    caplog: pytest.LogCaptureFixture,
    metadata: list[tuple[str, str]],
) -> None:
    with pytest.raises(
        aio.AioRpcError, match=f"{ROLE} must be one of ingress, models, by-model, by-id, attempt"
    ) as raised:
        await Talk(channel, metadata).answers()
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    (record,) = logged(caplog)
    assert record.levelno == logging.ERROR
    assert f"{ROLE} must be one of ingress, models, by-model, by-id" in record.getMessage()
    await check_it_serves(opened("ingress", *GOOD))


async def test_a_stream_that_says_nothing_is_answered_nothing(
    opened: Callable[..., Talk],
) -> None:
    for role in Role:
        talk = opened(role)
        assert await talk.answers() == []
        assert await talk.call.code() is grpc.StatusCode.OK


async def misbehave(opened: Callable[..., Talk], number: int) -> None:
    role = list(Role)[number % len(Role)]
    kind = number % 5
    if kind == 0:
        await refusal(opened(role, {"request_trailers": {}}))
    elif kind == 1:
        await refusal(opened(role, b"\xff\xff\xff"))
    elif kind == 2:
        await refusal(opened(role, asks("/no/such/path"), request_body(BODY)))
    elif kind == 3:
        await refusal(opened(role, {"request_body": {}}))
    else:
        abandoned = opened("ingress", asks(), hangs=True)
        await abandoned.said.wait()
        abandoned.call.cancel()


async def test_many_misbehaving_streams_and_then_a_good_one(
    opened: Callable[..., Talk],
) -> None:
    async with asyncio.timeout(30):
        await asyncio.gather(*(misbehave(opened, number) for number in range(100)))
        await check_it_serves(opened("ingress", *GOOD))


async def test_a_good_stream_amid_streams_that_hang(opened: Callable[..., Talk]) -> None:
    hanging = [opened("ingress", asks(), hangs=True) for _ in range(100)]
    async with asyncio.timeout(10):
        for talk in hanging:
            await talk.said.wait()
        await check_it_serves(opened("ingress", *GOOD))
    for talk in hanging:
        talk.call.cancel()


async def test_a_body_of_many_megabytes_in_one_message(opened: Callable[..., Talk]) -> None:
    raw = BODY[:-1] + b',"pad":"' + b"x" * 8_000_000 + b'"}'
    _, *pieces = await opened("ingress", asks(), request_body(raw)).answers()
    sent = b"".join(
        piece.request_body.response.body_mutation.streamed_response.body for piece in pieces
    )
    assert sent == raw.replace(b'"one/a"', b'"a"')


async def test_a_socket_that_a_dead_process_left_behind(serving: Serving, short_path: Path) -> None:
    (short_path / "s").write_text("left behind")
    async with serving(ours()) as channel:
        await check_it_serves(Talk(channel, [(ROLE, "ingress")], *GOOD))


async def test_the_health_check_answers(channel: aio.Channel) -> None:
    check: Any = channel.unary_unary(CHECK)
    assert await check(b"") == b"\x08\x01"
