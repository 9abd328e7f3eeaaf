"""The fake provider refuses what OpenAI's two APIs refuse, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.seal import encrypt
from extproc.demo.provider.strict import Ask, Memory, chat, responses

USER = {"role": "user", "content": "Hi"}
PARAMETERS = {"type": "object", "properties": {"a": {"type": "string"}}}
STRICT = PARAMETERS | {"required": ["a"], "additionalProperties": False}
FUNCTION = {"name": "look", "parameters": PARAMETERS}
TOOL = {"type": "function", "function": FUNCTION}
FLAT = {"type": "function", "strict": False, **FUNCTION}
PIXEL = "data:image/png;base64,aGVsbG8="


def judge_chat(
    *turns: Any, model: str = "gpt-4o", older: bool = False, **more: Any
) -> Complaint | None:
    body = {"model": model, "messages": list(turns) or [USER]} | more
    return chat.judge(Ask(body=body, model=model, older_chat=older))


def judge_responses(*items: Any, model: str = "gpt-5", **more: Any) -> Complaint | None:
    body = {"model": model, "input": list(items) or "Hi"} | more
    body = {name: value for name, value in body.items() if value != "absent"}
    memory = Memory({"resp_1": ("call_0",), "resp_2": ()}, {"rs_1"})
    return responses.judge(Ask(body=body, model=model, provider="acme", memory=memory))


def called(*ids: str, arguments: Any = "{}") -> dict[str, Any]:
    function = {"name": "look", "arguments": arguments}
    calls = [{"id": one, "type": "function", "function": function} for one in ids]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def tool(call: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call, "content": "ok"}


def with_image(url: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}


@pytest.mark.parametrize(
    ("turns", "more"),
    [
        ((), {}),
        ((USER, called("a", "b"), tool("b"), tool("a"), USER), {"tools": [TOOL]}),
        ((with_image(PIXEL), with_image("https://a/b")), {}),
        ((), {"max_tokens": 5, "temperature": 0.2, "stop": ["a"], "top_p": 0.5, "seed": 1}),
        ((), {"max_completion_tokens": 5, "n": 2, "logprobs": True, "top_logprobs": 2}),
        ((), {"model": "gpt-5", "max_completion_tokens": 5, "reasoning_effort": "minimal"}),
        ((), {"model": "o3", "temperature": 1, "reasoning_effort": "high"}),
        ((), {"model": "gpt-5.2", "temperature": 0.2, "reasoning_effort": "none"}),
        ((), {"model": "gpt-5.6-sol", "tools": [TOOL], "reasoning_effort": "none"}),
        ((), {"model": "gpt-5", "tools": [TOOL], "reasoning_effort": "high"}),
        ((), {"tools": [TOOL], "tool_choice": "required", "parallel_tool_calls": False}),
        ((), {"tools": [{"type": "function", "function": {"name": "look"}}]}),
        ((), {"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}}),
        ((), {"stream": True, "stream_options": {"include_usage": True}, "user": "u"}),
        (
            (USER, {"role": "assistant", "content": "a", "reasoning_content": "b"}, USER),
            {"model": "deepseek-reasoner", "max_tokens": 5, "stop": "a"},
        ),
    ],
)
def test_what_is_right_is_served_in_chat(turns: Any, more: dict[str, Any]) -> None:
    assert judge_chat(*turns, **more) is None


@pytest.mark.parametrize(
    ("turns", "more", "code", "param", "message"),
    [
        ((), {"thinking": {}}, "unknown_parameter", "thinking", "Unknown parameter: 'thinking'."),
        (
            (USER | {"cache_control": {}},),
            {},
            "unknown_parameter",
            "messages[0].cache_control",
            "Unknown parameter: 'messages[0].cache_control'.",
        ),
        (
            (USER, {"role": "assistant", "content": "a", "reasoning_content": "b"}),
            {},
            "unknown_parameter",
            "messages[1].reasoning_content",
            "Unknown",
        ),
        (({"role": "user"},), {}, "missing_required_parameter", "messages[0].content", "Missing"),
        ((), {"temperature": "hot"}, "invalid_type", "temperature", "expected one of a number and"),
        (({"role": "bot"},), {}, "invalid_value", "messages[0].role", "Invalid value: 'bot'."),
        (
            (USER, called("a", arguments={}), tool("a")),
            {},
            "invalid_type",
            "messages[1].tool_calls[0].function.arguments",
            "expected a string, but got an object",
        ),
        ((USER, called("a"), USER), {}, None, "messages[2].role", "must be followed by tool"),
        ((USER, called("a", "b"), tool("a")), {}, None, "messages[2].role", "messages: b"),
        ((USER, tool("a")), {}, None, "messages[1].role", "response to a preceeding message"),
        (
            (USER, called("a"), tool("b")),
            {},
            None,
            "messages[2].tool_call_id",
            "not found in 'tool_calls' of previous message",
        ),
        (
            (USER, called("a" * 41), tool("a" * 41)),
            {},
            "string_above_max_length",
            "messages[1].tool_calls[0].id",
            "maximum length 40",
        ),
        (
            (USER, {"role": "assistant", "content": None}),
            {},
            None,
            "messages[1].content",
            "expected a string, got null",
        ),
        ((with_image("data:image/bmp;base64,aGVsbG8="),), {}, "invalid_value", None, "image/bmp"),
        ((), {"stop": list("abcde")}, "array_above_max_length", "stop", "maximum length 4"),
        ((), {"n": 0}, "integer_below_min_value", "n", "Expected a value >= 1"),
        ((), {"top_p": 1.5}, "decimal_above_max_value", "top_p", "Expected a value <= 1"),
        ((), {"stream_options": {}}, None, "stream_options", "only allowed when 'stream'"),
        ((), {"tool_choice": "auto"}, None, "tool_choice", "only allowed when 'tools'"),
        ((), {"tools": []}, "empty_array", "tools", "empty array"),
        (
            (),
            {"tools": [{"type": "function", "function": {"name": "a.b"}}]},
            "invalid_value",
            "tools[0].function.name",
            "pattern",
        ),
        (
            (),
            {"tools": [{"type": "function", "function": {"name": "a" * 65}}]},
            "string_above_max_length",
            "tools[0].function.name",
            "maximum length 64",
        ),
        (
            (),
            {"tools": [{"type": "function", "function": FUNCTION | {"strict": True}}]},
            "invalid_function_parameters",
            "tools[0].function.parameters",
            "'additionalProperties' is required",
        ),
        ((), {"tools": [FLAT]}, "unknown_parameter", "tools[0].strict", "Unknown"),
        (
            (),
            {"response_format": {"type": "json_schema", "json_schema": {}}},
            "missing_required_parameter",
            "response_format.json_schema.name",
            "Missing",
        ),
        ((), {"response_format": {"type": "json_object"}}, None, "messages", "the word 'json'"),
        ((), {"safety_identifier": "a" * 65}, "string_above_max_length", None, "length 64"),
        ((), {"max_tokens": 1, "max_completion_tokens": 1}, None, None, "at the same time"),
        ((), {"reasoning_effort": "low"}, "unsupported_parameter", "reasoning_effort", ""),
        (
            (),
            {"model": "gpt-5", "max_tokens": 5},
            "unsupported_parameter",
            "max_tokens",
            "Use 'max_completion_tokens' instead.",
        ),
        ((), {"model": "o4-mini", "temperature": 0.2}, "unsupported_value", "temperature", "0.2"),
        ((), {"model": "gpt-5-mini", "top_p": 0.2}, "unsupported_parameter", "top_p", ""),
        ((), {"model": "openai/o1", "stop": "a"}, "unsupported_parameter", "stop", ""),
        ((), {"model": "o3", "reasoning_effort": "none"}, "unsupported_value", None, "'low'"),
        (
            (),
            {"model": "gpt-5.4", "tools": [TOOL], "reasoning_effort": "low"},
            None,
            "reasoning_effort",
            "Function tools with reasoning_effort are not supported for gpt-5.4",
        ),
        ((), {"model": "gpt-5.6", "tools": [TOOL]}, None, "reasoning_effort", "use /v1/responses"),
    ],
)
def test_what_is_wrong_in_chat(
    turns: Any, more: dict[str, Any], code: str | None, param: str | None, message: str
) -> None:
    complaint = judge_chat(*turns, **more)
    assert complaint is not None
    assert message in complaint.message
    if code is not None:
        assert complaint.code == code
    if param is not None:
        assert complaint.param == param
    assert complaint.status == 400


def test_older_chat_knows_no_newer_names() -> None:
    assert judge_chat(max_tokens=5, model="llama", older=True) is None
    complaint = judge_chat(max_completion_tokens=5, model="llama", older=True)
    assert complaint is not None
    assert complaint.param == "max_completion_tokens"
    assert judge_chat({"role": "developer", "content": "a"}, model="llama", older=True) is not None


CALL = {"type": "function_call", "call_id": "a", "name": "look", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "a", "output": "ok"}
SEALED = {
    "type": "reasoning",
    "id": "rs_9",
    "summary": [],
    "encrypted_content": encrypt("acme", "Hm."),
}
SAID = {"role": "assistant", "content": [{"type": "output_text", "text": "Yes"}]}


@pytest.mark.parametrize(
    ("items", "more"),
    [
        ((), {}),
        ((USER, SAID, USER), {}),
        ((SAID | {"id": "msg_1", "type": "message", "status": "completed"}, USER), {}),
        ((USER, CALL, OUTPUT), {"tools": [FLAT]}),
        ((USER, SEALED, CALL, OUTPUT), {"include": ["reasoning.encrypted_content"]}),
        ((OUTPUT | {"call_id": "call_0"},), {"previous_response_id": "resp_1"}),
        ((), {"previous_response_id": "resp_2", "input": "absent"}),
        (({"type": "item_reference", "id": "rs_1"}, USER), {}),
        (
            (
                {
                    "role": "user",
                    "content": [{"type": "input_image", "image_url": PIXEL, "detail": "low"}],
                },
            ),
            {},
        ),
        ((), {"reasoning": {"effort": "high", "summary": "auto"}, "max_output_tokens": 16}),
        (
            (),
            {
                "text": {
                    "format": {"type": "json_schema", "name": "a", "schema": STRICT, "strict": True}
                }
            },
        ),
        ((), {"store": False, "stream": True, "instructions": "S", "parallel_tool_calls": True}),
        ((), {"tools": [FLAT], "tool_choice": {"type": "function", "name": "look"}}),
        ((), {"tools": [{"type": "web_search"}]}),
    ],
)
def test_what_is_right_is_served_in_responses(items: Any, more: dict[str, Any]) -> None:
    assert judge_responses(*items, **more) is None


@pytest.mark.parametrize(
    ("items", "more", "code", "param", "message"),
    [
        ((), {"messages": []}, "unknown_parameter", "messages", "Unknown parameter"),
        ((), {"max_tokens": 5}, "unknown_parameter", "max_tokens", "Unknown parameter"),
        ((), {"input": "absent"}, "missing_required_parameter", "input", "Missing"),
        ((), {"tools": [TOOL]}, None, "tools[0].function", "Unknown"),
        ((), {"previous_response_id": "resp_9"}, "previous_response_not_found", None, "'resp_9'"),
        ((USER, CALL), {}, None, "input", "No tool output found for function call a."),
        ((), {"previous_response_id": "resp_1"}, None, None, None),
        ((USER, OUTPUT), {}, None, "input", "No tool call found for function call output"),
        (
            (USER, CALL | {"call_id": "a" * 65}, OUTPUT | {"call_id": "a" * 65}),
            {},
            "string_above_max_length",
            "input[1].call_id",
            "64",
        ),
        (
            (SEALED | {"encrypted_content": encrypt("other", "Hm.")}, SAID),
            {},
            "invalid_encrypted_content",
            None,
            "could not be verified",
        ),
        ((SEALED,), {}, None, None, "without its required following item"),
        (
            ({"type": "reasoning", "id": "rs_2", "summary": []}, SAID),
            {},
            None,
            "input",
            "not found",
        ),
        (({"type": "item_reference", "id": "msg_2"},), {}, None, "input", "'msg_2' not found"),
        ((USER, CALL | {"id": "toolu_1"}, OUTPUT), {}, "invalid_value", "input[1].id", "'fc'"),
        (({"content": "a"},), {}, None, None, ""),
        (({"role": "tool", "content": "a"},), {}, None, None, ""),
        (
            ({"role": "user", "content": [{"type": "text", "text": "a"}]},),
            {},
            "invalid_value",
            "input[0].content[0].type",
            "Invalid value: 'text'.",
        ),
        (
            ({"role": "assistant", "content": [{"type": "input_text", "text": "a"}]},),
            {},
            "invalid_value",
            None,
            "Supported values are: 'output_text' and 'refusal'.",
        ),
        ((), {"temperature": 0.2}, "unsupported_parameter", "temperature", ""),
        (
            (),
            {"model": "gpt-4o", "reasoning": {"effort": "low"}},
            "unsupported_parameter",
            None,
            "",
        ),
        ((), {"max_output_tokens": 1}, "integer_below_min_value", "max_output_tokens", ">= 16"),
        (
            (),
            {"text": {"format": {"type": "json_schema", "schema": {}}}},
            None,
            "text.format.name",
            "",
        ),
        ((), {"tool_choice": {"type": "function", "name": "x"}}, None, "tool_choice", "'x'"),
        ((), {"text": {"format": {"type": "json_object"}}}, None, "input", "the word 'json'"),
    ],
)
def test_what_is_wrong_in_responses(
    items: Any, more: dict[str, Any], code: str | None, param: str | None, message: str | None
) -> None:
    complaint = judge_responses(*items, **more)
    if message is None:
        assert complaint is None
        return
    assert complaint is not None
    assert message in complaint.message
    if code is not None:
        assert complaint.code == code
    if param is not None:
        assert complaint.param == param


def test_what_codex_sends_is_taken() -> None:
    passed_through = {"internal_chat_message_metadata_passthrough": {"turn_id": "t"}}
    call = {"type": "function_call", "call_id": "call_1", "name": "look", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": "ok"}
    items = ({**USER, "type": "message", "id": "msg_1"}, call, output)
    complaint = judge_responses(
        *(item | passed_through for item in items), client_metadata={"thread_id": "t"}
    )
    assert complaint is None
