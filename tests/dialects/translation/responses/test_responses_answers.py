"""Whole answers, read and written."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from openai import omit
from openai.lib._parsing._responses import parse_response
from openai.types.responses import Response
from pydantic import BaseModel

from extproc.dialects.translation.form import (
    Answer,
    Failure,
    Reasoning,
    Refusal,
    Stop,
    Text,
    ToolCall,
    Usage,
)
from extproc.dialects.translation.responses import TRANSLATOR
from extproc.dialects.translation.translator import Echo
from tests.dialects.translation.responses.responses_sdk import echo
from tests.helpers.sdk_types import parsed

TOOL = {
    "type": "function",
    "name": "f",
    "description": "d",
    "parameters": {"type": "object"},
    "strict": True,
}


def _written(answer: Answer, asked: Echo | None = None) -> Response:
    body = TRANSLATOR.write_answer(answer, asked or echo())
    response: Response = parsed(Response, body)
    missing = {"id", "created_at", "model", "object", "output", "parallel_tool_calls"}
    missing |= {"tool_choice", "tools", "usage", "status", "error", "incomplete_details"}
    assert missing <= orjson.loads(body).keys()
    return response


def test_case_074_the_model_that_served_is_told() -> None:
    assert _written(Answer("msg_1", (Text("a"),), Stop.END)).model == "served"


def test_case_075_all_members_are_there() -> None:
    asked = echo(
        instructions="Be brief.",
        tools=[TOOL],
        tool_choice={"type": "function", "name": "f"},
        parallel_tool_calls=False,
        max_output_tokens=50,
        temperature=0.5,
        metadata={"a": "b"},
        reasoning={"effort": "low"},
        text={"format": {"type": "json_object"}, "verbosity": "low"},
    )
    usage = Usage(input=10, output=5, cached=3, written=2, reasoning=1)
    response = _written(Answer("msg_01AB", (Text("a"),), Stop.END, usage, 1_699), asked)
    assert (response.id, response.created_at, response.object) == ("resp_01AB", 1_699, "response")
    assert response.status == "completed"
    assert response.output_text == "a"
    assert response.instructions == "Be brief."
    assert response.parallel_tool_calls is False
    assert response.tools[0].to_dict() == TOOL
    assert response.tool_choice.to_dict() == {"type": "function", "name": "f"}  # type: ignore[union-attr]
    assert response.metadata == {"a": "b"}
    assert (response.max_output_tokens, response.temperature) == (50, 0.5)
    assert response.usage is not None
    assert response.usage.to_dict() == {
        "input_tokens": 10,
        "input_tokens_details": {"cache_write_tokens": 2, "cached_tokens": 3},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": 15,
    }


def test_case_075_the_form_and_the_allowed_tools_are_repeated() -> None:
    form = {
        "type": "json_schema",
        "name": "n",
        "description": None,
        "schema": {"type": "object"},
        "strict": True,
    }
    allowed = {
        "type": "allowed_tools",
        "mode": "auto",
        "tools": [{"type": "function", "name": "f"}],
    }
    asked = echo(text={"format": form}, tools=[TOOL], tool_choice=allowed)
    body = orjson.loads(TRANSLATOR.write_answer(Answer("x", (), Stop.END), asked))
    parsed(Response, body)
    assert body["text"]["format"] == form
    assert body["tool_choice"] == allowed


def test_case_075_tokens_that_were_not_told_count_as_none() -> None:
    usage = _written(Answer("x", (), Stop.END)).usage
    assert usage is not None
    assert (usage.total_tokens, usage.input_tokens_details.cache_write_tokens) == (0, 0)


@pytest.mark.parametrize(
    ("stop", "status", "reason"),
    [
        (Stop.END, "completed", None),
        (Stop.SEQUENCE, "completed", None),
        (Stop.TOOLS, "completed", None),
        (Stop.PAUSED, "completed", None),
        (Stop.LENGTH, "incomplete", "max_output_tokens"),
        (Stop.REFUSED, "incomplete", "content_filter"),
    ],
)
def test_case_076_why_it_ended(stop: Stop, status: str, reason: str | None) -> None:
    response = _written(Answer("x", (Text("a"),), stop))
    assert response.status == status
    assert response.incomplete_details is None or response.incomplete_details.reason == reason
    assert (response.incomplete_details is None) == (reason is None)
    assert response.output[-1].status == status  # type: ignore[union-attr]


def test_a_refusal_in_words_is_complete() -> None:
    response = _written(Answer("x", (Refusal("No."),), Stop.REFUSED))
    assert response.status == "completed"
    assert response.output[0].to_dict()["content"] == [{"type": "refusal", "refusal": "No."}]


def test_what_is_said_without_a_break_is_one_text() -> None:
    """Agent frameworks take the last text of the last message as the answer."""
    parts = (Text("a"), Text("b"), ToolCall("c", "f", ""), Text("d"))
    response = _written(Answer("chatcmpl-1", parts, Stop.TOOLS))
    first, call, last = response.output
    assert first.to_dict()["content"][0]["text"] == "ab"  # type: ignore[index]
    assert call.to_dict() == {
        "type": "function_call",
        "id": "fc_dragoman_1_1",
        "call_id": "c",
        "name": "f",
        "arguments": "{}",
        "status": "completed",
    }
    assert last.id == "msg_dragoman_1_2"


def test_reasoning_is_a_summary_and_proofs_stay_away() -> None:
    parts = (Reasoning("hm", signature="s"), Reasoning(redacted="r"), Text("a"))
    body = TRANSLATOR.write_answer(Answer("msg_1", parts, Stop.END), echo())
    thought, said = parsed(Response, body).output
    assert thought.to_dict() == {
        "type": "reasoning",
        "id": "rs_dragoman_1_0",
        "summary": [{"type": "summary_text", "text": "hm"}],
    }
    assert said.type == "message"


def test_case_048_names_are_restored() -> None:
    asked = echo()
    asked = Echo(asked.request, "served", 1, tool_names={"short": "long"})
    response = _written(Answer("x", (ToolCall("", "short", "{}"),), Stop.TOOLS), asked)
    assert response.output[0].name == "long"  # type: ignore[union-attr]
    assert response.output[0].call_id.startswith("call_")  # type: ignore[union-attr]


class _Fact(BaseModel):
    fact: str


def test_the_sdk_parses_structured_answers() -> None:
    response = _written(Answer("x", (Text('{"fact":'), Text('"a"}')), Stop.END))
    parsed = parse_response(text_format=_Fact, input_tools=omit, response=response)
    assert parsed.output_parsed == _Fact(fact="a")


@pytest.mark.parametrize(
    "hostile",
    [
        {"metadata": {"a": 1}, "prompt_cache_key": 1, "safety_identifier": []},
        {"text": {"verbosity": "loud"}, "reasoning": {"effort": "huge", "summary": "long"}},
        {"tool_choice": "none", "top_p": 1},
    ],
)
def test_what_a_client_wrote_wrongly_is_not_repeated(hostile: dict[str, Any]) -> None:
    _written(Answer("x", (Text("a"),), Stop.END), echo(**hostile))


def test_ids_are_made_of_whatever_there_is() -> None:
    assert _written(Answer("", (), Stop.END)).id == "resp_req-1"
    assert _written(Answer("ü/\n" * 100, (), Stop.END)).id.isascii()
    assert _written(Answer("resp_1", (), Stop.END)).id == "resp_1"


def _told(**members: Any) -> bytes:
    response = {
        "id": "resp_1",
        "object": "response",
        "created_at": 1.5,
        "status": "completed",
        "error": None,
        "service_tier": "default",
        "output": [
            {
                "type": "reasoning",
                "id": "rs_1",
                "summary": [{"type": "summary_text", "text": "hm"}],
                "encrypted_content": "xyz",
            },
            {"type": "reasoning", "id": "rs_2", "summary": []},
            {"type": "web_search_call", "id": "ws_1", "status": "completed"},
            {
                "type": "message",
                "id": "msg_1",
                "content": [{"type": "output_text", "text": "a", "annotations": []}],
            },
        ],
        "usage": {
            "input_tokens": 10,
            "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 1},
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 2},
            "total_tokens": 15,
        },
    }
    return orjson.dumps({**response, **members})


def test_an_answer_is_read() -> None:
    assert TRANSLATOR.read_answer(_told()) == Answer(
        "resp_1",
        (Reasoning("hm", encrypted="xyz", id="rs_1"), Text("a")),
        Stop.END,
        Usage(10, 5, 4, 1, 2),
        1,
        service_tier="default",
    )


@pytest.mark.parametrize(
    ("members", "stop"),
    [
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "refused"),
        ({"status": "incomplete"}, "length"),
        (
            {"output": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": ""}]},
            "tools",
        ),
        (
            {"output": [{"type": "message", "content": [{"type": "refusal", "refusal": "No."}]}]},
            "end",
        ),
    ],
)
def test_why_it_ended_is_read(members: dict[str, Any], stop: str) -> None:
    answer = TRANSLATOR.read_answer(_told(**members))
    assert isinstance(answer, Answer)
    assert answer.stop == stop


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"<html>oops", 502, "It begins: <html>oops"),
        (b"[1]", 502, "It begins: [1]"),
        (_told(output=None), 502, "It begins: {"),
        (_told(status="in_progress"), 502, "is in_progress"),
        (_told(status=7), 502, "is unknown"),
        (
            _told(status="failed", error={"code": "rate_limit_exceeded", "message": "slow"}),
            429,
            "slow",
        ),
        (b'{"error":{"message":"broken"}}', 502, "broken"),
    ],
)
def test_what_is_no_answer_is_a_failure(body: bytes, status: int, message: str) -> None:
    failure = TRANSLATOR.read_answer(body)
    assert isinstance(failure, Failure)
    assert failure.status == status
    assert message in failure.message


def test_what_was_read_is_written_again() -> None:
    answer = TRANSLATOR.read_answer(_told())
    assert isinstance(answer, Answer)
    again = TRANSLATOR.read_answer(TRANSLATOR.write_answer(answer, echo()))
    assert isinstance(again, Answer)
    assert again.usage == answer.usage
    assert [type(part) for part in again.parts] == [Reasoning, Text]
