"""Streams of chat providers, read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
import pytest

from extproc.dialects.sse import EventReader
from extproc.dialects.translation.chat import TRANSLATOR
from extproc.dialects.translation.events import (
    Delta,
    Ended,
    Event,
    Failed,
    PartEnded,
    PartKind,
    PartStarted,
    Started,
    Stopped,
    Used,
)
from extproc.dialects.translation.form import Stop, Usage

STARTED = Started("c1", 5)


def chunk(delta: dict[str, Any] | None = None, reason: object = None, **members: Any) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
    return orjson.dumps({"id": "c1", "created": 5, "choices": choices, **members})


def tool(
    index: int | None, arguments: str = "", name: str = "", call_id: str = ""
) -> dict[str, Any]:
    call: dict[str, Any] = {"function": {"arguments": arguments}}
    if index is not None:
        call["index"] = index
    if name:
        call["function"]["name"] = name
    if call_id:
        call["id"] = call_id
    return {"tool_calls": [call]}


def read(*events: bytes, ends: bool = True) -> list[Event]:
    reader = TRANSLATOR.stream_reader()
    found = [event for data in events for event in reader.read(data)]
    return [*found, *reader.end()] if ends else found


DONE = b"[DONE]"
ROLE = chunk({"role": "assistant", "content": ""})
FINISH = chunk({}, "stop")
USAGE = chunk(usage={"prompt_tokens": 3, "completion_tokens": 2})


def said(key: int, *texts: str, kind: PartKind = PartKind.TEXT) -> list[Event]:
    return [PartStarted(key, kind), *(Delta(key, text) for text in texts), PartEnded(key)]


def test_text() -> None:
    assert read(ROLE, chunk({"content": "a"}), chunk({"content": "b"}), FINISH, USAGE, DONE) == [
        STARTED,
        *said(0, "a", "b"),
        Stopped(Stop.END),
        Used(Usage(3, 2)),
        Ended(),
    ]


def test_case_082_usage_in_every_chunk() -> None:
    first = chunk({"content": "a"}, usage={"prompt_tokens": 3, "completion_tokens": 1})
    events = read(first, FINISH, USAGE, DONE)
    assert [event for event in events if isinstance(event, Used)] == [
        Used(Usage(3, 1)),
        Used(Usage(3, 2)),
    ]


@pytest.mark.parametrize("data", [b'{"type":"ping"}', b"{}", b'{"choices":[]}', b'{"choices":3}'])
def test_case_083_what_means_nothing_is_nothing(data: bytes) -> None:
    assert read(data, ends=False) == []
    assert read(data, ROLE, data, FINISH, data) == [STARTED, Stopped(Stop.END), Ended()]


def test_case_084_an_error_after_content() -> None:
    error = b'{"error":{"message":"busy","type":"server_error","code":null}}'
    events = read(chunk({"content": "a"}), error, chunk({"content": "b"}), DONE)
    assert events[:3] == [STARTED, PartStarted(0, PartKind.TEXT), Delta(0, "a")]
    (failed,) = events[3:]
    assert isinstance(failed, Failed)
    assert (failed.failure.message, failed.failure.kind, failed.failure.status) == (
        "busy",
        "server_error",
        None,
    )


@pytest.mark.parametrize("ending", [(), (DONE,)], ids=["85", "85-done"])
def test_case_085_without_a_finish_reason_it_failed(ending: tuple[bytes, ...]) -> None:
    events = read(ROLE, chunk({"content": "a"}), *ending)
    assert isinstance(events[-1], Failed)
    assert not any(isinstance(event, Stopped | Ended) for event in events)
    assert isinstance(read(*ending)[-1], Failed)


def test_case_086_a_missing_done_is_no_failure() -> None:
    assert read(chunk({"content": "a"}), FINISH)[-1] == Ended()
    assert read(FINISH, DONE, ends=True).count(Ended()) == 1


def test_case_087_a_call_comes_first() -> None:
    assert read(chunk(tool(0, name="f", call_id="t1")), chunk({}, "tool_calls"), DONE) == [
        STARTED,
        PartStarted(0, PartKind.TOOL, "t1", "f"),
        PartEnded(0),
        Stopped(Stop.TOOLS),
        Ended(),
    ]


def test_cases_089_091_text_then_tools() -> None:
    events = read(
        chunk({"content": "a"}),
        chunk({"content": "", **tool(0, name="f", call_id="t1")}),
        chunk({"content": "", **tool(0, "{")}),
        chunk({"content": ""}),
        chunk(tool(0, "}")),
        chunk({}, "tool_calls"),
    )
    assert events == [
        STARTED,
        *said(0, "a"),
        PartStarted(1, PartKind.TOOL, "t1", "f"),
        Delta(1, "{"),
        Delta(1, "}"),
        PartEnded(1),
        Stopped(Stop.TOOLS),
        Ended(),
    ]


def test_case_090_calls_in_turns() -> None:
    events = read(
        chunk(tool(0, name="f", call_id="t1")),
        chunk(tool(1, name="g", call_id="t2")),
        chunk(tool(0, "a")),
        chunk(tool(1, "b")),
        chunk(tool(0, "c")),
        chunk({}, "stop"),
    )
    assert events == [
        STARTED,
        PartStarted(0, PartKind.TOOL, "t1", "f"),
        PartStarted(1, PartKind.TOOL, "t2", "g"),
        Delta(0, "a"),
        Delta(1, "b"),
        Delta(0, "c"),
        PartEnded(0),
        PartEnded(1),
        Stopped(Stop.TOOLS),
        Ended(),
    ]


def test_case_092_arguments_before_the_name_are_held() -> None:
    events = read(chunk(tool(0, '{"a"')), chunk(tool(0, ":1}", "f", "t1")), chunk({}, "tool_calls"))
    assert events[1:3] == [PartStarted(0, PartKind.TOOL, "t1", "f"), Delta(0, '{"a":1}')]


def test_case_092_what_is_held_is_bounded() -> None:
    reader = TRANSLATOR.stream_reader()
    events: list[Event] = []
    for _ in range(6):
        events.extend(reader.read(chunk(tool(0, "x" * 1_000_000))))
    assert isinstance(events[-1], Failed)
    assert sum(isinstance(event, Failed) for event in events) == 1


def test_nothing_comes_after_a_failure() -> None:
    flood = {"index": 0, "function": {"arguments": "x" * 5_000_000}}
    named = {"index": 1, "id": "t", "function": {"name": "f", "arguments": "{}"}}
    (_, failed) = read(chunk({"tool_calls": [flood, named]}, "tool_calls"), USAGE, DONE)
    assert isinstance(failed, Failed)


def test_a_call_without_a_name_failed() -> None:
    assert isinstance(read(chunk(tool(0, "{}")), chunk({}, "tool_calls"))[-1], Failed)
    assert read(chunk(tool(0)), FINISH)[-1] == Ended()


def test_case_093_usage_after_the_finish() -> None:
    assert read(FINISH, USAGE, DONE)[-3:] == [Stopped(Stop.END), Used(Usage(3, 2)), Ended()]


def test_case_094_thoughts_and_text_in_one_chunk() -> None:
    for name in ("reasoning_content", "reasoning"):
        events = read(chunk({"content": "a", name: "hm"}), FINISH)
        assert events[1:-2] == [*said(0, "hm", kind=PartKind.REASONING), *said(1, "a")]


def test_both_names_of_thoughts_are_told_once() -> None:
    events = read(chunk({"reasoning": "hm", "reasoning_content": "hm"}), FINISH)
    assert events[1:-2] == said(0, "hm", kind=PartKind.REASONING)


def test_a_refusal() -> None:
    events = read(chunk({"refusal": "No."}), FINISH)
    assert events[1:-1] == [*said(0, "No.", kind=PartKind.REFUSAL), Stopped(Stop.END)]


def test_calls_without_an_index_and_under_one_index() -> None:
    for index in (None, 0):
        events = read(
            chunk(tool(index, "{}", "f", "t1")),
            chunk(tool(index, "[]", "g", "t2")),
            chunk({}, "stop"),
        )
        assert [event for event in events if isinstance(event, PartStarted | Delta)] == [
            PartStarted(0, PartKind.TOOL, "t1", "f"),
            Delta(0, "{}"),
            PartStarted(1, PartKind.TOOL, "t2", "g"),
            Delta(1, "[]"),
        ]


def test_ids_that_are_missing_are_the_writers_to_make_up() -> None:
    events = read(chunk(tool(0, "{}", "f")), chunk(tool(1, "{}", "g")), chunk({}, "stop"))
    ids = [event.id for event in events if isinstance(event, PartStarted)]
    assert ids == ["", ""]


def test_an_id_and_a_name_in_every_chunk() -> None:
    events = read(
        chunk(tool(0, "{", "f", "t1")), chunk(tool(0, "}", "f", "t1")), chunk({}, "tool_calls")
    )
    assert events[1:4] == [
        PartStarted(0, PartKind.TOOL, "t1", "f"),
        Delta(0, "{"),
        Delta(0, "}"),
    ]


def test_an_old_function_call() -> None:
    events = read(
        chunk({"function_call": {"name": "f", "arguments": ""}}),
        chunk({"function_call": {"arguments": "{}"}}),
        chunk({}, "function_call"),
    )
    assert events[1:4] == [
        PartStarted(0, PartKind.TOOL, "", "f"),
        Delta(0, "{}"),
        PartEnded(0),
    ]


def test_another_answer_than_the_first_is_passed_over() -> None:
    other = {"id": "c1", "created": 5, "choices": [{"index": 1, "delta": {"content": "no"}}]}
    assert read(orjson.dumps(other), ends=False) == []


def test_azures_first_chunk_does_not_start_the_answer() -> None:
    first = orjson.dumps({"id": "", "choices": [], "prompt_filter_results": []})
    assert read(first, ROLE, ends=False) == [STARTED]


@pytest.mark.parametrize("data", [b"<html>", b"[]", b"3", b"", b"\xff", b"[" * 3000])
def test_what_is_no_event_failed(data: bytes) -> None:
    (failed,) = read(data)
    assert isinstance(failed, Failed)
    assert failed.failure.status is None


@pytest.mark.parametrize(
    "delta",
    [
        {"tool_calls": [3]},
        {"tool_calls": {"a": 1}},
        {"tool_calls": [{"index": [], "function": 3}]},
        {"tool_calls": [{"index": 2**60, "id": 3, "function": {"name": 3, "arguments": []}}]},
        {"function_call": 3},
        {"content": 3, "refusal": [], "reasoning_content": {}},
        {"content": [3, {"type": "thinking", "thinking": 3}]},
    ],
)
def test_hostile_deltas_mean_nothing(delta: dict[str, Any]) -> None:
    assert read(chunk(delta), FINISH) == [STARTED, Stopped(Stop.END), Ended()]


GOLDEN = (
    b"\xef\xbb\xbf: hello\r\n\r\n"
    + b"".join(
        b"data: " + data + b"\r\n\r\n"
        for data in (
            ROLE,
            chunk({"reasoning_content": "Grü"}),
            chunk({"content": "ße 🌍"}),
            chunk(tool(0, "", "f", "t1")),
            chunk(tool(0, '{"ü":1}')),
            chunk({}, "tool_calls"),
            USAGE,
        )
    )
    + b"data:[DONE]\n\n"
)


def _through(pieces: Iterable[bytes]) -> list[Event]:
    cutter, reader = EventReader(), TRANSLATOR.stream_reader()
    events = [
        event for piece in pieces for data in cutter.feed(piece) for event in reader.read(data)
    ]
    return [*events, *reader.end()]


def test_case_098_cut_anywhere_it_is_the_same() -> None:
    whole = _through([GOLDEN])
    assert whole[-1] == Ended()
    assert len(whole) == 13
    for cut in range(len(GOLDEN)):
        assert _through([GOLDEN[:cut], GOLDEN[cut:]]) == whole
    assert _through(GOLDEN[at : at + 1] for at in range(len(GOLDEN))) == whole
