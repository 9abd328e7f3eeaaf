"""Streams through guards: what is split is seen, what is kept is sent, all else passes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from extproc.core.aside import Aside
from extproc.core.guards import GuardReport, GuardSettings, OnFailure, Verdict
from extproc.errors import ClientError
from extproc.guards.answers import AnswerGuards
from extproc.guards.guard import AnswerGuard, Released, TextKind
from extproc.guards.requests import AnswerLook
from extproc.guards.streams import GuardedStream
from tests.helpers.event_streams import chat, chunk, documents, messages, responses, said
from tests.helpers.redacting import Redacting


class Guarded:
    """A stream and what is told of it."""

    def __init__(self, on_failure: OnFailure = OnFailure.CLOSED, guards: int = 1) -> None:
        self.guards = [Redacting() for _ in range(guards)]
        self.reports: list[GuardReport] = []
        settings = GuardSettings("g", on_failure=on_failure)
        places = [AnswerLook(settings, guard) for guard in self.guards]
        self.answer = AnswerGuards(places, "r", self.reports.append, Aside())
        self.stream = GuardedStream(self.answer)

    async def through(self, stream: bytes, size: int = 1 << 20) -> bytes:
        parts = [
            part
            for start in range(0, len(stream), size)
            async for part in self.stream.feed(stream[start : start + size])
        ]
        return b"".join([*parts, *[part async for part in self.stream.end()]])

    @property
    def verdicts(self) -> list[tuple[Verdict, str | None]]:
        self.answer.told()
        return [(each.verdict, each.reason) for each in self.reports[-1].verdicts]


DIALECTS = [chat, messages, responses]
TEXT = "Before SECRET-1234, amid SECRET-12345 and SECRET-, and SECRET-9999"
CLEAN = "Before [gone], amid [gone]5 and SECRET-, and [gone]"


@pytest.mark.parametrize("guards", [1, 2])
@pytest.mark.parametrize("size", [1, 100, 1 << 20])
@pytest.mark.parametrize("letters", [1, 3, 100])
@pytest.mark.parametrize("made", DIALECTS)
async def test_a_secret_is_seen_however_it_is_cut(
    made: Callable[..., bytes], letters: int, size: int, guards: int
) -> None:
    texts = [TEXT[start : start + letters] for start in range(0, len(TEXT), letters)]
    guarded = Guarded(guards=guards)
    out = await guarded.through(made(*texts), size)
    assert said(out) == CLEAN
    assert not re.search(rb"SECRET-\d{4}", out)
    assert guarded.verdicts[0] == (Verdict.CHANGED, None)


@pytest.mark.parametrize("made", DIALECTS)
async def test_all_but_the_text_passes_in_its_order(made: Callable[..., bytes]) -> None:
    stream = made(*TEXT)
    out = await Guarded().through(stream)
    assert len(documents(out)) in (len(documents(stream)), len(documents(stream)) + 1)
    kinds = [each.get("type") for each in documents(stream)]
    found = [each.get("type") for each in documents(out)]
    assert [*dict.fromkeys(found)] == [*dict.fromkeys(kinds)]
    last_lines = [one.rstrip().rpartition(b"\n\n")[2].splitlines()[0] for one in (out, stream)]
    assert last_lines[0] == last_lines[1]


@pytest.mark.parametrize("made", DIALECTS)
async def test_a_short_text_goes_out_before_its_end(made: Callable[..., bytes]) -> None:
    assert said(await Guarded().through(made("Hi"))) == "Hi"


async def test_events_stay_numbered_and_say_the_same_text_again() -> None:
    guarded = Guarded()
    out = documents(await guarded.through(responses(*TEXT)))
    assert [each["sequence_number"] for each in out] == [*range(len(out))]
    assert out[-1]["response"]["output"][0]["content"][0]["text"] == CLEAN
    assert [each["text"] for each in out if each["type"] == "response.output_text.done"] == [CLEAN]
    # What is said again is not looked at again: each look is a call of a filter.
    whole = [text for _, text in guarded.guards[0].seen if text == TEXT]
    assert whole == []


async def test_what_is_not_changed_is_not_touched() -> None:
    class Passing(AnswerGuard):
        async def text(self, kind: TextKind, text: str, *, ended: bool) -> Released:  # noqa: ARG002 - all may go
            return Released(text)

    guards = AnswerGuards([AnswerLook(GuardSettings("g"), Passing())], "r", print, Aside())
    stream = GuardedStream(guards)
    odd = (
        b': hello\r\n\r\nevent:ping\r\ndata:{"type" : "ping"}\r\n\r\ndata: {"a":\ndata: 1}\n\nrest'
    )
    odd = b'data: {"choices":[ {"delta":{"content":"Hi"},"logprobs":null} ]}\n\n' + odd
    parts = [part async for part in stream.feed(odd + messages("Hi", "!"))]
    assert b"".join(parts) + stream._cutter.rest() == odd + messages("Hi", "!")


async def test_logprobs_do_not_tell_what_was_taken_out() -> None:
    told = {"content": [{"token": "SECRET-1234", "logprob": -1}]}
    out = await Guarded().through(chunk({"content": "SECRET-1234"}, logprobs=told) + chat("x"))
    assert b"SECRET" not in out


async def test_texts_of_a_stream_are_kept_apart() -> None:
    stream = b"".join(
        [
            chunk({"content": "SECRET-"}),
            chunk({"content": "SEC"}, 1),
            chunk({"content": "1234"}),
            chunk({"content": "RET-1234"}, 1),
            chunk(
                {"tool_calls": [{"index": 0, "id": "a", "function": {"arguments": '{"a":"SEC'}}]}
            ),
            chunk({"tool_calls": [{"index": 0, "function": {"arguments": 'RET-1234"}'}}]}),
            chunk({"reasoning_content": "SECRET"}),
            chunk({"reasoning_content": "-1234"}, finish_reason="stop"),
            chunk({"content": "!"}, 1, finish_reason="stop"),
        ]
    )
    guarded = Guarded()
    out = await guarded.through(stream)
    assert b"1234" not in out
    calls = [
        call["function"]["arguments"]
        for each in documents(out)
        for choice in each["choices"]
        for call in choice["delta"].get("tool_calls", ())
    ]
    assert "".join(calls) == '{"a":"[gone]"}'
    kinds = {kind for kind, _ in guarded.guards[0].seen}
    assert kinds == {TextKind.TEXT, TextKind.ARGUMENTS, TextKind.REASONING}
    ends = [
        choice["index"]
        for each in documents(out)
        for choice in each["choices"]
        if choice["finish_reason"]
    ]
    assert ends == [0, 1]


@pytest.mark.parametrize("made", DIALECTS)
async def test_what_came_before_a_block_has_gone(made: Callable[..., bytes]) -> None:
    guarded = Guarded()
    passed = bytearray()

    async def read() -> None:
        async for part in guarded.stream.feed(made(*"All is well until the EXPLOIT comes.")):
            passed.extend(part)

    with pytest.raises(ClientError, match="No"):
        await read()
    assert said(bytes(passed)).startswith("All is well")
    assert b"EXPLOIT" not in passed
    assert guarded.verdicts == [(Verdict.BLOCKED, "content_blocked")]


async def test_a_guard_that_fails_amid_a_stream() -> None:
    stream = chat(*"All is well until you FAIL, as SECRET-1234 tells.")
    with pytest.raises(ClientError) as raised:
        await Guarded().through(stream)
    assert raised.value.code == "guard_failed"
    open_ = Guarded(OnFailure.OPEN)
    out = await open_.through(stream)
    assert said(out) == "All is well until you FAIL, as SECRET-1234 tells."
    assert open_.verdicts == [(Verdict.FAILED, "unreachable")]
    assert len([text for _, text in open_.guards[0].seen if "FAIL" in text]) == 1


async def test_halves_of_a_sign_are_looked_at_and_stay_what_they_are() -> None:
    stream = b"".join(
        b'data: {"choices":[{"index":0,"delta":{"content":"%b"}}]}\n\n' % text
        for text in (rb"my SECRET-", rb"1234 \ud83d", rb"\ude00")
    )

    out = await Guarded().through(stream + b"data: [DONE]\n\n")

    assert b"SECRET" not in out
    said = "".join(
        json.loads(line[6:])["choices"][0]["delta"]["content"]
        for line in out.decode().splitlines()
        if line.startswith("data: {")
    )
    assert said == "my [gone] \U0001f600"
    assert out.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("data", [b"SECRET-1234", b'{"text":"SECRET-1234"', b'["SECRET-1234"]'])
async def test_an_event_that_cannot_be_read_does_not_pass(data: bytes) -> None:
    with pytest.raises(ClientError, match="malformed"):
        await Guarded().through(b"data: %b\n\n" % data)

    event = b"data: %b\n\n" % data
    assert await Guarded(OnFailure.OPEN).through(event) == event


async def test_a_last_event_without_its_blank_line_is_looked_at() -> None:
    unfinished = chunk({"content": "so SECRET-1234"}).rstrip()
    out = await Guarded().through(unfinished)
    assert said(out + b"\n\n") == "so [gone]"


async def test_an_event_that_is_nested_too_deeply_to_look_at() -> None:
    deep = b'data: {"content":' + b"[" * 1000 + b'"SECRET-1234"' + b"]" * 1000 + b"}\n\n"
    with pytest.raises(ClientError) as raised:
        await Guarded().through(deep)
    assert (raised.value.status, raised.value.code) == (503, "guard_failed")
    open_ = Guarded(OnFailure.OPEN)
    assert await open_.through(deep) == deep
    assert open_.verdicts == [(Verdict.FAILED, "malformed")]
