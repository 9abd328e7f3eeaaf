"""Server-sent events, however they are cut, and what the first ones of each dialect say.

The events are those published at https://platform.openai.com/docs/api-reference/chat-streaming,
https://platform.openai.com/docs/api-reference/responses-streaming and
https://docs.anthropic.com/en/docs/build-with-claude/streaming.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from collections.abc import Iterable
from typing import Any

import pytest

from extproc.dialects.sse import EventReader, Sign, read_sign

NOTHING_YET, CONTENT, ERROR = Sign.NOTHING_YET, Sign.CONTENT, Sign.ERROR

STREAM = (
    b": a comment\n"
    b'event: message_start\ndata: {"a": 1}\n\n'
    b"\n\n"
    b'id: 7\nretry: 10\ndata:{"b": 2}\n\n'
    b"data: two\ndata: lines\ndata:  and a space\n\n"
    b"event: nothing\n\n"
    b": keep-alive\n\n"
    b"datax: not data\n data: nor this\n\n"
    b"data: \xe6\x97\xa5\xe6\x9c\xac\n: between\ndata: [DONE]\n\n"
    b"data: never ended\n"
)
DATA = [
    b'{"a": 1}',
    b'{"b": 2}',
    b"two\nlines\n and a space",
    b"\xe6\x97\xa5\xe6\x9c\xac\n[DONE]",
]


def read(pieces: Iterable[bytes]) -> list[bytes]:
    reader = EventReader()
    return [data for piece in pieces for data in reader.feed(piece)]


@pytest.mark.parametrize(
    "stream",
    [
        STREAM,
        STREAM.replace(b"\n", b"\r\n"),
        STREAM.replace(b"\n", b"\r"),
        BOM_UTF8 + STREAM[STREAM.index(b"data:") :],
    ],
    ids=["LF", "CRLF", "CR", "BOM"],
)
def test_a_stream_may_be_cut_anywhere(stream: bytes) -> None:
    assert read([stream]) == DATA
    for cut in range(len(stream) + 1):
        assert read([stream[:cut], stream[cut:]]) == DATA, cut
    for size in (1, 2, 3, 7):
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert read(pieces) == DATA, size


def test_an_event_is_given_as_soon_as_it_is_complete() -> None:
    reader = EventReader()
    assert list(reader.feed(b"data: 1\n")) == []
    assert list(reader.feed(b"\n")) == [b"1"]
    assert list(reader.feed(b"data: 2\r\n\r")) == [b"2"]
    assert list(reader.feed(b"\n")) == []
    assert list(reader.feed(b"\n")) == []


def test_lines_may_end_in_a_carriage_return() -> None:
    assert read([b"data: 1\r\rdata: 2\r\r"]) == [b"1", b"2"]
    assert read([b"data: 1\r", b"\ndata: 2\r", b"\r"]) == [b"1\n2"]


def test_a_byte_order_mark_is_passed_over_at_the_beginning() -> None:
    assert read([BOM_UTF8 + b"data: 1\n\n"]) == [b"1"]
    assert read([b"data: 1\n\n" + BOM_UTF8 + b"data: 2\n\n"]) == [b"1"]


@pytest.mark.parametrize("stream", [b"data:\n\n", b"data\n\n", b"event: ping\ndata: \n\n"])
def test_an_event_without_data_is_no_event(stream: bytes) -> None:
    assert read([stream]) == []


def test_readers_do_not_share_what_they_hold() -> None:
    first, second = EventReader(), EventReader()
    assert list(first.feed(b"data: 1\n")) == []
    assert list(second.feed(b"\n")) == []


def chunk(delta: Any, finish_reason: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return {
        "id": "chatcmpl-123",
        "object": "chat.completion.chunk",
        "created": 1694268190,
        "model": "gpt-4o-mini",
        "system_fingerprint": "fp_44709d6fcb",
        "choices": [choice],
    } | more


TOOL_CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f"}}
NO_CHOICES = {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}


@pytest.mark.parametrize(
    ("event", "sign"),
    [
        (chunk({"role": "assistant", "content": ""}), NOTHING_YET),
        (chunk({"role": "assistant", "content": "", "refusal": None}), NOTHING_YET),
        (chunk({"role": "assistant", "content": None}), NOTHING_YET),
        (chunk({}), NOTHING_YET),
        (chunk(None), NOTHING_YET),
        (chunk({}) | NO_CHOICES, NOTHING_YET),
        (chunk({}) | {"choices": None}, NOTHING_YET),
        (chunk({"role": "assistant"}, error=None), NOTHING_YET),
        (chunk({"content": "Hello"}), CONTENT),
        (chunk({"content": " "}), CONTENT),
        (chunk({"role": "assistant", "content": "Hi"}), CONTENT),
        (chunk({"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}), CONTENT),
        (chunk({"refusal": "I cannot"}), CONTENT),
        (chunk({"reasoning_content": "Hm"}), CONTENT),
        (chunk({}, "stop"), CONTENT),
        (chunk({"content": ""}, "length"), CONTENT),
        ({"error": {"message": "Overloaded", "type": "server_error", "code": None}}, ERROR),
        ({"error": "Overloaded"}, ERROR),
        (chunk({"content": ""}, "error", error={"code": 502, "message": "down"}), ERROR),
    ],
)
def test_the_first_events_of_chat(event: dict[str, Any], sign: Sign) -> None:
    assert read_sign(json.dumps(event).encode()) is sign


def test_any_choice_may_bring_content() -> None:
    event = chunk({"role": "assistant"})
    event["choices"].append({"index": 1, "delta": {"content": "Hi"}, "finish_reason": None})
    assert read_sign(json.dumps(event).encode()) is CONTENT


def block_delta(**delta: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": delta}


def block_start(**block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": 0, "content_block": block}


MESSAGE: dict[str, Any] = {
    "id": "msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY",
    "type": "message",
    "role": "assistant",
    "content": [],
    "model": "claude-opus-4-20250514",
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 25, "output_tokens": 1},
}


@pytest.mark.parametrize(
    ("event", "sign"),
    [
        ({"type": "message_start", "message": MESSAGE}, NOTHING_YET),
        ({"type": "ping"}, NOTHING_YET),
        (block_start(type="text", text=""), NOTHING_YET),
        (block_start(type="thinking", thinking=""), CONTENT),
        (block_start(type="tool_use", id="toolu_1", name="get_weather", input={}), CONTENT),
        (block_delta(type="text_delta", text="Hello"), CONTENT),
        (block_delta(type="thinking_delta", thinking="Let me solve this"), CONTENT),
        (block_delta(type="input_json_delta", partial_json='{"'), CONTENT),
        ({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, CONTENT),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, ERROR),
    ],
)
def test_the_first_events_of_messages(event: dict[str, Any], sign: Sign) -> None:
    assert read_sign(json.dumps(event).encode()) is sign


def item_added(**item: Any) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": 0, "item": item}


def response(status: str, **more: Any) -> dict[str, Any]:
    return {"id": "resp_1", "object": "response", "status": status, "error": None} | more


@pytest.mark.parametrize(
    ("event", "sign"),
    [
        ({"type": "response.created", "response": response("in_progress")}, NOTHING_YET),
        ({"type": "response.in_progress", "response": response("in_progress")}, NOTHING_YET),
        ({"type": "response.queued", "response": response("queued")}, NOTHING_YET),
        (item_added(type="message", status="in_progress", content=[]), NOTHING_YET),
        (item_added(type="function_call", name="f", arguments=""), CONTENT),
        (item_added(type="reasoning", summary=[]), CONTENT),
        (
            {"type": "response.content_part.added", "part": {"type": "output_text", "text": ""}},
            NOTHING_YET,
        ),
        ({"type": "response.output_text.delta", "item_id": "msg_1", "delta": "In"}, CONTENT),
        ({"type": "response.refusal.delta", "item_id": "msg_1", "delta": "I"}, CONTENT),
        ({"type": "response.reasoning_summary_text.delta", "delta": "**Re"}, CONTENT),
        ({"type": "response.completed", "response": response("completed")}, CONTENT),
        ({"type": "response.incomplete", "response": response("incomplete")}, CONTENT),
        (
            {
                "type": "response.failed",
                "response": response("failed", error={"code": "server_error", "message": "no"}),
            },
            ERROR,
        ),
        (
            {
                "type": "error",
                "code": "ERR_SOMETHING",
                "message": "Something went wrong",
                "param": None,
                "sequence_number": 1,
            },
            ERROR,
        ),
    ],
)
def test_the_first_events_of_responses(event: dict[str, Any], sign: Sign) -> None:
    assert read_sign(json.dumps(event).encode()) is sign


@pytest.mark.parametrize(
    ("event", "sign"),
    [
        ({"choices": 5}, NOTHING_YET),
        ({"choices": [None]}, NOTHING_YET),
        ({"choices": {"a": 1}}, NOTHING_YET),
        ({"choices": [{"delta": "x"}]}, NOTHING_YET),
        ({"choices": [{"delta": ["x"]}, {"delta": {"content": "Hi"}}]}, CONTENT),
        ({"type": []}, CONTENT),
        ({"type": {}, "error": "Overloaded"}, ERROR),
    ],
)
def test_an_event_of_no_known_shape_has_a_sign(event: dict[str, Any], sign: Sign) -> None:
    assert read_sign(json.dumps(event).encode()) is sign


@pytest.mark.parametrize(
    "data",
    [b"[DONE]", b" [DONE] ", b"", b"<html>", b"{", b'{"choices":[]}}', b"null", b"[]", b'"text"'],
)
def test_a_stream_that_begins_with_this_is_broken(data: bytes) -> None:
    assert read_sign(data) is ERROR


def test_an_empty_piece_between_the_halves_of_a_line_end() -> None:
    reader = EventReader()
    pieces = [b"data: a\r", b"", b"\ndata: b\r\n\r\n"]
    assert [data for piece in pieces for data in reader.feed(piece)] == [b"a\nb"]
