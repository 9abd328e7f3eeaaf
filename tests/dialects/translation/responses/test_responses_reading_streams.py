"""What a provider of the responses dialect streams."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

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
from extproc.dialects.translation.form import Failure, Stop, Usage
from extproc.dialects.translation.responses import TRANSLATOR
from tests.dialects.translation.responses.responses_sdk import stream, told_by

RESPONSE = {"id": "resp_1", "created_at": 1_700, "output": []}
USAGE = {
    "input_tokens": 10,
    "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 2},
    "total_tokens": 15,
}
TOLD_USAGE = Used(Usage(10, 5, 4, 0, 2))
CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": ""}


def _sse(*events: dict[str, Any]) -> bytes:
    return b"".join(
        b"event: %b\ndata: %b\n\n" % (event["type"].encode(), orjson.dumps(event))
        for event in events
    )


def _created() -> dict[str, Any]:
    return {"type": "response.created", "response": RESPONSE}


def _event(kind: str, output: int = 0, **members: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", "output_index": output, **members}


def _completed(status: str = "completed", **members: Any) -> dict[str, Any]:
    response = {**RESPONSE, "status": status, "usage": USAGE, **members}
    return {"type": f"response.{status}", "response": response}


def _call_events(output: int, call: dict[str, Any], *pieces: str) -> list[dict[str, Any]]:
    arguments = "".join(pieces)
    return [
        _event("output_item.added", output, item=call),
        *(_event("function_call_arguments.delta", output, delta=piece) for piece in pieces),
        _event("function_call_arguments.done", output, arguments=arguments),
        _event("output_item.done", output, item={**call, "arguments": arguments}),
    ]


def _text_events(output: int, *pieces: str) -> list[dict[str, Any]]:
    part = {"type": "output_text", "text": "".join(pieces), "annotations": []}
    message = {"type": "message", "id": "msg_1", "content": [part]}
    return [
        _event("output_item.added", output, item={**message, "content": []}),
        _event("content_part.added", output, content_index=0, part={**part, "text": ""}),
        *(_event("output_text.delta", output, content_index=0, delta=piece) for piece in pieces),
        _event("output_text.done", output, content_index=0, text=part["text"]),
        _event("content_part.done", output, content_index=0, part=part),
        _event("output_item.done", output, item=message),
    ]


def _reasoning_events(output: int) -> list[dict[str, Any]]:
    def told(kind: str, section: int, **members: Any) -> dict[str, Any]:
        return _event(f"reasoning_summary_{kind}", output, summary_index=section, **members)

    item = {
        "type": "reasoning",
        "id": "rs_1",
        "encrypted_content": "xyz",
        "summary": [
            {"type": "summary_text", "text": "one"},
            {"type": "summary_text", "text": "two"},
        ],
    }
    return [
        _event("output_item.added", output, item={**item, "summary": []}),
        told("part.added", 0, part={"type": "summary_text", "text": ""}),
        told("text.delta", 0, delta="o"),
        told("text.delta", 0, delta="ne"),
        told("text.done", 0, text="one"),
        told("text.delta", 1, delta="two"),
        _event("output_item.done", output, item=item),
    ]


GOLDEN = _sse(
    _created(),
    {"type": "response.in_progress", "response": RESPONSE},
    *_reasoning_events(0),
    *_text_events(1, "Grü", "ße"),
    *_call_events(2, CALL, '{"a":', "1}"),
    _completed(),
)
TOLD: list[Event] = [
    Started("resp_1", 1_700),
    PartStarted(0, PartKind.REASONING),
    Delta(0, "o"),
    Delta(0, "ne"),
    Delta(0, "\n\ntwo"),
    PartEnded(0, encrypted="xyz"),
    PartStarted(1, PartKind.TEXT),
    Delta(1, "Grü"),
    Delta(1, "ße"),
    PartEnded(1),
    PartStarted(2, PartKind.TOOL, "c1", "f"),
    Delta(2, '{"a":'),
    Delta(2, "1}"),
    PartEnded(2),
    TOLD_USAGE,
    Stopped(Stop.TOOLS),
    Ended(),
]


def test_case_097_arguments_that_are_repeated_count_once() -> None:
    assert stream(GOLDEN) == TOLD


@pytest.mark.unmeasured  # the same lines at every byte
def test_case_098_wherever_the_bytes_are_cut() -> None:
    assert all(stream(GOLDEN, at) == TOLD for at in range(len(GOLDEN)))


def test_case_098_line_ends_names_and_marks_do_not_matter() -> None:
    crlf = b"\xef\xbb\xbf: comment\r\n" + GOLDEN.replace(b"\n", b"\r\n").replace(b": {", b":{")
    assert stream(crlf, 1, 2, 50) == TOLD


def test_what_only_an_items_end_tells_counts() -> None:
    told = stream(
        _sse(
            _created(),
            _event("output_item.done", 0, item={**CALL, "arguments": "{}"}),
            _text_events(1, "a")[-1],
            _completed(),
        )
    )
    assert told[1:7] == [
        PartStarted(0, PartKind.TOOL, "c1", "f"),
        Delta(0, "{}"),
        PartEnded(0),
        PartStarted(1, PartKind.TEXT),
        Delta(1, "a"),
        PartEnded(1),
    ]


def test_what_only_the_end_tells_counts() -> None:
    told = stream(_sse(_completed(output=[{**CALL, "arguments": "{}"}])))
    assert told == [
        Started("resp_1", 1_700),
        PartStarted(0, PartKind.TOOL, "c1", "f"),
        Delta(0, "{}"),
        PartEnded(0),
        TOLD_USAGE,
        Stopped(Stop.TOOLS),
        Ended(),
    ]


def test_what_the_end_repeats_counts_once() -> None:
    message = _text_events(0, "a")[-1]["item"]
    told = stream(_sse(_created(), *_text_events(0, "a"), _completed(output=[message])))
    assert [event for event in told if isinstance(event, Delta)] == [Delta(0, "a")]


def test_case_092_a_call_is_held_until_its_name_is_known() -> None:
    nameless = {**CALL, "name": None}
    events = _call_events(0, CALL, "{}")
    events[0] = _event("output_item.added", 0, item=nameless)
    told = stream(_sse(_created(), *events, _completed()))
    assert told[1:4] == [PartStarted(0, PartKind.TOOL, "c1", "f"), Delta(0, "{}"), PartEnded(0)]


def test_parallel_items_keep_apart() -> None:
    first, second = _call_events(0, CALL, "1", "2"), _call_events(1, {**CALL, "call_id": "c2"}, "3")
    mixed = [event for pair in zip(first, [*second, second[-1]], strict=True) for event in pair]
    told = stream(_sse(_created(), *mixed, _completed()))
    texts: dict[int, str] = {}
    for event in told:
        if isinstance(event, Delta):
            texts[event.key] = texts.get(event.key, "") + event.text
    assert texts == {0: "12", 1: "3"}
    assert sum(isinstance(event, PartEnded) for event in told) == 2


def test_items_that_are_all_counted_as_the_first_keep_apart() -> None:
    told = stream(
        _sse(_created(), *_text_events(0, "a"), *_call_events(0, CALL, "{}"), _completed())
    )
    kinds = [event.kind for event in told if isinstance(event, PartStarted)]
    assert kinds == [PartKind.TEXT, PartKind.TOOL]


def test_thoughts_told_as_themselves_and_as_a_summary_count_once() -> None:
    told = stream(
        _sse(
            _created(),
            _event("reasoning_text.delta", 0, content_index=0, delta="hm"),
            _event("reasoning_summary_text.delta", 0, summary_index=0, delta="h"),
            _completed(),
        )
    )
    assert told[1:4] == [PartStarted(0, PartKind.REASONING), Delta(0, "hm"), PartEnded(0)]


def test_a_refusal() -> None:
    told = stream(
        _sse(
            _created(),
            _event("content_part.added", content_index=0, part={"type": "refusal", "refusal": ""}),
            _event("refusal.delta", content_index=0, delta="No."),
            _event("refusal.done", content_index=0, refusal="No."),
            _event(
                "content_part.done", content_index=0, part={"type": "refusal", "refusal": "No."}
            ),
            _completed(),
        )
    )
    assert told[1:4] == [PartStarted(0, PartKind.REFUSAL), Delta(0, "No."), PartEnded(0)]
    assert Stopped(Stop.END) in told


def test_case_096_an_answer_that_is_cut_off() -> None:
    details = {"incomplete_details": {"reason": "max_output_tokens"}}
    told = stream(_sse(_created(), *_text_events(0, "a")[:3], _completed("incomplete", **details)))
    assert told[-4:] == [PartEnded(0), TOLD_USAGE, Stopped(Stop.LENGTH), Ended()]


@pytest.mark.parametrize(
    ("event", "failure"),
    [
        (
            {
                "type": "response.failed",
                "response": {
                    **RESPONSE,
                    "status": "failed",
                    "error": {"code": "rate_limit_exceeded", "message": "slow down"},
                },
            },
            Failure("slow down", code="rate_limit_exceeded"),
        ),
        (
            {"type": "error", "code": "server_error", "message": "oops", "param": None},
            Failure("oops", code="server_error"),
        ),
        (
            {"type": "error", "error": {"type": "server_error", "message": "oops"}},
            Failure("oops", kind="server_error"),
        ),
        ({"type": "error"}, Failure("The provider told no reason.")),
        ({"type": "x", "error": {"message": "oops"}}, Failure("oops")),
    ],
)
def test_case_084_an_error_ends_all(event: dict[str, Any], failure: Failure) -> None:
    told = stream(_sse(_created(), *_text_events(0, "a")[:3], event, _completed()))
    assert told[-1] == Failed(failure)


def test_case_085_an_end_that_was_not_told_is_a_failure() -> None:
    told = stream(_sse(_created(), *_text_events(0, "a")))
    (failed,) = [event for event in told if isinstance(event, Failed)]
    assert told[-1] is failed
    assert "ended before" in failed.failure.message


def test_case_083_unknown_events_are_nothing() -> None:
    quiet = [
        {"type": "ping"},
        {"type": "response.web_search_call.searching", "output_index": 0},
        {"type": "response.mcp_call.completed"},
        {"no": "type"},
        {"type": 7},
    ]
    reader = TRANSLATOR.stream_reader()
    assert [told for event in quiet for told in reader.read(orjson.dumps(event))] == []
    assert list(reader.read(b"[DONE]")) == []


@pytest.mark.parametrize("data", [b"<html>", b"[]", b"7", b"\xff"])
def test_what_is_no_event_is_a_failure(data: bytes) -> None:
    reader = TRANSLATOR.stream_reader()
    (failed,) = reader.read(data)
    assert isinstance(failed, Failed)
    assert list(reader.end()) == []


def test_what_was_read_is_written_with_nothing_left_open() -> None:
    again = stream(told_by(stream(GOLDEN)))
    assert [type(event) for event in again if not isinstance(event, Delta)] == [
        type(event) for event in TOLD if not isinstance(event, Delta)
    ]
    assert "".join(event.text for event in again if isinstance(event, Delta)) == "".join(
        event.text for event in TOLD if isinstance(event, Delta)
    )
