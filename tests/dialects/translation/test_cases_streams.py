"""The numbered cases of translation: streams, from a provider's bytes to a client's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.dialects.translation.pairs import (
    PAIRS,
    C,
    M,
    R,
    chat_chunks,
    echo_of,
    events,
    message_events,
    response_events,
    sse,
    stream,
    whole,
)

TEXT = {"type": "text", "text": ""}
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
ROLE = {"role": "assistant", "content": ""}
WORDS = {
    C: chat_chunks(ROLE, {"content": "Hel"}, {"content": "lo"}, usage=USAGE),
    M: message_events((TEXT, [{"type": "text_delta", "text": t} for t in ("Hel", "lo")])),
    R: response_events(
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {"type": "message", "id": "msg_1", "role": "assistant", "content": []},
        },
        {
            "type": "response.output_text.delta",
            "item_id": "msg_1",
            "output_index": 0,
            "content_index": 0,
            "delta": "Hello",
            "logprobs": [],
        },
        {
            "type": "response.output_item.done",
            "output_index": 0,
            "item": {
                "type": "message",
                "id": "msg_1",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": "Hello", "annotations": []}],
            },
        },
    ),
}


def tool_use(call_id: str, name: str = "look") -> dict[str, Any]:
    return {"type": "tool_use", "id": call_id, "name": name, "input": {}}


def pieces(*texts: str) -> list[dict[str, Any]]:
    return [{"type": "input_json_delta", "partial_json": text} for text in texts]


def call(index: int, arguments: str = "", call_id: str = "", name: str = "") -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": name} if name else {})}
    told = {"index": index, "function": function}
    if call_id:
        told |= {"id": call_id, "type": "function"}
    return {"tool_calls": [told]}


def kinds(told: Sequence[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in told]


def deltas(told: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [choice["delta"] for event in told for choice in event.get("choices", ())]


def blocks(data: bytes) -> list[dict[str, Any]]:
    return list(whole(M, data)["content"])


def test_case_077_the_first_delta_has_the_role() -> None:
    first, *others = deltas(events(C, stream(M, C, WORDS[M])))
    assert first["role"] == "assistant"
    assert not any("role" in other for other in others)


TWO_CALLS = message_events(
    (TEXT, [{"type": "text_delta", "text": "I look."}]),
    (tool_use("toolu_1"), pieces('{"x"', ":1}")),
    (tool_use("toolu_2"), pieces('{"x":2}')),
    stop="tool_use",
)


def test_case_078_indexes_count_calls() -> None:
    told = deltas(events(C, stream(M, C, TWO_CALLS)))
    indexes = [one["index"] for delta in told for one in delta.get("tool_calls", ())]
    assert indexes == [0, 0, 0, 1, 1]


def test_case_079_a_call_begins_and_goes_on() -> None:
    told = deltas(events(C, stream(M, C, TWO_CALLS)))
    begun, more, *_ = [one for delta in told for one in delta.get("tool_calls", ())]
    function = {"name": "look", "arguments": ""}
    assert begun == {"index": 0, "id": "toolu_1", "type": "function", "function": function}
    assert more == {"index": 0, "function": {"arguments": '{"x"'}}


def test_case_080_a_call_without_input() -> None:
    data = stream(M, C, message_events((tool_use("t"), []), stop="tool_use"))
    (made,) = whole(C, data)["choices"][0]["message"]["tool_calls"]
    assert made["function"]["arguments"] == "{}"


def test_case_081_usage_comes_last() -> None:
    *_, finish, usage, done = events(C, stream(M, C, WORDS[M]))
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] == 7
    assert done == {"done": True}
    *_, finish, done = events(C, stream(M, C, WORDS[M], echo_of(C, stream=True)))
    assert finish["choices"]
    assert done == {"done": True}


def test_case_082_later_counts_replace_earlier_ones() -> None:
    start = {"input_tokens": 8834, "cache_creation_input_tokens": 7, "output_tokens": 1}
    end = {
        "input_tokens": 18,
        "cache_read_input_tokens": 8831,
        "cache_creation_input_tokens": None,
        "output_tokens": 4,
    }
    data = message_events((TEXT, []), start_usage=start, end_usage=end)
    usage = whole(C, stream(M, C, data))["usage"]
    assert usage["prompt_tokens"] == 18 + 8831 + 7
    assert usage["prompt_tokens_details"]["cached_tokens"] == 8831


@pytest.mark.parametrize("client", [C, R])
def test_case_083_pings_and_unknown_events_are_nothing(client: Any) -> None:
    strange = sse({"type": "ping"}, {"type": "never_heard_of"}, named=True)
    head, blank, rest = WORDS[M].partition(b"\n\n")
    assert stream(M, client, head + blank + strange + rest) == stream(M, client, WORDS[M])


def test_case_084_an_error_after_content() -> None:
    begun, _, _ = WORDS[M].partition(b"event: content_block_stop")
    error = {"type": "overloaded_error", "message": "Overloaded"}
    data = begun + sse({"type": "error", "error": error}, named=True)
    *before, told, done = events(C, stream(M, C, data))
    assert told["error"]["message"] == "Overloaded"
    assert done == {"done": True}
    assert all(choice["finish_reason"] is None for one in before for choice in one["choices"])


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_case_085_a_stream_that_breaks_off(client: Any, provider: Any) -> None:
    cut = {
        C: chat_chunks(ROLE, {"content": "Hel"}, reason=None, done=False),
        M: WORDS[M].partition(b"event: content_block_stop")[0],
        R: WORDS[R].partition(b"event: response.output_item.done")[0],
    }
    told = events(client, stream(provider, client, cut[provider]))
    if client is C:
        assert "error" in told[-2]
        assert not any(c["finish_reason"] for one in told[:-2] for c in one["choices"])
    elif client is M:
        assert told[-1]["type"] == "error"
        assert "message_delta" not in kinds(told)
    else:
        assert told[-1]["type"] == "response.failed"


@pytest.mark.parametrize("client", [M, R])
def test_case_086_no_done_after_the_reason(client: Any) -> None:
    data = chat_chunks(ROLE, {"content": "Hello"}, done=False)
    last = events(client, stream(C, client, data))[-1]
    assert last["type"] == ("message_stop" if client is M else "response.completed")


def test_case_087_a_call_comes_first() -> None:
    data = chat_chunks(call(0, "{}", "call_1", "look"), reason="tool_calls")
    told = kinds(events(M, stream(C, M, data)))
    assert told[0] == "message_start"
    assert told.count("message_start") == 1


@pytest.mark.parametrize("provider", [C, R])
def test_case_088_every_event_is_named(provider: Any) -> None:
    written = stream(provider, M, WORDS[provider])
    frames = written.removesuffix(b"\n\n").split(b"\n\n")
    assert all(frame.startswith(b"event: ") for frame in frames)
    assert events(M, written)[-1] == {"type": "message_stop"}


def test_case_089_words_then_a_call() -> None:
    data = chat_chunks(
        ROLE, {"content": "I look."}, call(0, "{}", "call_1", "look"), reason="tool_calls"
    )
    told = events(M, stream(C, M, data))
    assert [
        (event["type"].removeprefix("content_block_"), event["index"])
        for event in told
        if "index" in event
    ] == [
        ("start", 0),
        ("delta", 0),
        ("stop", 0),
        ("start", 1),
        ("delta", 1),
        ("stop", 1),
    ]


def test_case_090_calls_told_in_turns() -> None:
    data = chat_chunks(
        call(0, "", "call_1", "look"),
        call(1, "", "call_2", "look"),
        call(0, '{"x"'),
        call(1, '{"y"'),
        call(0, ":1}"),
        call(1, ":2}"),
        reason="tool_calls",
    )
    first, second = blocks(stream(C, M, data))
    assert (first["id"], first["input"]) == ("call_1", {"x": 1})
    assert (second["id"], second["input"]) == ("call_2", {"y": 2})
    opened = [event["index"] for event in events(M, stream(C, M, data)) if "index" in event]
    assert opened == sorted(opened)


def test_case_091_empty_content_between_pieces_of_a_call() -> None:
    data = chat_chunks(
        call(0, "", "call_1", "look"),
        {"content": ""},
        call(0, '{"x"'),
        {"content": ""},
        call(0, ":1}"),
        reason="tool_calls",
    )
    (only,) = blocks(stream(C, M, data))
    assert only["input"] == {"x": 1}


@pytest.mark.parametrize("client", [M, R])
def test_case_092_arguments_before_the_name(client: Any) -> None:
    data = chat_chunks(call(0, '{"x"', "call_1"), call(0, ":1}", name="look"), reason="tool_calls")
    made = whole(client, stream(C, client, data))
    if client is M:
        assert (made["content"][0]["name"], made["content"][0]["input"]) == ("look", {"x": 1})
    else:
        assert made["output"][0]["arguments"] == '{"x":1}'


def test_case_093_usage_after_the_reason() -> None:
    told = events(M, stream(C, M, WORDS[C]))
    (delta,) = [event for event in told if event["type"] == "message_delta"]
    assert (delta["usage"]["input_tokens"], delta["usage"]["output_tokens"]) == (3, 4)
    without = events(M, stream(C, M, chat_chunks(ROLE, {"content": "a"})))
    assert kinds(without)[-2:] == ["message_delta", "message_stop"]


def test_case_094_thoughts_and_words_in_one_chunk() -> None:
    data = chat_chunks({"role": "assistant", "content": "a", "reasoning_content": "hm"})
    thought, words = blocks(stream(C, M, data))
    assert (thought["type"], thought["thinking"]) == ("thinking", "hm")
    assert words["text"] == "a"


@pytest.mark.parametrize("provider", [C, M])
def test_case_095_a_response_of_words(provider: Any) -> None:
    told = events(R, stream(provider, R, WORDS[provider]))
    assert [kind.removeprefix("response.") for kind in kinds(told)] == [
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
    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    assert len({event["response"]["id"] for event in told if "response" in event}) == 1
    ids = {event["item_id"] for event in told if "item_id" in event}
    ids |= {event["item"]["id"] for event in told if "item" in event}
    assert len(ids) == 1


@pytest.mark.parametrize("provider", [C, M])
def test_case_096_a_response_that_is_cut_off_or_fails(provider: Any) -> None:
    cut = {
        C: chat_chunks(ROLE, {"content": "a"}, reason="length"),
        M: message_events((TEXT, [{"type": "text_delta", "text": "a"}]), stop="max_tokens"),
    }
    last = events(R, stream(provider, R, cut[provider]))[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    error = {"type": "error", "error": {"type": "api_error", "message": "broken"}}
    begun = WORDS[provider].partition(b"\n\n")[0] + b"\n\n"
    last = events(R, stream(provider, R, begun + sse(error) + WORDS[provider]))[-1]
    assert last["type"] == "response.failed"
    assert last["response"]["error"]["message"] == "broken"


def test_case_097_arguments_that_are_repeated_count_once() -> None:
    item = {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "call_1",
        "name": "look",
        "arguments": '{"x":1}',
        "status": "completed",
    }
    at = {"item_id": "fc_1", "output_index": 0}
    data = response_events(
        {
            "type": "response.output_item.added",
            "output_index": 0,
            "item": {**item, "arguments": ""},
        },
        {"type": "response.function_call_arguments.delta", **at, "delta": '{"x"'},
        {"type": "response.function_call_arguments.delta", **at, "delta": ":1}"},
        {"type": "response.function_call_arguments.done", **at, "arguments": '{"x":1}'},
        {"type": "response.output_item.done", "output_index": 0, "item": item},
    )
    made = whole(M, stream(R, M, data))
    assert made["content"][0]["input"] == {"x": 1}
    assert made["stop_reason"] == "tool_use"


@pytest.mark.parametrize("client", [M, R])
def test_case_098_bytes_in_whole_events_out(client: Any) -> None:
    plain = chat_chunks(ROLE, {"content": "Grüße, 世界 🎉"})
    strange = b"\xef\xbb\xbf: a comment\r\n\r\n" + plain.replace(b"data: ", b"data:").replace(
        b'"choices"', b'\ndata: "choices"'
    ).replace(b"\n", b"\r\n")
    wanted = stream(C, client, plain)
    assert whole(client, wanted)
    for cut in range(len(strange)):
        assert stream(C, client, strange, cuts=(cut,)) == wanted
