"""The guards of requests: their order, their deadlines, and what becomes of requests when they
fail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from extproc.core.aside import Aside
from extproc.core.guards import GuardReport, GuardSettings, OnFailure, Side, Verdict
from extproc.core.models import Dialect
from extproc.errors import ClientError
from extproc.guards.guard import (
    AnswerGuard,
    Blocked,
    GuardedRequest,
    GuardError,
    Passed,
    Released,
    Replaced,
    RequestVerdict,
    TextKind,
)
from extproc.guards.requests import InputPlace, OutputPlace, RequestGuards

BODY = b'{"model":"m","messages":[]}'


class Keeper(AnswerGuard):
    def __init__(self, request: GuardedRequest) -> None:
        self.request = request

    async def text(self, kind: TextKind, text: str, *, ended: bool) -> Released:  # noqa: ARG002 - all may go
        return Released(text)


class Doing:
    """A guard that does what it is told to, and remembers what it was shown."""

    def __init__(self, what: Callable[[GuardedRequest], Awaitable[RequestVerdict]]) -> None:
        self._what = what
        self.shown: list[bytes] = []

    async def look(self, request: GuardedRequest) -> RequestVerdict:
        self.shown.append(request.body)
        return await self._what(request)

    def answering(self, request: GuardedRequest) -> AnswerGuard:
        return Keeper(request)


def saying(verdict: RequestVerdict) -> Doing:
    async def say(_: GuardedRequest) -> RequestVerdict:
        return verdict

    return Doing(say)


def failing(error: Exception) -> Doing:
    async def fail(_: GuardedRequest) -> RequestVerdict:
        raise error

    return Doing(fail)


async def hang(_: GuardedRequest) -> RequestVerdict:
    await asyncio.sleep(60)
    return Passed()


def request() -> GuardedRequest:
    return GuardedRequest("/v1/chat/completions", Dialect.CHAT, BODY, {}, "r-1", Aside())


def settings(name: str, on_failure: OnFailure = OnFailure.CLOSED) -> GuardSettings:
    return GuardSettings(name, deadline=0.05, on_failure=on_failure)


class Reports:
    def __init__(self, *places: InputPlace, outputs: tuple[OutputPlace, ...] = ()) -> None:
        self.all: list[GuardReport] = []
        self.guards = RequestGuards(places, outputs, self.all.append)

    @property
    def verdicts(self) -> list[tuple[str, Verdict, str | None]]:
        (report,) = self.all
        assert report.request_id == "r-1"
        return [(each.guard, each.verdict, each.reason) for each in report.verdicts]


async def test_guards_look_in_turn_at_what_those_before_them_made() -> None:
    first, second = saying(Replaced(b'{"a":1}')), saying(Passed())
    last = saying(Replaced(b'{"a":1}'))
    reports = Reports(
        InputPlace(settings("one"), first),
        InputPlace(settings("two"), second),
        InputPlace(settings("three"), last),
    )
    began = time.perf_counter()
    guarded = await reports.guards.look(request())
    took = time.perf_counter() - began
    assert guarded.body == b'{"a":1}'
    assert (first.shown, second.shown, last.shown) == ([BODY], [b'{"a":1}'], [b'{"a":1}'])
    assert reports.verdicts == [
        ("one", Verdict.CHANGED, None),
        ("two", Verdict.PASSED, None),
        ("three", Verdict.PASSED, None),
    ]
    assert 0 < sum(each.seconds for each in reports.all[0].verdicts) <= took
    assert {each.side for each in reports.all[0].verdicts} == {Side.INPUT}


async def test_what_is_left_alone_has_no_new_body() -> None:
    reports = Reports(InputPlace(settings("one"), saying(Passed())))
    guarded = await reports.guards.look(request())
    assert guarded.body is None
    assert guarded.answer == ()
    assert not reports.guards.look_at_answers


async def test_a_block_ends_the_request_and_is_told() -> None:
    never = saying(Passed())
    reports = Reports(
        InputPlace(settings("one"), saying(Blocked("Not like this.", status=403))),
        InputPlace(settings("two"), never),
    )
    with pytest.raises(ClientError, match="Not like this") as raised:
        await reports.guards.look(request())
    assert (raised.value.status, raised.value.code) == (403, "content_blocked")
    assert never.shown == []
    assert reports.verdicts == [("one", Verdict.BLOCKED, "content_blocked")]


@pytest.mark.parametrize(
    ("guard", "reason"),
    [
        (Doing(hang), "timeout"),
        (failing(GuardError("unreachable", "no connection")), "unreachable"),
        (failing(KeyError("secret words")), "error"),
    ],
)
async def test_a_guard_that_fails(guard: Doing, reason: str) -> None:
    closed = Reports(InputPlace(settings("one"), guard))
    with pytest.raises(ClientError) as raised:
        await closed.guards.look(request())
    assert (raised.value.status, raised.value.code) == (503, "guard_failed")
    assert "'one'" in raised.value.message
    assert reason in raised.value.message
    assert "secret" not in raised.value.message
    assert closed.verdicts == [("one", Verdict.FAILED, reason)]

    open_ = Reports(
        InputPlace(settings("one", OnFailure.OPEN), guard),
        InputPlace(settings("two"), saying(Replaced(b"{}"))),
    )
    assert (await open_.guards.look(request())).body == b"{}"
    assert open_.verdicts == [("one", Verdict.FAILED, reason), ("two", Verdict.CHANGED, None)]


async def test_the_answer_is_looked_at_by_its_guards_and_then_by_what_those_of_requests_left() -> (
    None
):
    shown = request()
    first, last = Keeper(shown), Keeper(shown)
    reports = Reports(
        InputPlace(settings("one"), saying(Replaced(b"{}", first))),
        InputPlace(settings("two"), saying(Passed(last))),
        outputs=(OutputPlace(settings("three"), saying(Passed())),),
    )
    guarded = await reports.guards.look(shown)
    assert [place.settings.name for place in guarded.answer] == ["three", "two", "one"]
    assert [place.guard for place in guarded.answer[1:]] == [last, first]
    (output, *_) = guarded.answer
    assert isinstance(output.guard, Keeper)
    assert output.guard.request.body == b"{}"
    assert reports.guards.look_at_answers


async def test_a_document_is_read_once_and_in_whole() -> None:
    long = "x" * 2_000_000
    small = request()
    assert await small.document() is await small.document()
    large = small.with_body(b'{"messages":[{"content":"%b"}]}' % long.encode())
    assert (await large.document())["messages"][0]["content"] == long
    with pytest.raises(ValueError, match="line 1"):
        await small.with_body(b"nonsense").document()
