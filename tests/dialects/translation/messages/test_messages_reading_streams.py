"""Streams in Anthropic's dialect, read. Numbers are the cases of translation."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from extproc.dialects.sse import EventReader
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
from extproc.dialects.translation.messages import TRANSLATOR

BROKEN = Failed(Failure("The provider's stream broke off before its message_stop."))


def start(**usage: int) -> dict[str, Any]:
    return {"type": "message_start", "message": {"id": "msg_1", "usage": usage}}


def block(index: int, kind: str, **members: Any) -> dict[str, Any]:
    content = {"type": kind, **members}
    return {"type": "content_block_start", "index": index, "content_block": content}


def delta(index: int, kind: str, **members: Any) -> dict[str, Any]:
    return {
        "type": "content_block_delta",
        "index": index,
        "delta": {"type": f"{kind}_delta", **members},
    }


def stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def end(reason: str = "end_turn", usage: Any = None, **members: Any) -> list[dict[str, Any]]:
    told = {"stop_reason": reason, "stop_sequence": None, **members}
    return [
        {"type": "message_delta", "delta": told, "usage": usage or {"output_tokens": 5}},
        {"type": "message_stop"},
    ]


def events(*told: dict[str, Any]) -> list[Event]:
    reader = TRANSLATOR.stream_reader()
    read = [event for data in told for event in reader.read(orjson.dumps(data))]
    return [*read, *reader.end()]


TALK = [
    start(input_tokens=3, output_tokens=1),
    {"type": "ping"},
    block(0, "thinking", thinking="", signature=""),
    delta(0, "thinking", thinking="hm"),
    delta(0, "signature", signature="sig"),
    stop(0),
    block(1, "redacted_thinking", data="r"),
    stop(1),
    block(2, "text", text=""),
    delta(2, "text", text="Grüße"),
    delta(2, "citations", citation={}),
    stop(2),
    block(3, "server_tool_use", id="s", name="web_search", input={}),
    delta(3, "input_json", partial_json="{}"),
    stop(3),
    block(4, "tool_use", id="toolu_1", name="f", input={}),
    delta(4, "input_json", partial_json=""),
    delta(4, "input_json", partial_json='{"a":'),
    delta(4, "input_json", partial_json="1}"),
    stop(4),
    block(5, "tool_use", id="toolu_2", name="g", input={}),
    stop(5),
    *end("tool_use"),
]
READ: list[Event] = [
    Started("msg_1"),
    Used(Usage(3, 1)),
    PartStarted(0, PartKind.REASONING),
    Delta(0, "hm"),
    PartEnded(0, "sig"),
    PartStarted(1, PartKind.REASONING),
    PartEnded(1, redacted="r"),
    PartStarted(2, PartKind.TEXT),
    Delta(2, "Grüße"),
    PartEnded(2),
    PartStarted(3, PartKind.TOOL, "toolu_1", "f"),
    Delta(3, '{"a":'),
    Delta(3, "1}"),
    PartEnded(3),
    PartStarted(4, PartKind.TOOL, "toolu_2", "g"),
    Delta(4, "{}"),
    PartEnded(4),
    Used(Usage(3, 5)),
    Stopped(Stop.TOOLS),
    Ended(),
]


def test_cases_077_078_079_080_a_whole_talk() -> None:
    assert events(*TALK) == READ


def test_case_080_input_that_no_delta_tells() -> None:
    read = events(start(), block(0, "tool_use", id="a", name="f", input={"x": 1}), stop(0), *end())
    assert Delta(0, '{"x":1}') in read


def test_case_082_usage_replaces_and_survives() -> None:
    usage = {"input_tokens": 18, "cache_read_input_tokens": 8831, "output_tokens": 7}
    read = events(start(input_tokens=8834, output_tokens=1), *end(usage=usage))
    used = [event.usage for event in read if isinstance(event, Used)]
    assert used == [Usage(8834, 1), Usage(8849, 7, 8831)]
    read = events(start(input_tokens=10, cache_creation_input_tokens=4), *end())
    used = [event.usage for event in read if isinstance(event, Used)]
    assert used[-1] == Usage(14, 5, None, 4)


@pytest.mark.parametrize(
    "data", [{"type": "ping"}, {"type": "new"}, {}, {"type": []}, {"type": "content_block_stop"}]
)
def test_case_083_unknown_events_are_nothing(data: dict[str, Any]) -> None:
    assert events(start(), data, *end()) == events(start(), *end())


def test_case_084_error_after_content() -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    read = events(start(), block(0, "text", text="a"), error, *end())
    assert read[-1] == Failed(Failure("Overloaded", None, "overloaded_error"))
    assert Delta(0, "a") in read
    assert not any(isinstance(event, Stopped | Ended) for event in read)


@pytest.mark.parametrize("told", [[], TALK[:3], TALK[:-1]])
def test_case_085_broken_off(told: list[dict[str, Any]]) -> None:
    assert events(*told)[-1] == BROKEN


def test_what_is_no_json_is_a_failure() -> None:
    reader = TRANSLATOR.stream_reader()
    assert list(reader.read(b"<html>")) == [
        Failed(Failure("The provider's answer is none of its API. It begins: <html>"))
    ]
    assert list(reader.read(orjson.dumps(start()))) == []
    assert list(reader.end()) == []


def test_a_refusal_in_words() -> None:
    details = {"type": "refusal", "explanation": "Not this."}
    read = events(start(), *end("refusal", stop_details=details))
    assert read[-5:] == [
        PartStarted(0, PartKind.REFUSAL),
        Delta(0, "Not this."),
        PartEnded(0),
        Stopped(Stop.REFUSED),
        Ended(),
    ]


def test_parts_end_before_the_answer_does() -> None:
    read = events(start(), block(0, "text", text=""), *end("stop_sequence", stop_sequence="END"))
    assert read[-3:] == [PartEnded(0), Stopped(Stop.SEQUENCE, "END"), Ended()]


@pytest.mark.unmeasured  # the same lines at every byte
def test_case_098_cut_anywhere() -> None:
    text = b"\xef\xbb\xbf" + b"".join(
        b"event: %b\r\ndata:%b\r\n\r\n" % (str(data["type"]).encode(), orjson.dumps(data))
        for data in TALK
    )
    for cut in range(len(text)):
        reader, cutter = TRANSLATOR.stream_reader(), EventReader()
        pieces = (text[:cut], text[cut:])
        read = [
            event for piece in pieces for data in cutter.feed(piece) for event in reader.read(data)
        ]
        assert read == READ
