"""Conversations that more than one provider has answered: each reads only what is its own."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.chat.conventions import THOUGHTS
from extproc.dialects.translation.messages.signatures import UNSIGNED
from extproc.dialects.translation.responses.wire import MARK
from extproc.dialects.translation.table import TRANSLATORS
from extproc.dialects.translation.translator import Adaptation, Echo, Target
from tests.dialects.translation.pairs import (
    HI,
    PAIRS,
    PROVIDERS,
    C,
    M,
    R,
    answer,
    ask,
    chat_answer,
    chat_chunks,
    echo_of,
    message,
    request,
    response,
    stream,
    whole,
)

CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
THOUGHTFUL = {
    C: chat_answer("tool_calls", content="I look.", reasoning_content="hm", tool_calls=[CALL]),
    M: message(
        {"type": "thinking", "thinking": "hm", "signature": "sig"},
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}},
        stop_reason="tool_use",
    ),
    R: response(
        {
            "type": "reasoning",
            "id": "rs_1",
            "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": "enc",
        },
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
        },
        {
            "type": "function_call",
            "id": "fc_1",
            "call_id": "call_1",
            "name": "look",
            "arguments": "{}",
            "status": "completed",
        },
    ),
}


def continued(client: Any, told: dict[str, Any], **members: Any) -> dict[str, Any]:
    """The client's next request: all that it was told, and the results of its tools."""
    if client is C:
        (choice,) = told["choices"]
        call_id = choice["message"]["tool_calls"][0]["id"]
        result = {"role": "tool", "tool_call_id": call_id, "content": "seen"}
        return ask(C, messages=[*HI, choice["message"], result], **members)
    if client is M:
        call_id = told["content"][-1]["id"]
        result = {"type": "tool_result", "tool_use_id": call_id, "content": "seen"}
        said = [
            {"role": "assistant", "content": told["content"]},
            {"role": "user", "content": [result]},
        ]
        return ask(M, messages=[*HI, *said], **members)
    output = told["output"]
    given = {
        "type": "function_call_output",
        "call_id": output[-1]["call_id"],
        "output": "seen",
    }
    return ask(R, input=[*HI, *output, given], **members)


def adapted(client: Any, body: dict[str, Any], **traits: Any) -> Adaptation:
    target = Target("own", PROVIDERS[client], Traits(**traits))
    return TRANSLATORS[client].adapt(body, target)


def sent_on(body: dict[str, Any], adaptation: Adaptation) -> dict[str, Any]:
    kept = {name: value for name, value in body.items() if name not in adaptation.removed}
    return {**kept, **adaptation.members}


MARKS = {C: THOUGHTS.encode(), M: UNSIGNED.encode(), R: MARK.encode()}
"""What tells that another dialect's provider has answered."""

STREAMED = chat_chunks(
    {"role": "assistant", "reasoning_content": "hm"},
    {"content": "I look."},
    {"tool_calls": [{"index": 0, **CALL}]},
    reason="tool_calls",
)


def check_only_its_own_is_left(client: Any, told: dict[str, Any]) -> None:
    body = continued(client, told)
    mark = MARKS[client]
    assert mark in orjson.dumps(body)
    assert TRANSLATORS[client].is_mixed(body)
    adaptation = adapted(client, body)
    assert [loss.code for loss in adaptation.losses] == ["dropped:reasoning"]
    assert not TRANSLATORS[client].is_mixed(sent_on(body, adaptation))
    left = orjson.dumps(sent_on(body, adaptation))
    assert mark not in left
    assert b"I look." in left
    assert b"seen" in left


@pytest.mark.parametrize(("client", "provider"), PAIRS)
def test_another_providers_traces_do_not_reach_the_clients_own(client: Any, provider: Any) -> None:
    check_only_its_own_is_left(client, answer(provider, client, THOUGHTFUL[provider]))


@pytest.mark.parametrize("client", [M, R])
def test_nor_do_those_of_a_stream(client: Any) -> None:
    check_only_its_own_is_left(client, whole(client, stream(C, client, STREAMED)))


@pytest.mark.parametrize(
    ("client", "own"),
    [(C, chat_answer("stop", content="yo")), (M, THOUGHTFUL[M]), (R, THOUGHTFUL[R])],
)
def test_an_answer_of_its_own_has_no_mark(client: Any, own: dict[str, Any]) -> None:
    assert MARKS[client] not in orjson.dumps(own)


def test_a_signature_of_anthropics_stays() -> None:
    body = continued(M, THOUGHTFUL[M])
    assert not TRANSLATORS[M].is_mixed(body)
    assert not adapted(M, body).changes


@pytest.mark.parametrize("client", [C, M, R])
@pytest.mark.parametrize("history", [None, "text", [None, "text", {}, {"content": [1, {}]}]])
def test_what_is_no_history_is_not_mixed(client: Any, history: Any) -> None:
    assert not TRANSLATORS[client].is_mixed({"messages": history, "input": history})


@pytest.mark.parametrize("client", [M, R])
def test_reasoning_of_any_origin_never_reaches_another_dialect(client: Any) -> None:
    body = continued(client, answer(C, client, THOUGHTFUL[C]))
    other = M if client is R else R
    sent = request(client, other, body)
    assert "dropped:reasoning" in sent.codes
    assert "hm" not in str(sent.body["input" if other is R else "messages"][1:2])
    assert MARKS[client].decode() not in str(sent.body)


