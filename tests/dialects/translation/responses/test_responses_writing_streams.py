"""What a client of the responses dialect is streamed."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from pydantic import BaseModel

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
from extproc.dialects.translation.form import Answer, Failure, Stop, Text, Usage
from extproc.dialects.translation.responses import TRANSLATOR
from extproc.dialects.translation.translator import Echo
from tests.dialects.translation.responses.responses_sdk import (
    accumulated,
    echo,
    events_of,
    told_by,
)

BEGUN: list[Event] = [Started("msg_01AB")]


def _part(key: int, kind: PartKind, *texts: str, **members: Any) -> list[Event]:
    started = {name: members.pop(name) for name in ("id", "name") if name in members}
    return [
        PartStarted(key, kind, **started),
        *(Delta(key, text) for text in texts),
        PartEnded(key, **members),
    ]


def _end(stop: Stop = Stop.END) -> list[Event]:
    return [Stopped(stop), Used(Usage(input=3, output=2)), Ended()]


def _kinds(written: bytes) -> list[str]:
    return [event["type"].removeprefix("response.") for event in events_of(written)]


def _check_items(events: list[dict[str, Any]]) -> None:
    """Items begin and end once, in no strange place, under one id; what ended is the output."""
    open_items: dict[int, str] = {}
    done: dict[int, Any] = {}
    for event in events:
        index: Any = event.get("output_index")
        if event["type"] == "response.output_item.added":
            assert index == len(open_items) + len(done)
            open_items[index] = event["item"]["id"]
        elif event["type"] == "response.output_item.done":
            assert open_items.pop(index) == event["item"]["id"]
            done[index] = event["item"]
        elif index is not None:
            assert open_items[index] == event["item_id"]
    assert not open_items
    assert events[-1]["response"]["output"] == [done[index] for index in sorted(done)]
    assert len({event["response"]["id"] for event in events if "response" in event}) == 1


def test_case_095_text() -> None:
    written = told_by([*BEGUN, *_part(0, PartKind.TEXT, "Hel", "lo"), *_end()])
    assert _kinds(written) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    events = events_of(written)
    _check_items(events)
    assert events[0]["response"]["status"] == events[1]["response"]["status"] == "in_progress"
    assert events[0]["response"]["id"] == "resp_01AB"
    assert events[0]["response"]["usage"] is None
    assert events[6]["text"] == "Hello"
    assert events[-1]["response"]["usage"]["total_tokens"] == 5
    assert accumulated(written).output_text == "Hello"


def test_case_095_reasoning_text_and_parallel_calls() -> None:
    written = told_by(
        [
            *BEGUN,
            *_part(0, PartKind.REASONING, "h", "m", signature="proof"),
            *_part(1, PartKind.TEXT, "so"),
            PartStarted(2, PartKind.TOOL, "c1", "f"),
            Delta(2, '{"a":'),
            PartStarted(3, PartKind.TOOL, "c2", "g"),
            Delta(3, "{}"),
            Delta(2, "1}"),
            PartEnded(2),
            PartEnded(3),
            *_end(Stop.TOOLS),
        ]
    )
    events = events_of(written)
    _check_items(events)
    assert _kinds(written)[2:9] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ]
    assert b"proof" not in written
    thought, said, first, second = accumulated(written).output
    assert thought.summary[0].text == "hm"
    assert said.content[0].text == "so"
    assert (first.call_id, first.name, first.arguments) == ("c1", "f", '{"a":1}')
    assert (second.call_id, second.name, second.arguments) == ("c2", "g", "{}")
    assert [item.id for item in (thought, said, first, second)] == [
        "rs_dragoman_01AB_0",
        "msg_dragoman_01AB_1",
        "fc_dragoman_01AB_2",
        "fc_dragoman_01AB_3",
    ]


def test_case_080_a_call_without_arguments_has_an_empty_object() -> None:
    written = told_by([*BEGUN, *_part(0, PartKind.TOOL, id="c", name="f"), *_end(Stop.TOOLS)])
    assert _kinds(written)[2:6] == [
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
    ]
    assert accumulated(written).output[0].arguments == "{}"


def test_what_is_said_without_a_break_is_one_text() -> None:
    written = told_by(
        [*BEGUN, *_part(0, PartKind.TEXT, "a"), *_part(1, PartKind.TEXT, "b"), *_end()]
    )
    _check_items(events_of(written))
    (message,) = accumulated(written).output
    assert [part.text for part in message.content] == ["ab"]


def test_a_message_goes_on_after_a_call_as_another() -> None:
    written = told_by(
        [
            *BEGUN,
            *_part(0, PartKind.TEXT, "a"),
            *_part(1, PartKind.TOOL, "{}", id="c", name="f"),
            *_part(2, PartKind.TEXT, "b"),
            *_end(),
        ]
    )
    _check_items(events_of(written))
    assert [item.type for item in accumulated(written).output] == [
        "message",
        "function_call",
        "message",
    ]


def test_words_that_go_on_beside_a_call_are_one_message() -> None:
    written = told_by(
        [
            *BEGUN,
            PartStarted(0, PartKind.TEXT),
            Delta(0, "a"),
            PartStarted(1, PartKind.TOOL, "c", "f"),
            Delta(0, "b"),
            PartEnded(1),
            PartEnded(0),
            *_end(),
        ]
    )
    _check_items(events_of(written))
    assert [item.type for item in accumulated(written).output] == ["message", "function_call"]
    assert accumulated(written).output_text == "ab"


def test_a_refusal_is_complete_and_part_of_the_message() -> None:
    written = told_by(
        [
            *BEGUN,
            *_part(0, PartKind.TEXT, "Well. "),
            *_part(1, PartKind.REFUSAL, "N", "o."),
            *_end(Stop.REFUSED),
        ]
    )
    events = events_of(written)
    _check_items(events)
    assert _kinds(written)[5:12] == [
        "output_text.done",
        "content_part.done",
        "content_part.added",
        "refusal.delta",
        "refusal.delta",
        "refusal.done",
        "content_part.done",
    ]
    assert events[-1]["type"] == "response.completed"
    assert events[-1]["response"]["output"][0]["content"][1] == {
        "type": "refusal",
        "refusal": "No.",
    }


@pytest.mark.parametrize(
    ("stop", "reason"), [(Stop.LENGTH, "max_output_tokens"), (Stop.REFUSED, "content_filter")]
)
def test_case_096_an_answer_that_is_cut_off(stop: Stop, reason: str) -> None:
    written = told_by([*BEGUN, *_part(0, PartKind.TEXT, "a"), *_end(stop), Failed(Failure("x"))])
    events = events_of(written)
    _check_items(events)
    assert events[-1]["type"] == "response.incomplete"
    response = events[-1]["response"]
    assert response["status"] == response["output"][0]["status"] == "incomplete"
    assert response["incomplete_details"] == {"reason": reason}


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (Failure("m", kind="overloaded_error"), "server_error"),
        (Failure("m", kind="rate_limit_error"), "rate_limit_exceeded"),
        (Failure("m", status=429), "rate_limit_exceeded"),
        (Failure("m", code="invalid_image"), "invalid_image"),
        (Failure("m", kind="invalid_request_error"), "invalid_prompt"),
    ],
)
def test_case_096_a_failure_ends_all(failure: Failure, code: str) -> None:
    events = [
        *BEGUN,
        *_part(0, PartKind.TOOL, "{}", id="c", name="f"),
        PartStarted(1, PartKind.TEXT),
        Delta(1, "hal"),
        Failed(failure),
        Delta(1, "f"),
        *_end(),
    ]
    last = events_of(told_by(events))[-1]
    assert last["type"] == "response.failed"
    assert last["response"]["status"] == "failed"
    assert last["response"]["error"] == {"code": code, "message": "m"}
    assert [item["status"] for item in last["response"]["output"]] == ["completed", "incomplete"]
    assert last["response"]["output"][1]["content"][0]["text"] == "hal"


def test_case_085_a_failure_before_anything_began_is_an_error() -> None:
    (event,) = events_of(told_by([Failed(Failure("m", param="p"))]))
    assert event == {
        "type": "error",
        "sequence_number": 0,
        "code": "server_error",
        "message": "m",
        "param": "p",
    }


def test_reasoning_that_cannot_be_read_is_nothing() -> None:
    written = told_by(
        [
            *BEGUN,
            *_part(0, PartKind.REASONING, redacted="black"),
            *_part(1, PartKind.TEXT, "a"),
            *_end(),
        ]
    )
    _check_items(events_of(written))
    assert len(accumulated(written).output) == 1


def test_case_091_empty_texts_open_nothing_twice() -> None:
    written = told_by([*BEGUN, *_part(0, PartKind.TEXT, "", "a", ""), *_end()])
    assert _kinds(written).count("output_text.delta") == 1


def test_case_082_usage_is_put_together() -> None:
    written = told_by(
        [
            *BEGUN,
            Used(Usage(input=100, cached=90)),
            Stopped(Stop.END),
            Used(Usage(output=18, cached=None, reasoning=4)),
            Ended(),
        ]
    )
    usage = events_of(written)[-1]["response"]["usage"]
    assert usage["input_tokens"] == 100
    assert usage["input_tokens_details"]["cached_tokens"] == 90
    assert usage["output_tokens"] == 18
    assert usage["output_tokens_details"]["reasoning_tokens"] == 4


def test_case_048_names_are_restored() -> None:
    asked = Echo(echo().request, "served", 7, tool_names={"short": "long"})
    written = told_by(
        [*BEGUN, *_part(0, PartKind.TOOL, id="c", name="short"), *_end(Stop.TOOLS)], asked
    )
    names = {event["item"]["name"] for event in events_of(written) if "item" in event}
    assert names == {"long"}


class _Fact(BaseModel):
    fact: str


def test_the_sdks_stream_helper_parses() -> None:
    written = told_by([*BEGUN, *_part(0, PartKind.TEXT, '{"fact"', ':"a"}'), *_end()])
    assert accumulated(written, _Fact).output_parsed == _Fact(fact="a")


def test_an_answer_longer_than_can_be_held_fails() -> None:
    writer = TRANSLATOR.stream_writer(echo())
    for event in (*BEGUN, PartStarted(0, PartKind.TEXT), Delta(0, "x" * 4 * 1024 * 1024)):
        writer.write(event)
    assert b"event: response.failed\n" in writer.write(Delta(0, "y"))
    assert writer.write(Delta(0, "z")) == b""


def test_what_was_left_open_is_closed() -> None:
    written = told_by(
        [
            *BEGUN,
            PartStarted(0, PartKind.TEXT),
            Delta(0, "a"),
            PartStarted(1, PartKind.TOOL, "c", "f"),
            PartStarted(2, PartKind.REASONING),
            Delta(2, "hm"),
            *_end(),
        ]
    )
    _check_items(events_of(written))


def test_half_a_character_is_no_failure() -> None:
    written = told_by([*BEGUN, *_part(0, PartKind.TEXT, "\ud83d"), *_end()])
    assert accumulated(written).output_text == "?"


def test_whole_and_streamed_answers_have_the_same_members() -> None:
    streamed = events_of(told_by([*BEGUN, *_part(0, PartKind.TEXT, "a"), *_end()]))[-1]["response"]
    answer = Answer("msg_01AB", (Text("a"),), Stop.END, Usage(input=3, output=2))
    assert streamed == orjson.loads(TRANSLATOR.write_answer(answer, echo()))
