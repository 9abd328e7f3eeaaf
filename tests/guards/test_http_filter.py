"""A guard that is asked over HTTP: what it is told, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping

import pytest

from extproc.core.aside import Aside
from extproc.core.guards import GuardSettings, HttpFilter, OnFailure, Side, Verdict
from extproc.core.models import Dialect
from extproc.guards.asking import Answer, Asking
from extproc.guards.guard import (
    Blocked,
    GuardedRequest,
    GuardError,
    Passed,
    Released,
    Replaced,
    TextKind,
)
from extproc.guards.http_filter import HttpGuard
from extproc.guards.looks import Look
from tests.helpers.filter_server import Command, FilterServer, filter_server

BODY = b'{"model":"m","messages":[{"role":"user","content":"hello SECRET-1234"}]}'
CLIENT = {
    ":path": "/v1/chat/completions?a=b",
    ":method": "POST",
    "content-type": "text/plain",
    "content-length": "7",
    "content-encoding": "gzip",
    "accept-encoding": "br",
    "host": "dragoman",
    "transfer-encoding": "chunked",
    "x-dragoman-deadline-ms": "3",
    "x-envoy-attempt-count": "1",
    "x-request-id": "r-1",
    "x-team": "red",
}
CREDENTIALS = {
    "authorization": "Bearer k",
    "cookie": "a=b",
    "x-api-key": "k",
    "x-session-token": "t",
    "client-secret": "s",
}


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    one = Asking()
    yield one
    await one.close()


@pytest.fixture
async def server() -> AsyncIterator[FilterServer]:
    async with filter_server() as one:
        yield one
        assert one.complaints == []


def guard_at(url: str, asking: Asking, *, trusted: bool = False, deadline: float = 5) -> HttpGuard:
    filter_ = HttpFilter(url, trusted)
    return HttpGuard(
        GuardSettings("asks", deadline=deadline, window=8, http=filter_), filter_, asking
    )


def request(body: bytes = BODY, dialect: Dialect = Dialect.CHAT) -> GuardedRequest:
    return GuardedRequest(
        "/v1/chat/completions", dialect, body, CLIENT | CREDENTIALS, "r-1", Aside()
    )


async def test_a_request_is_shown_whole_and_replaced(server: FilterServer, asking: Asking) -> None:
    verdict = await guard_at(server.url + "/", asking).look(request())
    assert verdict == Replaced(BODY.replace(b"SECRET-1234", b"[REDACTED]"))
    (shown,) = server.shown
    assert (shown.path, shown.body) == ("/guard/v1/chat/completions", BODY)


@pytest.mark.parametrize("trusted", [False, True])
async def test_it_is_told_the_clients_headers_but_no_credentials_unless_it_is_trusted(
    server: FilterServer, asking: Asking, trusted: bool
) -> None:
    await guard_at(server.url, asking, trusted=trusted).look(request())
    told = server.shown[0].headers
    assert {name: told[name] for name in CREDENTIALS if name in told} == (
        CREDENTIALS if trusted else {}
    )
    assert (told["x-team"], told["x-request-id"]) == ("red", "r-1")
    assert (told["content-type"], told["accept"]) == ("application/json",) * 2
    assert (told["host"], told["content-length"]) == (f"127.0.0.1:{server.port}", str(len(BODY)))
    assert not {"content-encoding", "transfer-encoding"} & set(told)


@pytest.mark.parametrize("command", ["work", "nothing"])
async def test_what_it_leaves_alone_passes(
    server: FilterServer, asking: Asking, command: Command
) -> None:
    server.command = command
    guard = guard_at(server.url, asking)
    assert await guard.look(request(b'{"a":"hello"}')) == Passed()
    answering = guard.answering(request())
    assert await answering.whole(b'{"a":"hello"}') == Passed()
    assert await answering.text(TextKind.TEXT, "hello", ended=True) == Released("hello")


async def test_what_it_refuses_is_blocked_with_its_status_and_not_its_words(
    server: FilterServer, asking: Asking
) -> None:
    guard = guard_at(server.url, asking)
    blocked = Blocked("This was blocked by the guard 'asks'.", status=400)
    body = b'{"a":"an exploit"}'
    assert await guard.look(request(body)) == blocked
    answering = guard.answering(request())
    assert await answering.whole(body) == blocked
    assert await answering.text(TextKind.TEXT, "an exploit", ended=True) == blocked


@pytest.mark.parametrize(
    ("command", "reason"),
    [("500", "status"), ("cut", "interrupted"), ("malformed", "malformed")],
)
async def test_a_filter_that_fails(
    server: FilterServer, asking: Asking, command: Command, reason: str
) -> None:
    server.command = command
    guard = guard_at(server.url, asking, trusted=True)
    answering = guard.answering(request())
    for looking in (
        guard.look(request()),
        answering.whole(BODY),
        answering.text(TextKind.TEXT, "SECRET-1234", ended=True),
    ):
        with pytest.raises(GuardError) as raised:
            await looking
        assert raised.value.reason == reason
        assert "SECRET" not in str(raised.value)
        assert "Bearer" not in repr(raised.value.__context__)
    server.command = "work"
    assert isinstance(await guard.look(request()), Replaced), "the next look is a new one"


async def test_nobody_listens(asking: Asking) -> None:
    async with filter_server() as gone:
        url = gone.url
    with pytest.raises(GuardError) as raised:
        await guard_at(url, asking).look(request())
    assert raised.value.reason == "unreachable"


async def test_a_filter_that_hangs_is_given_up_and_its_connection_with_it(
    server: FilterServer, asking: Asking
) -> None:
    server.command = "hang"
    settings = GuardSettings("asks", deadline=0.05, on_failure=OnFailure.OPEN)
    look = Look(settings, Side.INPUT, "r-1")
    assert await look.at(guard_at(server.url, asking).look(request())) == Passed()
    assert (look.verdict, look.reason) == (Verdict.FAILED, "timeout")
    server.command = "work"
    assert isinstance(await guard_at(server.url, asking).look(request()), Replaced)
    assert server.connections == 2


async def test_a_connection_is_kept(server: FilterServer, asking: Asking) -> None:
    for _ in range(3):
        await guard_at(server.url, asking).look(request())
    assert (len(server.shown), server.connections) == (3, 1)


async def test_an_answer_that_is_too_large_is_not_taken_in(
    server: FilterServer, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extproc.guards.asking.LARGEST_ANSWER", len(BODY) - 2)
    with pytest.raises(GuardError, match="too large") as raised:
        await guard_at(server.url, asking).look(request())
    assert raised.value.reason == "malformed"


PLACES = {
    (Dialect.CHAT, TextKind.TEXT): ("choices", 0, "delta", "content"),
    (Dialect.CHAT, TextKind.REASONING): ("choices", 0, "delta", "reasoning_content"),
    (Dialect.CHAT, TextKind.ARGUMENTS): (
        *("choices", 0, "delta", "tool_calls", 0, "function", "arguments"),
    ),
    (Dialect.MESSAGES, TextKind.TEXT): ("delta", "text"),
    (Dialect.MESSAGES, TextKind.REASONING): ("delta", "thinking"),
    (Dialect.MESSAGES, TextKind.ARGUMENTS): ("delta", "partial_json"),
    (Dialect.RESPONSES, TextKind.TEXT): ("delta",),
    (Dialect.RESPONSES, TextKind.REASONING): ("delta",),
    (Dialect.RESPONSES, TextKind.ARGUMENTS): ("delta",),
}


@pytest.mark.parametrize("kind", TextKind)
@pytest.mark.parametrize("dialect", Dialect)
async def test_a_piece_of_a_stream_is_shown_as_an_event_of_the_clients_dialect(
    server: FilterServer, asking: Asking, dialect: Dialect, kind: TextKind
) -> None:
    answering = guard_at(server.url, asking).answering(request(dialect=dialect))
    assert await answering.text(kind, 'so "SECRET-1234"\n', ended=True) == Released(
        'so "[REDACTED]"\n'
    )
    (shown,) = server.shown
    assert shown.path == "/guard/v1/chat/completions"
    assert (shown.headers["content-type"], shown.headers["accept"]) == ("text/event-stream",) * 2
    found = json.loads(shown.body.removeprefix(b"data: "))
    for step in PLACES[dialect, kind]:
        found = found[step]
    assert found == 'so "SECRET-1234"\n'


async def test_a_stream_is_shown_in_windows(server: FilterServer, asking: Asking) -> None:
    answering = guard_at(server.url, asking).answering(request())
    assert await answering.text(TextKind.TEXT, "x" * 15, ended=False) == Released("", "x" * 15)
    assert server.shown == [], "there may be more of it"
    released = await answering.text(TextKind.TEXT, "abcdefgh SECRET-", ended=False)
    assert released == Released("abcdefgh", " SECRET-")
    last = await answering.text(TextKind.TEXT, " SECRET-1234", ended=True)
    assert last == Released(" [REDACTED]")


async def test_an_answer_is_changed(server: FilterServer, asking: Asking) -> None:
    answering = guard_at(server.url, asking).answering(request())
    assert await answering.whole(BODY) == Replaced(BODY.replace(b"SECRET-1234", b"[REDACTED]"))
    assert server.shown[0].headers["x-team"] == "red"


class Saying(Asking):
    """Hears the same answer from everybody."""

    def __init__(self, status: int, body: bytes = b"") -> None:
        super().__init__()
        self._answer = Answer(status, {}, body)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:  # noqa: ARG002 - all hear the same
        return self._answer


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Passed()),
        (204, Passed()),
        (400, Blocked("This was blocked by the guard 'asks'.", status=400)),
        (451, Blocked("This was blocked by the guard 'asks'.", status=451)),
        (499, Blocked("This was blocked by the guard 'asks'.", status=499)),
        (302, None),
        (304, None),
        (500, None),
        (503, None),
    ],
)
async def test_what_its_status_means(status: int, verdict: Passed | Blocked | None) -> None:
    guard = guard_at("http://filter", Saying(status))
    if verdict is not None:
        assert await guard.look(request()) == verdict
        return
    with pytest.raises(GuardError, match=str(status)) as raised:
        await guard.look(request())
    assert raised.value.reason == "status"


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"null", b"{", b"[" * 100_000])
async def test_what_is_no_object_cannot_take_the_place_of_one(body: bytes) -> None:
    guard = guard_at("http://filter", Saying(200, body))
    for looking in (guard.look(request()), guard.answering(request()).whole(BODY)):
        with pytest.raises(GuardError, match="no JSON object"):
            await looking


@pytest.mark.parametrize(
    "event",
    [
        b"hello",
        b"data: hello\n\n",
        b"data: []\n\n",
        b'data: {"choices":[]}\n\n',
        b'data: {"choices":[{"delta":{"content":null}}]}\n\n',
        b'data: {"choices":[{"delta":{"content":7}}]}\n\n',
        b'data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: [DONE]\n\n',
    ],
)
async def test_an_event_that_holds_no_text_cannot_take_the_place_of_one(event: bytes) -> None:
    answering = guard_at("http://filter", Saying(200, event)).answering(request())
    with pytest.raises(GuardError) as raised:
        await answering.text(TextKind.TEXT, "hello", ended=True)
    assert raised.value.reason == "malformed"


async def test_a_piece_may_come_back_as_several_events_and_without_a_blank_line() -> None:
    event = 'data: {"choices":[{"delta":{"content":"%s"}}]}'
    events = f"{event % 'a'}\r\n\r\n{event % 'b'}".encode()
    answering = guard_at("http://filter", Saying(200, events)).answering(request())
    assert await answering.text(TextKind.TEXT, "hello", ended=True) == Released("ab")
