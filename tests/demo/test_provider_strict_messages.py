"""The fake provider refuses what Anthropic's messages API refuses, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.seal import sign
from extproc.demo.provider.strict import Ask, Memory, messages

USER = {"role": "user", "content": "Hi"}
TOOL = {"name": "look", "input_schema": {"type": "object", "properties": {}}}
PIXEL = {"type": "base64", "media_type": "image/png", "data": "aGVsbG8="}
OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}


def judge(
    *turns: Any,
    model: str = "claude-sonnet-4-5",
    version: str | None = "2023-06-01",
    path: str = "/v1/messages",
    **more: Any,
) -> Complaint | None:
    body = {"model": model, "max_tokens": 2000, "messages": list(turns) or [USER]} | more
    body = {name: value for name, value in body.items() if value != "absent"}
    headers = () if version is None else (("anthropic-version", version),)
    return messages.judge(Ask(body=body, model=model, headers=headers, path=path))


def use(*ids: str, before: Any = ()) -> dict[str, Any]:
    calls = [{"type": "tool_use", "id": one, "name": "look", "input": {}} for one in ids]
    return {"role": "assistant", "content": [*before, *calls]}


def result(*ids: str, after: Any = (), before: Any = ()) -> dict[str, Any]:
    results = [{"type": "tool_result", "tool_use_id": one, "content": "ok"} for one in ids]
    return {"role": "user", "content": [*before, *results, *after]}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def said(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def asked(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": sign("Hm.")}


@pytest.mark.parametrize(
    ("turns", "more"),
    [
        ((), {}),
        ((USER, USER), {}),
        ((USER, said(text("Yes"))), {}),
        ((USER, use("a", "b"), result("a", "b", after=[text("go")])), {"tools": [TOOL]}),
        ((USER, use("a", "b"), result("a"), result("b")), {"tools": [TOOL]}),
        ((USER, use("a", before=[THOUGHT]), result("a")), {"tools": [TOOL]}),
        ((asked({"type": "image", "source": PIXEL}, text("What?")),), {}),
        ((asked({"type": "image", "source": {"type": "url", "url": "https://a/b"}}),), {}),
        ((), {"temperature": 1.0, "top_k": 5}),
        ((), {"thinking": {"type": "enabled", "budget_tokens": 1024}}),
        ((), {"model": "claude-opus-4-8", "thinking": {"type": "adaptive"}}),
        ((), {"model": "claude-opus-4-7", "output_config": {"effort": "xhigh"}}),
        ((), {"output_config": {"format": {"type": "json_schema", "schema": OBJECT}}}),
        ((), {"tools": [TOOL], "tool_choice": {"type": "tool", "name": "look"}}),
        ((), {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
        ((), {"system": [text("S") | {"cache_control": {"type": "ephemeral"}}]}),
        ((), {"metadata": {"user_id": "5f3c2a9e-1b7d"}, "stop_sequences": ["END"]}),
        ((), {"stream": True, "service_tier": "standard_only"}),
        ((), {"model": "claude-x", "temperature": 0.5, "max_tokens": 10**6}),
        ((), {"path": "/v1/messages?beta=true", "context_management": {"edits": []}}),
    ],
)
def test_what_is_right_is_served(turns: Any, more: dict[str, Any]) -> None:
    assert judge(*turns, **more) is None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"version": None}, "anthropic-version: header is required"),
        ({"version": "latest"}, "not a valid version"),
        ({"max_tokens": "absent"}, "max_tokens: Field required"),
        ({"max_tokens": -1}, "max_tokens: Input should be greater"),
        ({"max_tokens": 64_001}, "max_tokens: 64001 > 64000, which is the maximum"),
        ({"model": "claude-3-haiku-20240307", "max_tokens": 5000}, "5000 > 4096"),
        ({"seed": 1}, "seed: Extra inputs are not permitted"),
        ({"context_management": {"edits": []}}, "context_management: Extra inputs"),
        ({"temperature": 1.5}, "temperature: Input should be less than or equal to 1"),
        ({"temperature": 0.1, "top_p": 0.9}, "cannot both be specified"),
        ({"model": "claude-opus-4-7", "temperature": 0.2}, "`temperature` is deprecated"),
        ({"model": "claude-sonnet-5", "top_k": 3}, "`top_k` is deprecated"),
        ({"version": "2026-10-21", "temperature": 1}, "temperature: Extra inputs"),
        ({"thinking": {"type": "enabled"}}, "thinking.enabled.budget_tokens: Field required"),
        ({"thinking": {"type": "enabled", "budget_tokens": 99}}, "greater than or equal to 1024"),
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, "must be greater than"),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 1024}, "model": "claude-opus-4-7"},
            '"thinking.type.enabled" is not supported for this model',
        ),
        ({"thinking": {"type": "adaptive"}}, "adaptive thinking is not supported"),
        (
            {"thinking": {"type": "adaptive"}, "model": "claude-opus-4-6", "temperature": 0.5},
            "may only be set to 1 when thinking is enabled",
        ),
        (
            {
                "thinking": {"type": "enabled", "budget_tokens": 1024},
                "tools": [TOOL],
                "tool_choice": {"type": "any"},
            },
            "Thinking may not be enabled when tool_choice forces tool use",
        ),
        ({"output_config": {"effort": "max"}}, "'max' is not supported"),
        ({"output_config": {"effort": "huge"}}, "output_config.effort: Input should be 'low'"),
        (
            {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
            "'additionalProperties' must be explicitly set to false",
        ),
        (
            {
                "output_config": {
                    "format": {"type": "json_schema", "schema": {"type": "integer", "minimum": 1}}
                }
            },
            "property 'minimum' is not supported",
        ),
        ({"tools": [TOOL, TOOL]}, "Tool names must be unique"),
        ({"tools": [TOOL | {"name": "a.b"}]}, "tools.0.custom.name: String should match pattern"),
        ({"tools": [TOOL | {"input_schema": {}}]}, "input_schema.type: Field required"),
        ({"tools": [TOOL | {"strict": True}]}, "'additionalProperties' must be"),
        ({"tools": [TOOL | {"parameters": {}}]}, "tools.0.parameters: Extra inputs"),
        ({"tool_choice": {"type": "auto"}}, "may only be specified while providing tools"),
        ({"tool_choice": "auto", "tools": [TOOL]}, "tool_choice: Input should be a valid dict"),
        ({"tool_choice": {"type": "tool", "name": "x"}, "tools": [TOOL]}, "'x' not found"),
        ({"metadata": {"user_id": "a@b.example"}}, "appears to contain an email address"),
        ({"metadata": {"user_id": "+49 170 1234567"}}, "appears to contain a phone number"),
        ({"metadata": {"user_id": "a", "team": "b"}}, "metadata.team: Extra inputs"),
        ({"stop_sequences": [" "]}, "each stop sequence must contain non-whitespace"),
        ({"system": [text("")]}, "text content blocks must be non-empty"),
        (
            {"system": [text(str(i)) | {"cache_control": {"type": "ephemeral"}} for i in range(5)]},
            "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        ),
    ],
)
def test_settings_that_are_wrong(more: dict[str, Any], message: str) -> None:
    complaint = judge(**more)
    assert complaint is not None
    assert message in complaint.message
    assert complaint.status == 400
    assert complaint.type == "invalid_request_error"


@pytest.mark.parametrize(
    ("turns", "message"),
    [
        ((said(text("Hi")), USER), 'first message must use the "user" role'),
        ((asked(text("")),), "text content blocks must be non-empty"),
        ((asked(text(" ")),), "must contain non-whitespace text"),
        (({"role": "user", "content": ""},), "all messages must have non-empty content"),
        ((USER, said(), USER), "messages.1: all messages must have non-empty content"),
        ((USER | {"name": "bob"},), "messages.0.name: Extra inputs are not permitted"),
        ((asked(text("a") | {"id": 1}),), "messages.0.content.0.text.id: Extra inputs"),
        (({"role": "tool", "content": "a"},), "messages.0.role: Input should be 'assistant',"),
        ((asked({"type": "image_url"}),), "messages.0.content.0.type: Input should be"),
        ((USER, said(text("So "))), "cannot end with trailing whitespace"),
        ((USER, use("a|b"), result("a|b")), "messages.1.content.0.tool_use.id: String should"),
        ((USER, use("a")), "messages.1: `tool_use` ids were found without `tool_result`"),
        ((USER, use("a", "b"), result("a")), "immediately after: b."),
        ((USER, use("a"), USER, result("a")), "immediately after: a."),
        ((USER, use("a"), result("a", before=[text("x")])), "immediately after: a."),
        ((USER, use("a"), said(text("x")), result("a")), None),
        ((USER, result("a")), "messages.1.content.0: unexpected `tool_use_id` found"),
        ((USER, use("a"), result("a", "a")), "each tool_use must have a single result"),
        ((USER, use("a"), result("a"), use("a"), result("a")), "ids must be unique"),
        ((USER, said(THOUGHT | {"thinking": "Aha."}), USER), "Invalid `signature` in `thinking`"),
        ((USER, said(THOUGHT | {"signature": "x"}), USER), "Invalid `signature` in `thinking`"),
        ((asked(THOUGHT),), "may only be specified in assistant messages"),
        (
            (asked({"type": "image", "source": PIXEL | {"media_type": "image/bmp"}}),),
            "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg'",
        ),
        ((asked({"type": "image", "source": PIXEL | {"data": "???"}}),), "not valid base64"),
        (
            (
                USER,
                use("a")
                | {"content": [{"type": "tool_use", "id": "a", "name": "b", "input": "{}"}]},
            ),
            "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
        ),
    ],
)
def test_conversations_that_are_wrong(turns: Any, message: str | None) -> None:
    complaint = judge(*turns)
    if message is None:
        assert complaint is None
    else:
        assert complaint is not None
        assert message in complaint.message


def test_newer_models_take_no_prefill() -> None:
    complaint = judge(USER, said(text("So")), model="claude-opus-4-6")
    assert complaint is not None
    assert "does not support assistant message prefill" in complaint.message


def test_the_newest_version_takes_no_documents_from_the_assistant() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "words"}
    turns = (USER, said({"type": "document", "source": source}), USER)
    assert judge(*turns) is None
    complaint = judge(*turns, version="2026-10-21")
    assert complaint is not None
    assert "`document` blocks may only be specified in user messages" in complaint.message


def test_newer_models_take_the_systems_word_at_the_end_of_a_users_turn() -> None:
    system = {"role": "system", "content": "French now."}
    assert judge(USER, system, model="claude-opus-4-8") is None
    assert judge(USER, system, said(text("Oui")), USER, model="claude-opus-5") is None
    for turns, model, message in (
        ((USER, system), "claude-sonnet-4-6", "role 'system' is not supported on this model"),
        ((USER, system, USER), "claude-opus-4-8", "must follow a user turn"),
        ((USER, said(text("a")), system), "claude-opus-4-8", "must follow a user turn"),
    ):
        complaint = judge(*turns, model=model)
        assert complaint is not None
        assert message in complaint.message


def test_an_unfinished_turn_keeps_its_thinking() -> None:
    thinking = {"type": "enabled", "budget_tokens": 1024}
    complaint = judge(USER, use("a"), result("a"), thinking=thinking, tools=[TOOL])
    assert complaint is not None
    assert "Expected `thinking` or `redacted_thinking`, but found `tool_use`" in complaint.message
    kept = use("a", before=[THOUGHT])
    assert judge(USER, kept, result("a"), thinking=thinking, tools=[TOOL]) is None


def test_a_thread_goes_on_from_a_stored_message() -> None:
    memory = Memory(threads={"msg_1": ("toolu_1",)})

    def complaint(turn: Any, previous: str) -> Complaint | None:
        thread = {"type": "continue", "previous_message_id": previous}
        body = {"model": "claude-a", "max_tokens": 9, "messages": [turn], "thread": thread}
        headers = (("anthropic-version", "2023-06-01"),)
        path = "/v1/messages?beta=true"
        return messages.judge(Ask(body, "claude-a", headers, path, memory=memory))

    assert complaint(result("toolu_1"), "msg_1") is None
    other = complaint(result("toolu_2"), "msg_1")
    assert other is not None
    assert "unexpected `tool_use_id`" in other.message
    lost = complaint(result("toolu_1"), "msg_2")
    assert lost is not None
    assert (lost.status, lost.details) == (404, {"error_code": "thread_not_found"})
