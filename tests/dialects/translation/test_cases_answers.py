"""The numbered cases of translation: whole answers, from a provider's bytes to a client's."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.dialects.translation.translator import Echo
from tests.dialects.translation.pairs import (
    PAIRS,
    C,
    M,
    R,
    answer,
    chat_answer,
    message,
    request,
    response,
)

PROVIDERS_ANSWERS = {
    C: chat_answer(content="hi"),
    M: message({"type": "text", "text": "hi"}),
    R: response(
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "hi", "annotations": []}],
        }
    ),
}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def use(call_id: str = "toolu_1", **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": call_id, "name": "look", "input": given}


def calls(*arguments: str) -> list[dict[str, Any]]:
    return [
        {"id": f"call_{n}", "type": "function", "function": {"name": "look", "arguments": given}}
        for n, given in enumerate(arguments)
    ]


def choice(told: dict[str, Any]) -> dict[str, Any]:
    (only,) = told["choices"]
    return dict(only)


def test_case_066_two_texts() -> None:
    told = answer(M, C, message(text("a"), text("b")))
    assert choice(told)["message"]["content"] == "ab"


def test_case_067_nothing_but_a_call() -> None:
    told = choice(answer(M, C, message(use(x=1), stop_reason="tool_use")))
    assert told["finish_reason"] == "tool_calls"
    assert told["message"]["content"] is None
    (call,) = told["message"]["tool_calls"]
    function = {"name": "look", "arguments": '{"x":1}'}
    assert call == {"id": "toolu_1", "type": "function", "function": function}


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
    ],
)
def test_case_068_anthropics_reasons(reason: str, finish: str) -> None:
    content = use() if reason == "tool_use" else text("a")
    told = choice(answer(M, C, message(content, stop_reason=reason)))
    assert told["finish_reason"] == finish
    assert bool(told["message"]["refusal"]) is (reason == "refusal")


@pytest.mark.parametrize(
    ("provider", "client", "ends"),
    [(R, C, "stop"), (R, M, "refusal"), (C, M, "refusal"), (C, R, "completed")],
)
def test_a_refusal_in_words_ends_as_each_dialect_ends_it(
    provider: Any, client: Any, ends: str
) -> None:
    """OpenAI's SDKs raise an exception at ``content_filter``, which a filter alone says there."""
    refusing = {"type": "refusal", "refusal": "No."}
    item = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    told = {
        C: chat_answer("stop", refusal="No."),
        R: response({**item, "content": [refusing]}),
    }[provider]
    given = answer(provider, client, told)
    where = {C: "finish_reason", M: "stop_reason", R: "status"}[client]
    assert (choice(given) if client is C else given)[where] == ends
    assert "No." in str(given)


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("stop", "end_turn"),
        ("length", "max_tokens"),
        ("tool_calls", "tool_use"),
        ("function_call", "tool_use"),
        ("content_filter", "refusal"),
        ("never heard of", "end_turn"),
        (None, "end_turn"),
    ],
)
def test_case_069_chats_reasons(finish: str | None, reason: str) -> None:
    said: dict[str, Any] = {"content": "a"}
    if reason == "tool_use":
        said["tool_calls"] = calls("{}")
    assert answer(C, M, chat_answer(finish, **said))["stop_reason"] == reason


def test_case_070_anthropics_usage() -> None:
    usage = {
        "input_tokens": 10,
        "cache_read_input_tokens": 512,
        "cache_creation_input_tokens": 1733,
        "output_tokens": 5,
    }
    told = answer(M, C, message(text("a"), usage=usage))["usage"]
    assert (told["prompt_tokens"], told["completion_tokens"], told["total_tokens"]) == (
        2255,
        5,
        2260,
    )
    assert told["prompt_tokens_details"]["cached_tokens"] == 512


@pytest.mark.parametrize(("prompt", "cached", "fresh"), [(240_403, 229_504, 10_899), (5, 9, 0)])
def test_case_071_chats_usage(prompt: int, cached: int, fresh: int) -> None:
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": 1,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    told = answer(C, M, {**chat_answer(content="a"), "usage": usage})["usage"]
    assert (told["input_tokens"], told["cache_read_input_tokens"]) == (fresh, cached)


def test_case_072_an_empty_answer() -> None:
    assert answer(C, M, chat_answer(content=""))["content"] == [text("")]


def test_case_073_arguments_without_content_or_cut_off() -> None:
    empty = answer(C, M, chat_answer("tool_calls", tool_calls=calls("")))
    assert empty["content"][0]["input"] == {}
    cut = answer(C, M, chat_answer("length", tool_calls=calls('{"a":')))
    assert cut["content"][0]["input"] == {}
    assert cut["stop_reason"] == "max_tokens"


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_case_074_the_model_that_served(client: Any, provider: Any) -> None:
    told = answer(provider, client, PROVIDERS_ANSWERS[provider])
    assert told["model"] == "served"
    if client is M:
        assert told["stop_sequence"] is None
        usage = told["usage"]
        assert (usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]) == (0, 0)


@pytest.mark.parametrize("provider", [C, M])
def test_case_075_what_a_response_must_have(provider: Any) -> None:
    told = answer(provider, R, PROVIDERS_ANSWERS[provider])
    required = {
        "id",
        "created_at",
        "model",
        "object",
        "output",
        "parallel_tool_calls",
        "tool_choice",
        "tools",
    }
    assert required <= told.keys()
    assert {"input_tokens_details", "output_tokens_details"} <= told["usage"].keys()
    assert told["usage"]["total_tokens"] == 7


@pytest.mark.parametrize(
    ("provider", "cut"),
    [(C, chat_answer("length", content="a")), (M, message(text("a"), stop_reason="max_tokens"))],
)
def test_case_076_an_answer_that_is_cut_off(provider: Any, cut: dict[str, Any]) -> None:
    told = answer(provider, R, cut)
    assert told["status"] == "incomplete"
    assert told["incomplete_details"] == {"reason": "max_output_tokens"}


@pytest.mark.parametrize("client", [M, R])
def test_names_that_were_shortened_are_restored(client: Any) -> None:
    name = "n" * 70
    tools: list[dict[str, Any]] = [{"name": name, "input_schema": {"type": "object"}}]
    said: dict[str, Any] = {
        "model": "m",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "hi"}],
        "tools": tools,
    }
    if client is R:
        function = {"type": "function", "name": name, "parameters": {"type": "object"}}
        said = {"model": "m", "input": "hi", "tools": [{**function, "strict": False}]}
    sent = request(client, C, said)
    short = sent.body["tools"][0]["function"]["name"]
    echo = Echo(sent.echo.request, "served", 1, "req-1", sent.echo.tool_names)
    called = [{"id": "a", "type": "function", "function": {"name": short, "arguments": "{}"}}]
    told = answer(C, client, chat_answer("tool_calls", tool_calls=called), echo)
    assert told["content" if client is M else "output"][0]["name"] == name


def test_thoughts_reach_every_client() -> None:
    thought = {"type": "thinking", "thinking": "hm", "signature": "s"}
    told = answer(M, C, message(thought, text("a")))
    assert choice(told)["message"]["reasoning_content"] == "hm"
    reasoning, _ = answer(M, R, message(thought, text("a")))["output"]
    assert reasoning["summary"] == [{"type": "summary_text", "text": "hm"}]
    first, _ = answer(C, M, chat_answer(content="a", reasoning_content="hm"))["content"]
    assert (first["type"], first["thinking"]) == ("thinking", "hm")
