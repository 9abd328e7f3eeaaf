"""Whole answers: a chat provider's, read; and written for a chat client."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from openai.types.chat import ChatCompletion

from extproc.core.models import Dialect
from extproc.dialects.translation.chat import TRANSLATOR
from extproc.dialects.translation.form import (
    Answer,
    Failure,
    Reasoning,
    Refusal,
    Request,
    Stop,
    Text,
    ToolCall,
    Usage,
)
from extproc.dialects.translation.translator import Echo
from tests.helpers.sdk_types import THOUGHTS, parsed

REQUEST = Request(Dialect.CHAT, "m", ())
OLD = Request(Dialect.CHAT, "m", (), paths={"tools": "functions"})


def read(message: dict[str, Any], reason: object = "stop", **members: Any) -> Answer:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}
    body = {"id": "chatcmpl-1", "created": 5, "choices": [choice], **members}
    answer = TRANSLATOR.read_answer(orjson.dumps(body))
    assert isinstance(answer, Answer)
    return answer


def write(answer: Answer, request: Request = REQUEST, **echo: Any) -> Any:
    body = TRANSLATOR.write_answer(answer, Echo(request, "served", 9, "req", **echo))
    return parsed(ChatCompletion, body, THOUGHTS)


def call(arguments: object, **members: Any) -> dict[str, Any]:
    function = {"name": "look", "arguments": arguments}
    return {"id": "call_1", "type": "function", "function": function, **members}


def test_case_066_texts_are_joined() -> None:
    written = write(Answer("msg_1", (Text("a"), Text("b")), Stop.END))
    assert written.choices[0].message.content == "ab"
    assert written.choices[0].message.tool_calls is None


def test_case_067_nothing_but_a_call() -> None:
    written = write(Answer("msg_1", (ToolCall("t", "look", ""),), Stop.TOOLS))
    (choice,) = written.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert choice.message.tool_calls[0].function.arguments == "{}"


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (Stop.END, "stop"),
        (Stop.SEQUENCE, "stop"),
        (Stop.PAUSED, "stop"),
        (Stop.LENGTH, "length"),
        (Stop.TOOLS, "tool_calls"),
        (Stop.REFUSED, "content_filter"),
    ],
    ids=lambda value: f"68-{value}",
)
def test_case_068_stops(stop: Stop, reason: str) -> None:
    (choice,) = write(Answer("msg_1", (Text("a"),), stop)).choices
    assert choice.finish_reason == reason
    assert bool(choice.message.refusal) is (stop is Stop.REFUSED)


def test_case_068_the_models_own_words_of_refusal() -> None:
    (choice,) = write(Answer("msg_1", (Refusal("No."),), Stop.REFUSED)).choices
    assert choice.message.refusal == "No."
    assert choice.message.content is None


@pytest.mark.parametrize(
    ("reason", "message", "stop"),
    [
        ("stop", {"content": "a"}, Stop.END),
        ("length", {"content": "a"}, Stop.LENGTH),
        ("tool_calls", {"tool_calls": [call("{}")]}, Stop.TOOLS),
        ("function_call", {"function_call": {"name": "f", "arguments": ""}}, Stop.TOOLS),
        ("content_filter", {"content": ""}, Stop.REFUSED),
        ("unheard_of", {"content": "a"}, Stop.END),
        (None, {"content": "a"}, Stop.END),
        (["stop"], {"content": "a"}, Stop.END),
        ("stop", {"tool_calls": [call("{}")]}, Stop.TOOLS),
        ("stop", {"refusal": "No."}, Stop.END),
        ("tool_calls", {"content": "a"}, Stop.END),
    ],
)
def test_case_069_finish_reasons(reason: object, message: dict[str, Any], stop: Stop) -> None:
    assert read(message, reason).stop is stop


def test_case_070_usage_for_the_client() -> None:
    usage = Usage(input=2255, output=5, cached=512, written=1733)
    written = write(Answer("msg_1", (Text("a"),), Stop.END, usage)).usage
    assert (written.prompt_tokens, written.completion_tokens) == (2255, 5)
    assert written.total_tokens == 2260
    assert written.prompt_tokens_details.cached_tokens == 512
    assert written.prompt_tokens_details.cache_write_tokens == 1733
    assert written.completion_tokens_details.reasoning_tokens == 0


def test_usage_that_nobody_told_is_not_made_up() -> None:
    assert write(Answer("msg_1", (Text("a"),), Stop.END)).usage is None


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        (
            {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": None},
            Usage(9, 2),
        ),
        (
            {
                "prompt_tokens": 240403,
                "completion_tokens": 7,
                "total_tokens": 240410,
                "prompt_tokens_details": {"cached_tokens": 229504, "cache_write_tokens": 3},
                "completion_tokens_details": {"reasoning_tokens": 4},
            },
            Usage(240403, 7, 229504, 3, 4),
        ),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 3}, Usage(9, cached=3)),
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 2,
                "total_tokens": 16,
                "completion_tokens_details": {"reasoning_tokens": 5},
            },
            Usage(9, 7, reasoning=5),
        ),
        ({"prompt_tokens": -1, "completion_tokens": "2"}, Usage()),
        ({"prompt_tokens": True, "completion_tokens": 1.5}, Usage()),
        (None, Usage()),
        ([], Usage()),
    ],
    ids=["plain", "71", "deepseek", "xai", "negative", "wrong", "null", "list"],
)
def test_case_071_usage_of_the_provider(told: object, usage: Usage) -> None:
    assert read({"content": "a"}, usage=told).usage == usage


def test_case_072_an_empty_answer_has_no_parts() -> None:
    assert read({"content": ""}).parts == ()
    assert write(Answer("msg_1", (), Stop.END)).choices[0].message.content == ""


def test_case_073_arguments_are_kept_as_they_came() -> None:
    assert read({"tool_calls": [call("")]}).parts == (ToolCall("call_1", "look", ""),)
    cut = read({"tool_calls": [call('{"a":')]}, "length")
    assert cut.parts == (ToolCall("call_1", "look", '{"a":'),)
    assert cut.stop is Stop.LENGTH


def test_case_074_the_model_is_the_one_that_served() -> None:
    written = write(Answer("", (Text("a"),), Stop.END, service_tier="flex"))
    assert written.model == "served"
    assert written.created == 9
    assert written.id == "chatcmpl-req"
    assert written.service_tier == "flex"
    assert write(Answer("x", (), Stop.END, created=7, service_tier="odd")).service_tier is None


def test_all_that_a_provider_says() -> None:
    answer = read(
        {
            "content": "a",
            "reasoning_content": "hm",
            "refusal": "no",
            "tool_calls": [call("{}", id=None), call({"b": 1})],
        },
        service_tier="default",
    )
    assert answer == Answer(
        "chatcmpl-1",
        (
            Reasoning("hm"),
            Text("a"),
            Refusal("no"),
            ToolCall("", "look", "{}"),
            ToolCall("call_1", "look", '{"b":1}'),
        ),
        Stop.TOOLS,
        created=5,
        service_tier="default",
    )


def test_thoughts_under_other_names() -> None:
    assert read({"content": "a", "reasoning": "hm"}).parts == (Reasoning("hm"), Text("a"))
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    listed = read({"content": [thinking, {"type": "text", "text": "a"}]})
    assert listed.parts == (Reasoning("hm"), Text("a"))


def test_thoughts_for_the_client() -> None:
    answer = Answer("m", (Reasoning("hm", signature="s"), Reasoning(redacted="r")), Stop.END)
    message = write(answer).choices[0].message
    assert message.model_extra == {"reasoning_content": "hm"}


def test_case_048_names_are_restored() -> None:
    answer = Answer("m", (ToolCall("t", "short", "{}"),), Stop.TOOLS)
    written = write(answer, tool_names={"short": "the long name"})
    assert written.choices[0].message.tool_calls[0].function.name == "the long name"


def test_a_client_of_old_functions_is_answered_in_its_words() -> None:
    (choice,) = write(Answer("m", (ToolCall("t", "f", ""),), Stop.TOOLS), OLD).choices
    assert choice.finish_reason == "function_call"
    assert choice.message.function_call.arguments == "{}"
    assert choice.message.tool_calls is None


@pytest.mark.parametrize(
    ("created", "read_as"), [(5, 5), (5.5, 5), (True, None), (-1, None), ("5", None), (1e300, None)]
)
def test_when_it_was_begun(created: object, read_as: int | None) -> None:
    assert read({"content": "a"}, created=created).created == read_as


def test_odd_calls_are_none() -> None:
    odd = [3, {"function": 3}, {"function": {"name": ""}}]
    assert read({"content": [3], "tool_calls": odd}).parts == ()
    listed = {"type": "text", "text": 3}
    assert read({"content": [listed], "tool_calls": [call(3)]}).parts == (
        ToolCall("call_1", "look", ""),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Bad gateway</html>",
        b"[]",
        b"{}",
        b'{"choices":[]}',
        b'{"choices":{}}',
        b'{"choices":[1]}',
        b'{"choices":[{"message":null}]}',
        b'{"id":"x","content":[{"type":"text","text":"another dialect"}]}',
        b"\xff\xfe",
        b"[" * 2000,
    ],
)
def test_what_is_no_answer_is_a_failure(body: bytes) -> None:
    failure = TRANSLATOR.read_answer(body)
    assert isinstance(failure, Failure)
    assert failure.status == 502
    assert len(failure.message) < 300


def test_an_error_with_status_200() -> None:
    body = b'{"error":{"message":"busy","code":429,"type":"x"}}'
    assert TRANSLATOR.read_answer(body) == Failure("busy", 429, "x", "429")
    assert TRANSLATOR.read_answer(b'{"error":{"message":"busy"}}') == Failure("busy", 502)


def test_halves_of_surrogate_pairs_do_no_harm() -> None:
    answer = Answer("m", (Text("a\ud800b"), ToolCall("t", "f", '"\udc00"')), Stop.TOOLS)
    message = write(answer).choices[0].message
    assert message.content == "a?b"
    assert message.tool_calls[0].function.arguments == '"?"'


def test_counts_beyond_all_bounds_do_no_harm() -> None:
    usage = Usage(2**64, 2**64)
    written = write(Answer("m", (), Stop.END, usage)).usage
    assert written.total_tokens == written.prompt_tokens + written.completion_tokens
