"""Streams for chat clients, written."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletionChunk

from extproc.core.models import Dialect
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
from extproc.dialects.translation.form import Failure, Request, Stop, Usage
from extproc.dialects.translation.translator import Echo
from tests.helpers.sdk_types import THOUGHTS, parsed

STARTED = Started("msg_1")


def text(key: int, *texts: str, kind: PartKind = PartKind.TEXT) -> list[Event]:
    return [PartStarted(key, kind), *(Delta(key, piece) for piece in texts), PartEnded(key)]


def tool(key: int, name: str, *arguments: str) -> list[Event]:
    started = PartStarted(key, PartKind.TOOL, f"toolu_{key}", name)
    return [started, *(Delta(key, piece) for piece in arguments), PartEnded(key)]


def write(
    *events: Event, include_usage: bool = False, old: bool = False, **echo: Any
) -> list[bytes]:
    paths = {"tools": "functions"} if old else {}
    request = Request(Dialect.CHAT, "m", (), include_usage=include_usage, paths=paths)
    writer = TRANSLATOR.stream_writer(Echo(request, "served", 9, "req", **echo))
    return list(EventReader().feed(b"".join(writer.write(event) for event in events)))


def chunks(*events: Event, **options: Any) -> list[Any]:
    *told, done = write(*events, **options)
    assert done == b"[DONE]"
    return [parsed(ChatCompletionChunk, data, THOUGHTS) for data in told]


def deltas(*events: Event, **options: Any) -> list[dict[str, Any]]:
    listed = chunks(STARTED, *events, Stopped(Stop.END), Ended(), **options)[1:-1]
    return [chunk.choices[0].delta.model_dump(exclude_unset=True) for chunk in listed]


def test_case_077_the_first_delta_has_the_role() -> None:
    first, *_ = chunks(STARTED, *text(0, "a"), Stopped(Stop.END), Ended())
    assert first.choices[0].delta.role == "assistant"
    assert (first.id, first.model, first.created) == ("msg_1", "served", 9)
    assert first.choices[0].finish_reason is None


def test_case_067_nothing_but_a_call_has_no_content() -> None:
    told = chunks(STARTED, *tool(0, "f"), Stopped(Stop.TOOLS), Ended())
    assert all(chunk.choices[0].delta.content is None for chunk in told)


def test_cases_078_079_calls_are_counted_apart_from_texts() -> None:
    assert deltas(*text(0, "a"), *tool(1, "f", "{", "}"), *tool(2, "g", "{}")) == [
        {"content": "a"},
        {
            "tool_calls": [
                {
                    "index": 0,
                    "id": "toolu_1",
                    "type": "function",
                    "function": {"name": "f", "arguments": ""},
                }
            ]
        },
        {"tool_calls": [{"index": 0, "function": {"arguments": "{"}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]},
        {
            "tool_calls": [
                {
                    "index": 1,
                    "id": "toolu_2",
                    "type": "function",
                    "function": {"name": "g", "arguments": ""},
                }
            ]
        },
        {"tool_calls": [{"index": 1, "function": {"arguments": "{}"}}]},
    ]


def test_case_080_a_call_without_input_gets_an_empty_object() -> None:
    assert deltas(*tool(0, "f"))[1:] == [
        {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}
    ]


def test_case_081_usage_comes_last() -> None:
    told = chunks(
        STARTED,
        *text(0, "a"),
        Used(Usage(input=5)),
        Stopped(Stop.LENGTH),
        Used(Usage(output=2)),
        Ended(),
        include_usage=True,
    )
    finish, usage = told[-2:]
    assert finish.choices[0].finish_reason == "length"
    assert finish.usage is None
    assert usage.choices == []
    assert usage.usage.total_tokens == 7
    assert (usage.id, usage.model) == ("msg_1", "served")


def test_case_081_usage_that_is_not_wanted_is_not_told() -> None:
    told = chunks(STARTED, Used(Usage(1, 2)), Stopped(Stop.END), Ended())
    assert all(chunk.usage is None for chunk in told)


def test_case_082_later_values_replace_earlier_ones() -> None:
    told = chunks(
        STARTED,
        Used(Usage(input=8834, cached=8831, output=1)),
        Used(Usage(input=8849, output=5)),
        Stopped(Stop.END),
        Ended(),
        include_usage=True,
    )
    usage = told[-1].usage
    assert (usage.prompt_tokens, usage.completion_tokens) == (8849, 5)
    assert usage.prompt_tokens_details.cached_tokens == 8831


def test_cases_084_085_an_error_ends_the_stream_without_a_finish_reason() -> None:
    failed = Failed(Failure("busy", None, "overloaded_error"))
    *told, error, done = write(STARTED, *text(0, "a"), failed, Ended())
    assert done == b"[DONE]"
    assert orjson.loads(error) == {
        "error": {
            "message": "busy",
            "type": "server_error",
            "param": None,
            "code": "overloaded_error",
        }
    }
    reasons = [orjson.loads(data)["choices"][0]["finish_reason"] for data in told]
    assert reasons == [None] * len(told)


def test_case_068_a_refusal_without_words() -> None:
    told = chunks(STARTED, Stopped(Stop.REFUSED), Ended())
    assert told[-2].choices[0].delta.refusal
    assert told[-1].choices[0].finish_reason == "content_filter"
    worded = chunks(STARTED, *text(0, "No.", kind=PartKind.REFUSAL), Stopped(Stop.REFUSED), Ended())
    refusals = [chunk.choices[0].delta.refusal for chunk in worded]
    assert [refusal for refusal in refusals if refusal] == ["No."]


def test_case_048_names_are_restored() -> None:
    (started, _) = deltas(*tool(0, "short"), tool_names={"short": "the long name"})
    assert started["tool_calls"][0]["function"]["name"] == "the long name"


def test_thoughts() -> None:
    thought = PartKind.REASONING
    assert deltas(*text(0, "hm", kind=thought), *text(1, "so", kind=thought)) == [
        {"reasoning_content": "hm"},
        {"reasoning_content": "\n\n"},
        {"reasoning_content": "so"},
    ]


def test_parts_that_overlap() -> None:
    events: list[Event] = [
        PartStarted(0, PartKind.TOOL, "a", "f"),
        PartStarted(1, PartKind.TOOL, "b", "g"),
        Delta(0, "1"),
        Delta(1, "2"),
        PartEnded(0),
        PartEnded(1),
    ]
    indexes = [delta["tool_calls"][0]["index"] for delta in deltas(*events)]
    assert indexes == [0, 1, 0, 1]


def test_a_client_of_old_functions() -> None:
    told = chunks(STARTED, *tool(0, "f", "{}"), Stopped(Stop.TOOLS), Ended(), old=True)
    assert told[1].choices[0].delta.function_call.name == "f"
    assert told[2].choices[0].delta.function_call.arguments == "{}"
    assert told[-1].choices[0].finish_reason == "function_call"


@pytest.mark.parametrize("include_usage", [True, False])
def test_the_sdk_puts_it_together(include_usage: bool) -> None:
    state = ChatCompletionStreamState()
    for chunk in chunks(
        STARTED,
        *text(0, "hm", kind=PartKind.REASONING),
        *text(1, "Grü", "ße"),
        *tool(2, "f", '{"a":', "1}"),
        *tool(3, "g"),
        Stopped(Stop.TOOLS),
        Used(Usage(3, 4)),
        Ended(),
        include_usage=include_usage,
    ):
        state.handle_chunk(chunk)
    whole = state.get_final_completion()
    (choice,) = whole.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content == "Grüße"
    calls = choice.message.tool_calls or []
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("f", '{"a":1}'),
        ("g", "{}"),
    ]
    assert (whole.usage is not None) is include_usage


def test_halves_of_surrogate_pairs_and_line_ends_do_no_harm() -> None:
    assert deltas(*text(0, "a\ud800", "\r\n\n"), *tool(1, "\udc00"))[:2] == [
        {"content": "a?"},
        {"content": "\r\n\n"},
    ]


def test_what_does_not_belong_is_nothing() -> None:
    assert write(Delta(7, "a"), PartEnded(7)) == []