@pytest.mark.parametrize("client", [C, R])
def test_a_budget_goes_where_calls_were_not_thought_about(client: Any) -> None:
    body = continued(client, answer(C, client, THOUGHTFUL[C]) if client is R else THOUGHTFUL[C])
    asked = {"reasoning_effort": "high"} if client is C else {"reasoning": {"effort": "high"}}
    sent = request(client, M, {**body, **asked}, thinking=Thinking.BUDGET)
    assert "thinking" not in sent.body
    assert "dropped:effort" in sent.codes
    adaptive = request(client, M, {**body, **asked}, thinking=Thinking.ADAPTIVE)
    assert adaptive.body["thinking"] == {"type": "adaptive"}


def test_a_budget_goes_with_the_thoughts_of_another_provider() -> None:
    thinking = {"type": "enabled", "budget_tokens": 2048}
    body = continued(M, answer(C, M, THOUGHTFUL[C]), max_tokens=4096, thinking=thinking)
    assert "thinking" in adapted(M, body).removed
    own = continued(M, THOUGHTFUL[M], max_tokens=4096, thinking=thinking)
    assert not adapted(M, own).changes


@pytest.mark.parametrize("client", [C, M, R])
def test_made_up_ids_of_calls_do_not_repeat(client: Any) -> None:
    nameless = [{"type": "function", "function": CALL["function"]}] * 2
    told = {**chat_answer("tool_calls", tool_calls=nameless), "id": ""}
    ids = set()
    for request_id, turns in (("req-1", 1), ("req-2", 3), ("req-1", 5)):
        asked = TRANSLATORS[client].read_request(
            ask(client, **{"input" if client is R else "messages": HI * turns})
        )
        read = TRANSLATORS[C].read_answer(orjson.dumps(told))
        written = TRANSLATORS[client].write_answer(
            read,  # type: ignore[arg-type]
            Echo(asked, "served", 1, request_id),
        )
        ids |= _call_ids(client, orjson.loads(written))
    assert len(ids) == 6
    assert "" not in ids


def _call_ids(client: Any, told: dict[str, Any]) -> set[str]:
    if client is C:
        return {call["id"] for call in told["choices"][0]["message"]["tool_calls"]}
    if client is M:
        return {block["id"] for block in told["content"]}
    return {item["call_id"] for item in told["output"]}


@pytest.mark.parametrize("client", [C, M, R])
def test_made_up_ids_in_a_stream_are_those_of_the_whole_answer(client: Any) -> None:
    function = {"name": "look", "arguments": "{}"}
    data = chat_chunks(
        {"tool_calls": [{"index": 0, "function": function}]},
        {"tool_calls": [{"index": 1, "function": function}]},
        reason="tool_calls",
    )
    told = whole(client, stream(C, client, data, echo_of(client, stream=True)))
    nameless = [{"type": "function", "function": function}] * 2
    asked = echo_of(client)
    one = answer(C, client, chat_answer("tool_calls", tool_calls=nameless), asked)
    assert _call_ids(client, told) == _call_ids(client, one)


# What clients of responses send by default.


def test_web_search_of_responses_is_no_skip() -> None:
    body = ask(R, tools=[{"type": "web_search"}], include=["web_search_call.action.sources"])
    at_chat = request(R, C, body)
    assert at_chat.codes == ["dropped:web_search", "dropped:include"]
    assert at_chat.skips == []
    at_messages = request(R, M, body)
    assert at_messages.body["tools"] == [{"type": "web_search_20250305", "name": "web_search"}]
    assert at_messages.codes == ["dropped:include"]
    offline = request(R, M, ask(R, tools=[{"type": "web_search", "external_web_access": False}]))
    assert "tools" not in offline.body
    assert [(loss.code, loss.severity.value) for loss in offline.losses] == [
        ("dropped:web_search", "reluctant")
    ]


def test_a_custom_tool_comes_back_as_one() -> None:
    tools = [{"type": "custom", "name": "shout", "description": "d"}]
    sent = request(R, C, ask(R, tools=tools))
    function = sent.body["tools"][0]["function"]
    assert function["parameters"]["required"] == ["input"]
    called = {"name": "shout", "arguments": '{"input":"hey"}'}
    told = answer(
        C,
        R,
        chat_answer("tool_calls", tool_calls=[{"id": "a", "type": "function", "function": called}]),
        sent.echo,
    )
    (item,) = told["output"]
    assert (item["type"], item["input"]) == ("custom_tool_call", "hey")
    back = {"type": "custom_tool_call_output", "call_id": "a", "output": "HEY"}
    again = request(R, M, ask(R, tools=tools, input=[*HI, item, back]))
    assert again.body["messages"][1]["content"][0]["input"] == {"input": "hey"}
    assert again.losses == ()


@pytest.mark.parametrize("provider", [C, M])
def test_calls_in_a_namespace_keep_their_results(provider: Any) -> None:
    called = {
        "type": "function_call",
        "call_id": "a",
        "name": "look",
        "namespace": "n",
        "arguments": "{}",
    }
    given = {"type": "function_call_output", "call_id": "a", "output": "seen"}
    sent = request(R, provider, ask(R, input=[*HI, called, given]))
    assert not sent.skips
    assert "n__look" in repr(sent.body)


@pytest.mark.parametrize("provider", [C, M])
def test_phases_are_left_out_everywhere(provider: Any) -> None:
    phased = {"role": "assistant", "content": "yo", "phase": "final_answer"}
    sent = request(R, provider, ask(R, input=[*HI, phased, *HI]))
    assert (sent.skips, sent.codes) == ([], ["dropped:phase"])
