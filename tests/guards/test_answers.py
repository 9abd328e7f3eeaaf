"""The guards of one answer: whole ones text by text, running texts, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from extproc.core.aside import Aside
from extproc.core.guards import GuardReport, GuardSettings, OnFailure, Side, Verdict
from extproc.dialects.answer_texts import TextKind
from extproc.errors import ClientError
from extproc.guards.answers import AnswerGuards, RunningText, answer_guards
from extproc.guards.guard import (
    AnswerGuard,
    Blocked,
    GuardError,
    Passed,
    Released,
    Replaced,
    WholeVerdict,
)
from extproc.guards.requests import AnswerLook
from tests.helpers.redacting import Redacting


class Whole(AnswerGuard):
    """Says this of whole answers."""

    def __init__(self, verdict: Callable[[bytes], WholeVerdict]) -> None:
        self._verdict = verdict

    async def whole(self, body: bytes) -> WholeVerdict:
        return self._verdict(body)

    async def text(self, *_: object, **__: object) -> Released:
        raise AssertionError("whole answers are not looked at text by text")


class Looked:
    """Guards of one answer, and what they told."""

    def __init__(self, *guards: AnswerGuard, on_failure: OnFailure = OnFailure.CLOSED) -> None:
        self._reports: list[GuardReport] = []
        places = [
            AnswerLook(GuardSettings(f"g{number}", on_failure=on_failure), guard)
            for number, guard in enumerate(guards)
        ]
        self.guards = AnswerGuards(places, "r-1", self._reports.append, Aside())

    @property
    def verdicts(self) -> list[tuple[str, Verdict, str | None]]:
        self._reports.clear()
        self.guards.told()
        (report,) = self._reports
        assert report.request_id == "r-1"
        assert {each.side for each in report.verdicts} == {Side.OUTPUT}
        return [(each.guard, each.verdict, each.reason) for each in report.verdicts]


CHAT = {
    "choices": [
        {
            "message": {
                "role": "assistant",
                "content": "a SECRET-1234",
                "reasoning_content": "SECRET-1111?",
                "tool_calls": [
                    {
                        "id": "SECRET-5678",
                        "function": {"name": "f", "arguments": '{"a":"SECRET-9"}'},
                    }
                ],
            },
            "logprobs": {"content": [{"token": "SECRET-1234"}]},
        }
    ]
}


def test_nobody_looks_where_there_are_no_guards() -> None:
    assert answer_guards((), "r-1", lambda _: None, Aside()) is None


async def test_every_text_of_a_whole_answer_is_looked_at_as_what_it_is() -> None:
    guard = Redacting()
    looked = Looked(guard)
    changed = json.loads(await looked.guards.whole(json.dumps(CHAT).encode()))
    message = changed["choices"][0]["message"]
    assert (message["content"], message["reasoning_content"]) == ("a [gone]", "[gone]?")
    assert message["tool_calls"][0]["id"] == "SECRET-5678", "a name is no text"
    assert changed["choices"][0]["logprobs"] is None, "they say the text once more"
    assert guard.seen == [
        (TextKind.TEXT, "a SECRET-1234"),
        (TextKind.REASONING, "SECRET-1111?"),
        (TextKind.ARGUMENTS, '{"a":"SECRET-9"}'),
    ]
    assert looked.verdicts == [("g0", Verdict.CHANGED, None)]


async def test_what_is_left_alone_keeps_its_bytes() -> None:
    body = b'{ "choices": [{"message": {"content": "hello"}, "logprobs": {"content": [1]}}]}'
    looked = Looked(Redacting(), Whole(lambda _: Passed()), Whole(Replaced))
    assert await looked.guards.whole(body) == body
    assert [verdict for _, verdict, _ in looked.verdicts] == [Verdict.PASSED] * 3


async def test_each_looks_at_what_those_before_it_made() -> None:
    seen: list[bytes] = []

    def replace(body: bytes) -> WholeVerdict:
        seen.append(body)
        return Replaced(b'{"content":"SECRET-1234"}')

    looked = Looked(Redacting(), Whole(replace), Redacting())
    body = await looked.guards.whole(b'{"content":"SECRET-9999"}')
    assert seen == [b'{"content":"[gone]"}']
    assert body == b'{"content":"[gone]"}'
    assert [verdict for _, verdict, _ in looked.verdicts] == [Verdict.CHANGED] * 3


@pytest.mark.parametrize(
    "guard", [Redacting(), Whole(lambda _: Blocked("No.", status=403, code="why"))]
)
async def test_a_whole_answer_that_is_blocked(guard: AnswerGuard) -> None:
    never = Redacting()
    looked = Looked(guard, never)
    with pytest.raises(ClientError, match="No") as raised:
        await looked.guards.whole(b'{"content":"EXPLOIT"}')
    status, code = (400, "content_blocked") if isinstance(guard, Redacting) else (403, "why")
    assert (raised.value.status, raised.value.code) == (status, code)
    assert never.seen == []
    assert looked.verdicts == [("g0", Verdict.BLOCKED, code)]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"output_text":"SECRET-1234","content":"FAIL"}', "unreachable"),
        (b"<html>SECRET-1234", "malformed"),
        (b"<html>" * 300_000, "malformed"),
    ],
)
async def test_an_answer_that_a_guard_fails_to_look_at(body: bytes, reason: str) -> None:
    closed = Looked(Redacting())
    with pytest.raises(ClientError) as raised:
        await closed.guards.whole(body)
    assert (raised.value.status, raised.value.code) == (503, "guard_failed")
    assert "this answer" in raised.value.message
    assert "SECRET" not in raised.value.message
    assert closed.verdicts == [("g0", Verdict.FAILED, reason)]

    open_ = Looked(Redacting(), Whole(Replaced), on_failure=OnFailure.OPEN)
    assert await open_.guards.whole(body) == body, "of a look that failed nothing is left"
    assert [verdict for _, verdict, _ in open_.verdicts] == [Verdict.FAILED, Verdict.PASSED]


async def test_a_large_answer_is_looked_at_too() -> None:
    large = json.dumps({"content": ["word " * 300_000, "SECRET-1234"]}).encode()
    changed = json.loads(await Looked(Redacting()).guards.whole(large))
    assert changed["content"][1] == "[gone]"


async def test_a_form_that_nobody_can_look_at() -> None:
    with pytest.raises(ClientError) as raised:
        await Looked(Redacting(), Redacting()).guards.cannot_look("unreadable", "sound")
    assert (raised.value.status, "'g0'" in raised.value.message) == (503, True)
    open_ = Looked(Redacting(), Redacting(), on_failure=OnFailure.OPEN)
    await open_.guards.cannot_look("unreadable", "sound")
    assert open_.verdicts == [(name, Verdict.FAILED, "unreadable") for name in ("g0", "g1")]


async def said(looked: Looked, *pieces: str) -> list[str]:
    running = RunningText()
    return [
        await looked.guards.text(running, TextKind.TEXT, piece, ended=number == len(pieces))
        for number, piece in enumerate(pieces, 1)
    ]


@pytest.mark.parametrize("guards", [1, 2, 3])
async def test_a_running_text_is_kept_back_until_it_was_seen_as_one(guards: int) -> None:
    looked = Looked(*(Redacting() for _ in range(guards)))
    parts = await said(looked, *"Before SECRET-1234 and behind it, and more")
    assert "".join(parts) == "Before [gone] and behind it, and more"
    assert parts[:12] == [""] * 12, "the beginning waits for what may belong to it"
    assert looked.verdicts[0] == ("g0", Verdict.CHANGED, None)
    assert {verdict for _, verdict, _ in looked.verdicts[1:]} <= {Verdict.PASSED}


async def test_an_open_guard_that_failed_is_asked_no_more_and_loses_nothing() -> None:
    guard = Redacting()
    looked = Looked(guard, on_failure=OnFailure.OPEN)
    text = "It does FAIL here, and so SECRET-1234 goes on."
    assert "".join(await said(looked, *text)) == text
    assert len(guard.seen) == 1
    assert looked.verdicts == [("g0", Verdict.FAILED, "unreachable")]


async def test_a_guard_that_does_not_know_how_it_fails() -> None:
    class Broken(AnswerGuard):
        async def text(self, kind: TextKind, text: str, *, ended: bool) -> Released | Blocked:
            raise GuardError("busy", "later") if ended else KeyError(f"{kind} {text}")

    for pieces, reason in ((("SECRET", ""), "error"), (("SECRET",), "busy")):
        looked = Looked(Broken())
        with pytest.raises(ClientError) as raised:
            await said(looked, *pieces)
        assert (raised.value.status, "SECRET" in raised.value.message) == (503, False)
        assert looked.verdicts == [("g0", Verdict.FAILED, reason)]
