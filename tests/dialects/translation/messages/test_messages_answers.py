"""Whole answers in Anthropic's dialect, read and written. Numbers are the cases of translation."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from anthropic.types import Message

from extproc.core.models import Dialect
from extproc.dialects.translation.form import (
    Answer,
    AnswerPart,
    Failure,
    Reasoning,
    Refusal,
    Request,
    Stop,
    Text,
    ToolCall,
    Usage,
)
from extproc.dialects.translation.messages import TRANSLATOR
from extproc.dialects.translation.translator import Echo
from tests.helpers.sdk_types import strictly

_BEGINS = "The provider's answer is none of its API. It begins: "
REQUEST = Request(Dialect.MESSAGES, "claude-x", ())
ECHO = Echo(REQUEST, "gpt-x", 1, "req_1", {"short": "a long name"})


def told(*content: dict[str, Any], **members: Any) -> Any:
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": list(content),
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5},
        **members,
    }
    return TRANSLATOR.read_answer(orjson.dumps(message))


def written(*parts: AnswerPart, stop: Stop = Stop.END, **members: Any) -> dict[str, Any]:
    answer = Answer("id-1", parts, stop, **members)
    message: dict[str, Any] = strictly(Message, TRANSLATOR.write_answer(answer, ECHO))
    return message


def test_cases_066_067_parts() -> None:
    answer = told(
        {"type": "thinking", "thinking": "t", "signature": "s"},
        {"type": "redacted_thinking", "data": "r"},
        {"type": "text", "text": "a", "citations": None},
        {"type": "server_tool_use", "id": "x", "name": "web_search", "input": {}},
        {"type": "web_search_tool_result", "tool_use_id": "x", "content": []},
        {"type": "text", "text": "b"},
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"z": 1, "a": []}},
        {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}},
        stop_reason="tool_use",
    )
    assert answer == Answer(
        "msg_1",
        (
            Reasoning("t", signature="s"),
            Reasoning(redacted="r"),
            Text("a"),
            Text("b"),
            ToolCall("toolu_1", "f", '{"z":1,"a":[]}'),
            ToolCall("toolu_2", "g", "{}"),
        ),
        Stop.TOOLS,
        Usage(10, 5),
    )


@pytest.mark.parametrize(
    ("reason", "stop"),
    [
        ("end_turn", Stop.END),
        ("stop_sequence", Stop.SEQUENCE),
        ("max_tokens", Stop.LENGTH),
        ("model_context_window_exceeded", Stop.LENGTH),
        ("tool_use", Stop.TOOLS),
        ("pause_turn", Stop.PAUSED),
        ("something new", Stop.END),
        (None, Stop.END),
        ({}, Stop.END),
    ],
)
def test_case_068_stop_reasons(reason: object, stop: Stop) -> None:
    assert told(stop_reason=reason).stop is stop


def test_case_068_refusal() -> None:
    details = {"type": "refusal", "category": "bio", "explanation": "Not this."}
    answer = told({"type": "text", "text": "So"}, stop_reason="refusal", stop_details=details)
    assert answer.stop is Stop.REFUSED
    assert answer.parts == (Text("So"), Refusal("Not this."))
    (unexplained,) = told(stop_reason="refusal").parts
    assert isinstance(unexplained, Refusal)
    assert unexplained.text


def test_the_sequence_that_was_met() -> None:
    assert told(stop_reason="stop_sequence", stop_sequence="END").sequence == "END"
    message = written(Text("a"), stop=Stop.SEQUENCE, sequence="END")
    assert (message["stop_reason"], message["stop_sequence"]) == ("stop_sequence", "END")


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        (Stop.END, "end_turn"),
        (Stop.SEQUENCE, "stop_sequence"),
        (Stop.LENGTH, "max_tokens"),
        (Stop.TOOLS, "tool_use"),
        (Stop.REFUSED, "refusal"),
        (Stop.PAUSED, "pause_turn"),
    ],
)
def test_case_069_stops(stop: Stop, reason: str) -> None:
    assert written(Text("a"), stop=stop)["stop_reason"] == reason


def test_case_069_a_forced_call_ends_for_tools() -> None:
    assert written(ToolCall("a", "f", "{}"))["stop_reason"] == "tool_use"


def test_case_070_usage_read() -> None:
    usage = {
        "input_tokens": 10,
        "cache_read_input_tokens": 512,
        "cache_creation_input_tokens": 1733,
        "output_tokens": 5,
        "output_tokens_details": {"thinking_tokens": 3},
    }
    assert told(usage=usage).usage == Usage(2255, 5, 512, 1733, 3)


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        (Usage(240_403, 7, 229_504), (10_899, 229_504, 0, 7)),
        (Usage(5, 1, 9), (0, 9, 0, 1)),
        (Usage(), (0, 0, 0, 0)),
        (Usage(2**70, -1), (2**53 - 1, 0, 0, 0)),
    ],
)
def test_case_071_usage_written(usage: Usage, counts: tuple[int, ...]) -> None:
    assert (
        tuple(
            written(Text("a"), usage=usage)["usage"][name]
            for name in (
                "input_tokens",
                "cache_read_input_tokens",
                "cache_creation_input_tokens",
                "output_tokens",
            )
        )
        == counts
    )


def test_case_071_thinking_tokens() -> None:
    usage = written(Text("a"), usage=Usage(1, 9, reasoning=4))["usage"]
    assert usage["output_tokens_details"] == {"thinking_tokens": 4}


@pytest.mark.parametrize("parts", [(), (Text(""),), (Reasoning(encrypted="e", id="rs"),)])
def test_case_072_nothing_said(parts: tuple[AnswerPart, ...]) -> None:
    assert written(*parts)["content"] == [{"type": "text", "text": ""}]


@pytest.mark.parametrize(
    ("arguments", "given"),
    [("", {}), ('{"a":', {}), ("[1]", {}), ('{"a": {"b": 1}}', {"a": {"b": 1}})],
)
def test_case_073_arguments(arguments: str, given: dict[str, Any]) -> None:
    message = written(ToolCall("call|1", "short", arguments), stop=Stop.LENGTH)
    (block,) = message["content"]
    assert block["input"] == given
    assert block["name"] == "a long name"
    assert block["id"].startswith("call_1_")
    assert message["stop_reason"] == "max_tokens"


def test_case_074_complete() -> None:
    assert written(Text("a")) == {
        "id": "id-1",
        "type": "message",
        "role": "assistant",
        "model": "gpt-x",
        "content": [{"type": "text", "text": "a"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 0,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 0,
        },
    }


def test_case_094_thinking_of_others_is_marked_as_unsigned() -> None:
    thinking, redacted = written(Reasoning("t"), Reasoning(redacted="r"))["content"]
    assert thinking == {"type": "thinking", "thinking": "t", "signature": "dragoman-unsigned"}
    assert redacted == {"type": "redacted_thinking", "data": "r"}


def test_a_refusal_is_text_with_its_reason() -> None:
    message = written(Refusal("No."))
    assert message["content"] == [{"type": "text", "text": "No."}]
    assert message["stop_reason"] == "refusal"
    assert message["stop_details"]["explanation"] == "No."


def test_ids_are_made_up_alike_each_time() -> None:
    nameless = Answer("", (Text("a"),), Stop.END)
    one, two = (orjson.loads(TRANSLATOR.write_answer(nameless, ECHO))["id"] for _ in range(2))
    assert one == two
    assert one.startswith("msg_")
    assert told(id=None) == told(id=None)


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert written(Text("a\ud800"))["content"] == [{"type": "text", "text": "a?"}]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>Bad   gateway</html>", _BEGINS + "<html>Bad gateway</html>"),
        (b"[1]", _BEGINS + "[1]"),
        (b"{}", _BEGINS + "{}"),
        (b"", "The provider's answer is empty."),
        (b"\xff" * 900, _BEGINS.ljust(200, "�")),
        (b'{"content":"x"}', _BEGINS + '{"content":"x"}'),
    ],
)
def test_case_100_what_is_no_answer(body: bytes, message: str) -> None:
    assert TRANSLATOR.read_answer(body) == Failure(message, 502)


def test_an_error_with_status_200() -> None:
    body = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    assert TRANSLATOR.read_answer(body) == Failure("Overloaded", None, "overloaded_error")
