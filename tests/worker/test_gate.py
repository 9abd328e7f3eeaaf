"""The gate holds a stream until its first content."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.errors import ClientError
from extproc.transport.wire import Message, ProcessingResponse
from extproc.worker import replies
from extproc.worker.deadlines import GateTerms
from extproc.worker.exchange import ProtocolError
from extproc.worker.gate import GateProcessor
from tests.helpers.envoy_stream import Envoy, response_headers
from tests.helpers.envoy_stream import response_body as body

RELEASED = [ProcessingResponse.FromString(replies.CONTINUE_RESPONSE)]
CONTENT = b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n'
ROLE = b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n'
ERROR = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n'


NOW = 1000.0
PATIENT = GateTerms(5)


def headers(
    *, ends: bool = False, terms: GateTerms | None = PATIENT, **values: str
) -> dict[str, Any]:
    given = {"status": "200", "content_type": "text/event-stream; charset=utf-8"} | values
    names = {"status": ":status", "content_type": "content-type"}
    told = response_headers(
        {names.get(name, name.replace("_", "-")): value for name, value in given.items()}, ends=ends
    )
    if terms is not None:
        fields = {"terms": {"string_value": terms.encode()}}
        told["metadata_context"] = {"filter_metadata": {"dragoman.gate": {"fields": fields}}}
    return told


async def gate(envoy: Envoy) -> list[Message]:
    await GateProcessor(lambda: NOW).serve(envoy)
    return envoy.heard


@pytest.mark.parametrize(
    "pieces",
    [
        [CONTENT],
        [ROLE, CONTENT],
        [ROLE + CONTENT],
        [CONTENT + ERROR],
        [b": ping\n\n", b"", ROLE, CONTENT[:20], CONTENT[20:]],
        [CONTENT.replace(b"\n", b"\r\n")],
    ],
)
async def test_content_releases(pieces: list[bytes]) -> None:
    assert await gate(Envoy(headers(), *map(body, pieces), waits=True)) == RELEASED


async def test_content_releases_also_when_it_is_all() -> None:
    assert await gate(Envoy(headers(), body(CONTENT, ends=True))) == RELEASED


async def test_nothing_is_read_once_content_is_seen() -> None:
    envoy = Envoy(headers(), body(CONTENT), body(CONTENT))
    await gate(envoy)
    assert envoy.unsaid == 1


@pytest.mark.parametrize(
    "pieces", [[ERROR], [ROLE, ERROR], [ROLE + ERROR + CONTENT], [b"data: <html>\n\n"]]
)
async def test_an_error_refuses(pieces: list[bytes]) -> None:
    envoy = Envoy(headers(), *map(body, pieces))
    with pytest.raises(ClientError, match="began with an error") as raised:
        await gate(envoy)
    assert (raised.value.status, raised.value.code) == (503, "error_first")
    assert envoy.heard == []


@pytest.mark.parametrize("pieces", [[b""], [ROLE, b""], [ROLE], [CONTENT[:-1]]])
async def test_an_end_without_content_refuses(pieces: list[bytes]) -> None:
    *earlier, last = pieces
    envoy = Envoy(headers(), *map(body, earlier), body(last, ends=True))
    with pytest.raises(ClientError, match="ended before any content") as raised:
        await gate(envoy)
    assert (raised.value.status, raised.value.code) == (502, "ended_without_content")
    assert envoy.heard == []


async def test_a_stream_of_headers_only_refuses() -> None:
    envoy = Envoy(headers(ends=True))
    with pytest.raises(ClientError, match="ended before any content") as raised:
        await gate(envoy)
    assert (raised.value.status, raised.value.code) == (502, "ended_without_content")
    assert envoy.heard == []


@pytest.mark.parametrize("pieces", [[], [body(ROLE)]])
@pytest.mark.parametrize("deadline", [None, NOW + 0.07])
async def test_silence_refuses_when_patience_has_ended(
    pieces: list[dict[str, Any]], deadline: float | None
) -> None:
    envoy = Envoy(headers(terms=GateTerms(0.05, deadline)), *pieces, waits=True)
    with pytest.raises(ClientError, match=r"no content within 0\.05 seconds") as raised:
        await gate(envoy)
    assert (raised.value.status, raised.value.code) == (504, "no_content_in_time")
    assert envoy.heard == []


@pytest.mark.parametrize("pieces", [[], [body(ROLE)]])
@pytest.mark.parametrize("terms", [GateTerms(5, NOW + 0.05), GateTerms(None, NOW - 3)])
async def test_silence_refuses_when_the_client_gives_up(
    pieces: list[dict[str, Any]], terms: GateTerms
) -> None:
    envoy = Envoy(headers(terms=terms), *pieces, waits=True)
    with pytest.raises(ClientError, match="within the time that this request allows") as raised:
        await gate(envoy)
    assert (raised.value.status, raised.value.code) == (504, "deadline")
    assert envoy.heard == []


async def test_without_limits_it_waits_for_content() -> None:
    assert await gate(Envoy(headers(terms=GateTerms(None)), body(CONTENT))) == RELEASED


@pytest.mark.parametrize(
    "other",
    [
        headers(status="503"),
        headers(status="201"),
        headers(content_type="application/json"),
        headers(content_type=""),
        headers(content_encoding="gzip"),
        headers(content_encoding="gzip", ends=True),
        headers(status="204", ends=True),
        {"response_headers": {}},
        headers(status="504", content_type="application/json", terms=None),
    ],
)
async def test_what_cannot_be_judged_passes(other: dict[str, Any]) -> None:
    assert await gate(Envoy(other, body(ERROR))) == RELEASED


async def test_identity_is_no_encoding() -> None:
    with pytest.raises(ClientError):
        await gate(Envoy(headers(content_encoding="identity"), body(ERROR)))


async def test_too_much_without_content_releases() -> None:
    comment = b":" + b"x" * 1022 + b"\n"
    envoy = Envoy(headers(), *[body(comment)] * 100, waits=True)
    assert await gate(envoy) == RELEASED
    assert 100 - envoy.unsaid == 65


@pytest.mark.parametrize("messages", [[], [headers()], [headers(), body(ROLE)]])
async def test_an_attempt_that_envoy_drops(messages: list[dict[str, Any]]) -> None:
    assert await gate(Envoy(*messages)) == []


@pytest.mark.parametrize(
    "messages",
    [
        [body(CONTENT)],
        [{"request_headers": {}}],
        [{}],
        [headers(), headers()],
        [headers(), {"response_trailers": {}}],
        [headers(), {}],
        [headers(terms=None), body(CONTENT)],
    ],
)
async def test_what_envoy_must_not_say(messages: list[dict[str, Any]]) -> None:
    with pytest.raises(ProtocolError):
        await gate(Envoy(*messages))


HELD = GateTerms(5, None, 5)
FINISH = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n'
DONE = b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [ROLE, CONTENT, FINISH, DONE],
        [ROLE + CONTENT + CONTENT, DONE],
        [CONTENT, FINISH],
        [CONTENT + FINISH + DONE],
        [CONTENT, b'event: x\ndata: {"type":"message_stop"}\n\n'],
        [CONTENT, b'data: {"type":"response.incomplete"}\n\n', ERROR],
    ],
)
async def test_a_held_stream_is_let_go_at_its_end(pieces: list[bytes]) -> None:
    *earlier, last = pieces
    envoy = Envoy(headers(terms=HELD), *map(body, earlier), body(last, ends=True))
    assert await gate(envoy) == RELEASED
    assert not envoy.unsaid


@pytest.mark.parametrize(
    ("pieces", "code"),
    [
        ([CONTENT, ERROR], "error_after_content"),
        ([CONTENT + ERROR], "error_after_content"),
        ([CONTENT, b"data: <html>\n\n"], "error_after_content"),
        ([CONTENT], "ended_unfinished"),
        ([CONTENT, CONTENT], "ended_unfinished"),
        ([ROLE], "ended_without_content"),
        ([ERROR], "error_first"),
    ],
)
async def test_a_held_stream_that_breaks_is_refused(pieces: list[bytes], code: str) -> None:
    *earlier, last = pieces
    envoy = Envoy(headers(terms=HELD), *map(body, earlier), body(last, ends=True))
    with pytest.raises(ClientError) as raised:
        await gate(envoy)
    assert raised.value.code == code
    assert envoy.heard == []


@pytest.mark.parametrize(
    "terms", [GateTerms(5, None, 0.05), GateTerms(5, NOW + 0.05, 5), GateTerms(None, None, 0.05)]
)
async def test_a_held_stream_is_let_go_when_time_is_up(terms: GateTerms) -> None:
    assert await gate(Envoy(headers(terms=terms), body(CONTENT), waits=True)) == RELEASED


async def test_a_held_stream_is_let_go_when_it_is_too_long() -> None:
    piece = body(b'data: {"x":"' + b"x" * 2**20 + b'"}\n\n')
    envoy = Envoy(headers(terms=HELD), body(CONTENT), *[piece] * 20, waits=True)
    assert await gate(envoy) == RELEASED
    assert envoy.unsaid == 4


async def test_a_held_stream_that_envoy_drops() -> None:
    assert await gate(Envoy(headers(terms=HELD), body(CONTENT))) == []
