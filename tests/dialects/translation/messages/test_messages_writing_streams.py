"""Streams in Anthropic's dialect, written. Numbers are the cases of translation."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from anthropic.lib.streaming._messages import accumulate_event
from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.shared import ErrorResponse

from extproc.core.models import Dialect
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
from extproc.dialects.translation.form import Failure, Request, Stop, Usage
from extproc.dialects.translation.messages import TRANSLATOR
from extproc.dialects.translation.translator import Echo
from tests.helpers.sdk_types import strictly

ECHO = Echo(Request(Dialect.MESSAGES, "m", (), streamed=True), "gpt-x", 1, "req_1", {"s": "long"})
TEXT = PartStarted(0, PartKind.TEXT)
STARTED = Started("chatcmpl-1")
USED = Used(Usage(12, 5, 2))
END: list[Event] = [Stopped(Stop.END), USED, Ended()]


def tool(key: int, name: str = "f", call: str = "") -> PartStarted:
    return PartStarted(key, PartKind.TOOL, call or f"call_{key}", name)


def sent(*events: Event) -> list[dict[str, Any]]:
    """The data of what the client is sent; every event names itself twice and is the SDK's."""
    writer = TRANSLATOR.stream_writer(ECHO)
    text = b"".join(writer.write(event) for event in events)
    data = []
    for event in text.removesuffix(b"\n\n").split(b"\n\n") if text else []:
        named, told = event.split(b"\n")
        data.append(orjson.loads(told.removeprefix(b"data: ")))
        assert named == b"event: " + data[-1]["type"].encode()
        declared = ErrorResponse if data[-1]["type"] == "error" else RawMessageStreamEvent
        strictly(declared, data[-1])
    return data


def message(*events: Event) -> Any:
    """What the SDK's accumulator makes of a stream. Blocks must be dense and one at a time."""
    snapshot: Any = None
    buffers: dict[int, bytes] = {}
    opened: list[int] = []
    for data in sent(*events):
        if data["type"] == "content_block_start":
            opened.append(data["index"])
            assert opened == list(range(len(opened)))
        if data["type"].startswith("content_block"):
            assert data["index"] == opened[-1]
        if data["type"] == "message_stop":
            break
        event: Any = data
        snapshot = accumulate_event(event=event, current_snapshot=snapshot, json_bufs=buffers)
    dumped = snapshot.to_dict()
    strictly(Message, dumped)
    return dumped


def kinds(data: list[dict[str, Any]]) -> list[str]:
    return [str(event["type"]) for event in data]


