"""What is said in OpenAI's responses, in requests and in streams.

The events are those published at
https://platform.openai.com/docs/api-reference/responses-streaming.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from extproc.core.conversation import Turn
from extproc.dialects.dialect import Sign
from extproc.dialects.responses import RESPONSES
from extproc.dialects.signs import read_signs

NOTHING_YET, CONTENT, ERROR = Sign.NOTHING_YET, Sign.CONTENT, Sign.ERROR


@pytest.mark.parametrize(
    "item",
    [
        {"type": "function_call", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "42"},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "t"}]},
        {"type": "item_reference", "id": "i"},
    ],
)
def test_what_nobody_says_in_words(item: dict[str, Any]) -> None:
    hello = {"role": "user", "content": "hello"}
    assert RESPONSES.conversation({"input": [item, hello]}) == (Turn("user", "hello"),)


def test_what_the_model_said_in_a_response_of_before() -> None:
    said = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "hi"}],
    }
    assert RESPONSES.conversation({"input": [said]}) == (Turn("assistant", "hi"),)


@pytest.mark.parametrize(
    ("document", "turns"),
    [
        ({"input": "hi"}, (Turn("user", "hi"),)),
        ({"input": "hi", "instructions": "Be brief"}, (Turn("user", "hi"),)),
        ({"input": ""}, ()),
        ({"input": " \n"}, ()),
        ({"input": []}, ()),
        ({"prompt": {"id": "pmpt_1"}}, ()),
        ({"previous_response_id": "resp_1"}, ()),
        ({"previous_response_id": "resp_1", "input": "and?"}, (Turn("user", "and?"),)),
    ],
)
def test_the_input(document: dict[str, Any], turns: tuple[Turn, ...]) -> None:
    assert RESPONSES.conversation(document) == turns


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
def test_the_first_events_of_a_stream(event: dict[str, Any], sign: Sign) -> None:
    assert RESPONSES.sign(event) is sign
    assert read_signs(json.dumps(event).encode()).sign is sign
