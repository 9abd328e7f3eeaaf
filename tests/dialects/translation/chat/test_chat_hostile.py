"""Whatever parses as JSON is read, or refused with its place; and both ways lose nothing."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extproc.core.models import Dialect
from extproc.dialects.translation.chat import TRANSLATOR
from extproc.dialects.translation.form import Answer, Failure, Request, ToolCall, ToolResult, Turn
from extproc.dialects.translation.translator import Echo, Target
from extproc.errors import ClientError

WORDS = st.sampled_from(
    [
        "role",
        "content",
        "type",
        "text",
        "user",
        "assistant",
        "tool",
        "system",
        "function",
        "name",
        "tool_calls",
        "id",
        "arguments",
        "image_url",
        "url",
        "file",
        "file_data",
        "data:,a",
        "auto",
        "delta",
        "choices",
        "message",
        "finish_reason",
        "usage",
        "error",
        "index",
        "stop",
        "refusal",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | WORDS | st.text(max_size=4)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
MEMBERS = st.sampled_from(
    [
        "messages",
        "tools",
        "functions",
        "tool_choice",
        "function_call",
        "response_format",
        "stop",
        "stream_options",
        "reasoning_effort",
        "max_tokens",
        "user",
        "n",
        "metadata",
        "odd",
    ]
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool", "function"])},
    optional={
        "content": JSON,
        "tool_calls": st.lists(
            st.fixed_dictionaries({"id": SCALARS, "function": JSON}), max_size=2
        ),
        "tool_call_id": SCALARS,
        "name": SCALARS,
    },
)
TARGETS = [Target("m", "openai"), Target("m", "mistral")]


def _check_refusal(error: ClientError) -> None:
    assert error.status == 400
    assert error.param


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(MEMBERS, JSON, max_size=4),
    st.lists(MESSAGE, max_size=4) | JSON,
)
def test_any_body_is_read_or_refused(body: dict[str, Any], messages: Any) -> None:
    body = orjson.loads(orjson.dumps({"messages": messages, **body}))
    TRANSLATOR.adapt(body, TARGETS[1])
    try:
        request = TRANSLATOR.read_request(body)
    except ClientError as error:
        _check_refusal(error)
        return
    for target in TARGETS:
        told = TRANSLATOR.obstacles(request, target)
        written = TRANSLATOR.write_request(request, target)
        assert set(told) <= set(written.losses)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_answer_is_read_or_a_failure(document: Any) -> None:
    for body in (document, {"choices": [{"message": document}], "usage": document}):
        answer = TRANSLATOR.read_answer(orjson.dumps(body))
        assert isinstance(answer, Answer | Failure)
        if isinstance(answer, Answer):
            TRANSLATOR.write_answer(answer, Echo(Request(Dialect.CHAT, "m", ()), "m", 1))


@settings(max_examples=300, deadline=None)
@given(st.lists(JSON, max_size=5))
def test_any_stream_is_read_and_written(documents: list[Any]) -> None:
    reader = TRANSLATOR.stream_reader()
    writer = TRANSLATOR.stream_writer(Echo(Request(Dialect.CHAT, "m", ()), "m", 1))
    for document in documents:
        chunk = {"choices": [{"delta": document, "finish_reason": None}], "usage": document}
        for event in reader.read(orjson.dumps(chunk)):
            writer.write(event)
    for event in reader.end():
        writer.write(event)


TEXTS = st.text(min_size=1, max_size=20)
TURNS = st.lists(
    st.fixed_dictionaries({"role": st.just("user"), "content": TEXTS})
    | st.fixed_dictionaries({"role": st.just("assistant"), "content": TEXTS})
    | st.fixed_dictionaries({"role": st.just("tool"), "tool_call_id": TEXTS, "content": TEXTS}),
    min_size=1,
    max_size=6,
)


def _gist(turns: tuple[Turn, ...]) -> list[Any]:
    return [(turn.role, turn.parts) for turn in turns]


@settings(max_examples=200, deadline=None)
@given(TURNS, st.lists(TEXTS, max_size=2))
def test_what_chat_says_survives_the_form(turns: list[Any], system: list[str]) -> None:
    leading = [{"role": "system", "content": text} for text in system]
    first = TRANSLATOR.read_request({"messages": [*leading, *turns]})
    written = TRANSLATOR.write_request(first, TARGETS[0])
    again = TRANSLATOR.read_request(orjson.loads(written.body))
    assert again.system == first.system
    assert written.losses == ()
    # Results of neighbouring turns stand before what users say there; else the order is kept.
    assert sorted(map(repr, _gist(again.turns))) == sorted(map(repr, _gist(first.turns)))


@pytest.mark.unmeasured  # the same lines over and over
def test_a_hundred_thousand_calls() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call] * 100_000}
    request = TRANSLATOR.read_request({"messages": [message]})
    body = orjson.loads(TRANSLATOR.write_request(request, TARGETS[0]).body)
    assert len(body["messages"][0]["tool_calls"]) == 100_000


def test_parts_of_the_form_that_chat_reads() -> None:
    body: dict[str, Any] = {"messages": [{"role": "tool", "tool_call_id": "a", "content": None}]}
    assert TRANSLATOR.read_request(body).turns[0].parts == (ToolResult("a", ()),)
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]
    call = {"id": "a", "function": {"name": "f", "arguments": "[" * 900}}
    body = {"messages": [{"role": "assistant", "odd": deep, "tool_calls": [call]}]}
    assert TRANSLATOR.read_request(body).turns[0].parts == (ToolCall("a", "f", "[" * 900),)