def test_cases_088_089_text_then_tool() -> None:
    events: list[Event] = [
        STARTED,
        TEXT,
        Delta(0, "Hel"),
        Delta(0, "lo"),
        PartEnded(0),
        tool(1, "s"),
        Delta(1, '{"a":'),
        Delta(1, "1}"),
        PartEnded(1),
        Stopped(Stop.TOOLS),
        USED,
        Ended(),
    ]
    assert kinds(sent(*events)) == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    assert message(*events) == {
        "id": "chatcmpl-1",
        "type": "message",
        "role": "assistant",
        "model": "gpt-x",
        "content": [
            {"type": "text", "text": "Hello"},
            {"type": "tool_use", "id": "call_1", "name": "long", "input": {"a": 1}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "stop_details": None,
        "usage": {
            "input_tokens": 10,
            "output_tokens": 5,
            "cache_read_input_tokens": 2,
            "cache_creation_input_tokens": 0,
        },
    }


def test_case_087_message_start_first_and_once() -> None:
    assert kinds(sent(tool(0), STARTED, STARTED))[:2] == ["message_start", "content_block_start"]
    assert kinds(sent(*END)).count("message_start") == 1


def test_case_090_tools_in_turns() -> None:
    events: list[Event] = [
        STARTED,
        tool(0),
        Delta(0, '{"a"'),
        tool(1),
        Delta(1, '{"b"'),
        Delta(0, ":0}"),
        tool(2),
        Delta(1, ":1}"),
        PartEnded(1),
        PartEnded(0),
        Delta(2, '{"c":2}'),
        PartEnded(2),
        *END,
    ]
    blocks = message(*events)["content"]
    assert [block["input"] for block in blocks] == [{"a": 0}, {"b": 1}, {"c": 2}]
    assert [block["id"] for block in blocks] == ["call_0", "call_1", "call_2"]


def test_case_090_the_first_is_not_held() -> None:
    writer = TRANSLATOR.stream_writer(ECHO)
    for event in (STARTED, tool(0), tool(1), Delta(1, "{}")):
        writer.write(event)
    assert b'"{}"' in writer.write(Delta(0, "{}"))


def test_case_090_what_is_held_is_bounded() -> None:
    *_, error = sent(STARTED, tool(0), tool(1), *[Delta(1, "x" * 2**20)] * 5, *END)
    assert error["type"] == "error"
    *_, error = sent(STARTED, *(tool(key) for key in range(20_000)))
    assert error["type"] == "error"


def test_case_091_a_part_without_content_opens_nothing() -> None:
    events = (STARTED, TEXT, Delta(0, ""), PartEnded(0), tool(1), PartEnded(1), *END)
    assert [block["type"] for block in message(*events)["content"]] == ["tool_use"]


def test_case_072_an_answer_without_content() -> None:
    assert message(STARTED, *END)["content"] == [{"type": "text", "text": ""}]


@pytest.mark.parametrize(
    "end",
    [
        [Stopped(Stop.LENGTH), USED, Ended()],
        [USED, Stopped(Stop.LENGTH), Ended()],
        [Stopped(Stop.LENGTH), USED, USED, Ended()],
    ],
)
def test_case_093_message_delta_waits_for_usage(end: list[Event]) -> None:
    data = sent(STARTED, TEXT, Delta(0, "a"), PartEnded(0), *end)
    assert kinds(data)[-2:] == ["message_delta", "message_stop"]
    assert data[-2]["usage"]["input_tokens"] == 10
    assert data[-2]["delta"]["stop_reason"] == "max_tokens"
    writer = TRANSLATOR.stream_writer(ECHO)
    writer.write(STARTED)
    assert writer.write(Stopped(Stop.END)) == b""


def test_case_094_thinking_first() -> None:
    thought = PartStarted(0, PartKind.REASONING)
    text = PartStarted(1, PartKind.TEXT)
    events = (STARTED, thought, Delta(0, "hm"), text, Delta(1, "a"), PartEnded(0), *END)
    assert message(*events)["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": "dragoman-unsigned"},
        {"type": "text", "text": "a"},
    ]


@pytest.mark.parametrize(
    ("end", "block"),
    [
        (PartEnded(0, signature="s"), {"type": "thinking", "thinking": "", "signature": "s"}),
        (PartEnded(0, redacted="r"), {"type": "redacted_thinking", "data": "r"}),
        (PartEnded(0, encrypted="e"), {"type": "text", "text": ""}),
    ],
)
def test_case_062_reasoning_without_text(end: PartEnded, block: dict[str, str]) -> None:
    assert message(STARTED, PartStarted(0, PartKind.REASONING), end, *END)["content"] == [block]


def test_a_refusal_is_text_with_its_reason() -> None:
    refusal = PartStarted(0, PartKind.REFUSAL)
    told = message(STARTED, refusal, Delta(0, "N"), Delta(0, "o."), PartEnded(0), *END)
    assert told["content"] == [{"type": "text", "text": "No."}]
    assert told["stop_reason"] == "refusal"
    assert told["stop_details"]["explanation"] == "No."


def test_case_084_an_error_ends_the_stream() -> None:
    data = sent(STARTED, TEXT, Delta(0, "a"), Failed(Failure("m", None, "overloaded_error")), *END)
    assert data[-1] == {
        "type": "error",
        "error": {"type": "overloaded_error", "message": "m"},
        "request_id": "req_1",
    }
    assert kinds(data).count("content_block_stop") == 0


def test_case_085_no_end_is_made_up() -> None:
    data = sent(STARTED, TEXT, Delta(0, "a"), Stopped(Stop.END), Failed(Failure("cut")))
    assert kinds(data)[-1] == "error"
    assert "message_delta" not in kinds(data)


def test_parts_that_nobody_ends() -> None:
    events = (STARTED, TEXT, Delta(0, "a"), tool(1), Delta(1, "{}"), *END)
    assert [block["type"] for block in message(*events)["content"]] == ["text", "tool_use"]
    late = (STARTED, *END[:2], TEXT, Delta(0, "late"), Ended(), Delta(0, "later"))
    assert kinds(sent(*late))[-1] == "message_stop"
    assert message(*late)["content"] == [{"type": "text", "text": ""}]


def test_half_a_surrogate_pair() -> None:
    assert message(STARTED, TEXT, Delta(0, "a\ud800"), *END)["content"][0]["text"] == "a?"
