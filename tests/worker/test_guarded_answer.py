"""Answers that come back to a processor: whole or in events, and what guards make of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from extproc.core.aside import Aside
from extproc.core.guards import GuardReport, GuardSettings, OnFailure, Verdict
from extproc.core.models import Dialect
from extproc.errors import ClientError
from extproc.guards.answers import answer_guards
from extproc.guards.requests import AnswerLook
from extproc.transport.wire import Message
from extproc.worker import guarded_answer
from extproc.worker.exchange import ProtocolError, request_and_answer
from extproc.worker.guarded_answer import guard_answer
from tests.helpers.envoy_stream import (
    Envoy,
    request_headers,
    response_body,
    response_headers,
    set_by,
)
from tests.helpers.event_streams import chat, documents, messages, responses, said
from tests.helpers.redacting import Redacting

TRAILERS: dict[str, Any] = {"response_trailers": {}}
JSON = {":status": "200", "content-type": "application/json; charset=utf-8"}
EVENTS = {":status": "200", "content-type": "text/event-stream"}
SPEAKING: dict[Dialect, Callable[..., bytes]] = {
    Dialect.CHAT: chat,
    Dialect.MESSAGES: messages,
    Dialect.RESPONSES: responses,
}


class Answered:
    """What a client gets of an answer that one guard looks at, or that nobody looks at."""

    def __init__(
        self,
        *said_by_envoy: Mapping[str, Any],
        on_failure: OnFailure = OnFailure.CLOSED,
        looked_at: bool = True,
        dialect: Dialect = Dialect.CHAT,
    ) -> None:
        self.envoy = Envoy(*said_by_envoy)
        self.reports: list[GuardReport] = []
        self._dialect = dialect
        settings = GuardSettings("g", on_failure=on_failure)
        places = [AnswerLook(settings, Redacting())] if looked_at else []
        self._guards = answer_guards(places, "r-1", self.reports.append, Aside())

    async def served(self) -> Answered:
        exchange = request_and_answer()
        envoy = Envoy(request_headers({}, ends=True))
        message = await envoy.read()
        assert message is not None
        exchange.receive(message)
        await guard_answer(self.envoy, exchange, self._guards, self._dialect)
        return self

    async def refused(self) -> ClientError:
        with pytest.raises(ClientError) as raised:
            await self.served()
        assert self.envoy.heard == [], "Envoy can answer something else only before it has headers"
        return raised.value

    @property
    def kinds(self) -> list[str | None]:
        return [message.WhichOneof("response") for message in self.envoy.heard]

    @property
    def _pieces(self) -> list[Message]:
        return [
            message.response_body.response.body_mutation.streamed_response
            for message in self.envoy.heard
            if message.WhichOneof("response") == "response_body"
        ]

    @property
    def body(self) -> bytes:
        return b"".join(piece.body for piece in self._pieces)

    @property
    def ends(self) -> list[bool]:
        return [piece.end_of_stream for piece in self._pieces]

    @property
    def mutation(self) -> Message:
        return self.envoy.heard[0].response_headers.response.header_mutation

    @property
    def verdicts(self) -> list[tuple[Verdict, str | None]]:
        (report,) = self.reports
        assert report.request_id == "r-1"
        return [(each.verdict, each.reason) for each in report.verdicts]


def answer(text: str) -> bytes:
    return json.dumps({"choices": [{"message": {"content": text}}]}).encode()


def in_pieces(body: bytes, size: int, *, ends: bool = True) -> list[dict[str, Any]]:
    starts = range(0, len(body), size)
    return [
        response_body(body[start : start + size], ends=ends and start + size >= len(body))
        for start in starts
    ]


async def test_a_whole_answer_is_changed_and_its_length_is_told() -> None:
    got = await Answered(
        response_headers(JSON), *in_pieces(answer("so SECRET-1234"), size=7)
    ).served()
    assert json.loads(got.body) == {"choices": [{"message": {"content": "so [gone]"}}]}
    assert got.ends == [True]
    assert set_by(got.mutation) == {"content-length": str(len(got.body))}
    assert list(got.mutation.remove_headers) == []
    assert got.verdicts == [(Verdict.CHANGED, None)]


async def test_a_whole_answer_with_trailers() -> None:
    got = await Answered(
        response_headers(JSON), *in_pieces(answer("SECRET-1234"), size=99, ends=False), TRAILERS
    ).served()
    assert got.body == b'{"choices":[{"message":{"content":"[gone]"}}]}'
    assert got.ends == [False]
    assert got.kinds == ["response_headers", "response_body", "response_trailers"]


async def test_a_packed_answer_goes_on_plain() -> None:
    packed = gzip.compress(answer("SECRET-1234"))
    got = await Answered(
        response_headers(JSON | {"content-encoding": "gzip"}), response_body(packed, ends=True)
    ).served()
    assert b"[gone]" in got.body
    assert set_by(got.mutation) == {"content-length": str(len(got.body))}
    assert list(got.mutation.remove_headers) == ["content-encoding"]


@pytest.mark.parametrize("encoding", ["gzip", "br", "none-such"])
async def test_an_answer_that_cannot_be_unpacked_is_not_the_clients_fault(encoding: str) -> None:
    said_by_envoy = (
        response_headers(JSON | {"content-encoding": encoding}),
        response_body(b"{}", ends=True),
    )
    closed = Answered(*said_by_envoy)
    error = await closed.refused()
    assert (error.status, error.code) == (503, "guard_failed")
    open_ = await Answered(*said_by_envoy, on_failure=OnFailure.OPEN).served()
    assert (open_.body, open_.ends) == (b"{}", [True])
    assert list(open_.mutation.remove_headers) == [], "it goes on as it came"
    assert closed.verdicts == open_.verdicts == [(Verdict.FAILED, "unreadable")]


async def test_an_answer_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_answer, "LARGEST_ANSWER", 1000)
    large = answer("x" * 1000)
    plain = Answered(response_headers(JSON), response_body(large), response_body(b"", ends=True))
    error = await plain.refused()
    assert (error.status, "too large" in error.message) == (502, True)
    packed = Answered(
        response_headers(JSON | {"content-encoding": "gzip"}),
        response_body(gzip.compress(large), ends=True),
    )
    assert (await packed.refused()).status == 503


async def test_a_whole_answer_that_is_blocked() -> None:
    got = Answered(response_headers(JSON), response_body(answer("an EXPLOIT"), ends=True))
    error = await got.refused()
    assert (error.status, error.code, error.message) == (400, "content_blocked", "No.")
    assert got.verdicts == [(Verdict.BLOCKED, "content_blocked")]


@pytest.mark.parametrize(
    ("body", "reason"), [(answer("FAIL SECRET-1234"), "unreachable"), (b"<html>", "malformed")]
)
async def test_a_guard_that_cannot_look_at_a_whole_answer(body: bytes, reason: str) -> None:
    said_by_envoy = (response_headers(JSON), response_body(body, ends=True))
    closed = Answered(*said_by_envoy)
    error = await closed.refused()
    assert (error.status, error.code) == (503, "guard_failed")
    open_ = await Answered(*said_by_envoy, on_failure=OnFailure.OPEN).served()
    assert (open_.body, open_.ends) == (body, [True])
    assert closed.verdicts == open_.verdicts == [(Verdict.FAILED, reason)]


async def test_an_answer_of_a_form_that_nobody_can_look_at() -> None:
    said_by_envoy = (
        response_headers({":status": "200", "content-type": "audio/mpeg"}),
        response_body(b"SECRET-1234"),
        response_body(b"...", ends=True),
    )
    closed = Answered(*said_by_envoy)
    assert (await closed.refused()).status == 503
    open_ = await Answered(*said_by_envoy, on_failure=OnFailure.OPEN).served()
    assert (open_.body, open_.ends) == (b"SECRET-1234...", [False, True])
    assert closed.verdicts == open_.verdicts == [(Verdict.FAILED, "unreadable")]


@pytest.mark.parametrize("status", ["302", "400", "429", "503"])
async def test_errors_go_by(status: str) -> None:
    body = answer("EXPLOIT SECRET-1234")
    got = await Answered(
        response_headers(JSON | {":status": status}), *in_pieces(body, size=9)
    ).served()
    assert got.body == body
    assert got.ends[-1]
    assert set_by(got.mutation) == {}
    assert got.reports == []


async def test_what_nobody_looks_at_goes_by() -> None:
    got = await Answered(
        response_headers(JSON), response_body(b"SECRET-1234"), TRAILERS, looked_at=False
    ).served()
    assert (got.body, got.ends) == (b"SECRET-1234", [False])
    assert got.kinds == ["response_headers", "response_body", "response_trailers"]


async def test_an_answer_without_a_body_goes_by() -> None:
    got = await Answered(response_headers({":status": "204"}, ends=True)).served()
    assert got.kinds == ["response_headers"]
    assert got.reports == []


@pytest.mark.parametrize("size", [5, 1 << 20])
@pytest.mark.parametrize("dialect", Dialect)
async def test_a_secret_is_taken_out_of_a_stream(dialect: Dialect, size: int) -> None:
    stream = SPEAKING[dialect](*"so SECRET-1234 it is, and SECRET-5678")
    got = await Answered(
        response_headers(EVENTS | {"content-length": "9"}),
        *in_pieces(stream, size),
        dialect=dialect,
    ).served()
    assert said(got.body) == "so [gone] it is, and [gone]"
    assert b"SECRET-" not in got.body
    assert got.ends[-1]
    assert not any(got.ends[:-1])
    assert {"content-encoding", "content-length"} <= set(got.mutation.remove_headers)
    assert got.verdicts == [(Verdict.CHANGED, None)]


async def test_a_packed_stream_goes_on_plain() -> None:
    packed = gzip.compress(chat(*"so SECRET-1234"))
    got = await Answered(
        response_headers(EVENTS | {"content-encoding": "gzip"}), *in_pieces(packed, size=20)
    ).served()
    assert said(got.body) == "so [gone]"


async def test_a_stream_that_is_no_gzip_ends_with_an_error() -> None:
    got = await Answered(
        response_headers(EVENTS | {"content-encoding": "gzip"}), response_body(chat("hello"))
    ).served()
    assert "gzip" in documents(got.body)[0]["error"]["message"]
    assert got.ends == [True]


async def test_an_event_that_never_ends_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extproc.dialects.sse.LARGEST_EVENT", 1_000_000)
    packed = gzip.compress(chat(*"so SECRET-1234") + b"data: " + b" " * 2_000_000)
    got = await Answered(
        response_headers(EVENTS | {"content-encoding": "gzip"}), response_body(packed)
    ).served()
    assert said(got.body) == "so [gone]"
    assert "larger than 1000000 bytes" in documents(got.body)[-1]["error"]["message"]
    assert got.ends[-1]


async def test_a_stream_in_an_encoding_that_nobody_asked_for() -> None:
    got = Answered(response_headers(EVENTS | {"content-encoding": "br"}), response_body(b"?"))
    assert (await got.refused()).status == 502


@pytest.mark.parametrize("dialect", Dialect)
async def test_a_stream_with_trailers(dialect: Dialect) -> None:
    stream = SPEAKING[dialect](*"so SECRET-1234")
    got = await Answered(
        response_headers(EVENTS), response_body(stream), TRAILERS, dialect=dialect
    ).served()
    assert said(got.body) == "so [gone]"
    assert not any(got.ends), "the trailers end it"
    assert got.kinds[-1] == "response_trailers"


def error_of(body: bytes, dialect: Dialect) -> dict[str, Any]:
    last: dict[str, Any] = documents(body)[-1]
    if dialect is not Dialect.CHAT:
        assert last["type"] == "error"
    error: dict[str, Any] = last if dialect is Dialect.RESPONSES else last["error"]
    return error


@pytest.mark.parametrize("dialect", Dialect)
async def test_a_stream_that_is_blocked_ends_with_an_error(dialect: Dialect) -> None:
    stream = SPEAKING[dialect](*"All is well until there is an EXPLOIT", " and more to come")
    begun, rest = stream[:-200], stream[-200:]
    got = await Answered(
        response_headers(EVENTS), response_body(begun), response_body(rest), dialect=dialect
    ).served()
    assert said(got.body).startswith("All is well")
    assert b"EXPLOIT" not in got.body
    assert error_of(got.body, dialect)["message"] == "No."
    assert got.ends == [True]
    assert got.envoy.unsaid == 1, "what comes after the end is not waited for"
    assert got.verdicts == [(Verdict.BLOCKED, "content_blocked")]
    if dialect is Dialect.RESPONSES:
        numbers = [each["sequence_number"] for each in documents(got.body)]
        assert numbers == [*range(len(numbers))]


@pytest.mark.parametrize("trailers", [False, True])
async def test_what_is_blocked_at_the_end_of_a_stream(trailers: bool) -> None:
    cut = chat("Then: EXPLOIT").partition(b"data: [DONE]")[0]
    unfinished = cut.replace(b'"stop"', b"null")
    ending = [TRAILERS] if trailers else [response_body(b"", ends=True)]
    got = await Answered(response_headers(EVENTS), response_body(unfinished), *ending).served()
    assert error_of(got.body, Dialect.CHAT)["code"] == "content_blocked"
    assert b"EXPLOIT" not in got.body
    assert got.ends[-1] is not trailers
    assert (got.kinds[-1] == "response_trailers") is trailers


@pytest.mark.parametrize("dialect", Dialect)
async def test_a_guard_that_fails_amid_a_stream(dialect: Dialect) -> None:
    stream = SPEAKING[dialect](*"All is well until you FAIL, as SECRET-1234 tells.")
    said_by_envoy = (response_headers(EVENTS), response_body(stream, ends=True))
    closed = await Answered(*said_by_envoy, dialect=dialect).served()
    assert "(unreachable)" in error_of(closed.body, dialect)["message"]
    assert "FAIL" not in said(closed.body)
    open_ = await Answered(*said_by_envoy, dialect=dialect, on_failure=OnFailure.OPEN).served()
    assert said(open_.body) == "All is well until you FAIL, as SECRET-1234 tells."
    assert closed.verdicts == open_.verdicts == [(Verdict.FAILED, "unreachable")]


@pytest.mark.parametrize(
    ("begun", "reports"),
    [
        ([], 0),
        ([response_headers(JSON), response_body(b'{"a":')], 0),
        ([response_headers(EVENTS), response_body(b"data: {}\n\ndata")], 0),
        (
            [
                response_headers(EVENTS),
                response_body(b'data: {"choices":[{"index":0,"delta":{"content":"hi"}}]}\n\n'),
            ],
            1,
        ),
        ([response_headers(JSON | {":status": "500"}), response_body(b"{")], 0),
    ],
)
async def test_envoy_may_leave_at_any_time(begun: list[dict[str, Any]], reports: int) -> None:
    """A guard that has looked at nothing has not let anything pass."""
    got = await Answered(*begun).served()
    assert not any(got.ends)
    assert len(got.reports) == reports


async def test_what_envoy_must_not_say() -> None:
    with pytest.raises(ProtocolError):
        await Answered(response_headers(JSON), response_headers(JSON)).served()
