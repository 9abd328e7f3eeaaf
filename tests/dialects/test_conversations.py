"""What was said, found in the bodies of three dialects."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.conversation import Turn
from extproc.core.models import Dialect
from extproc.dialects.conversations import conversation_of
from extproc.errors import ClientError

CHAT, MESSAGES, RESPONSES = Dialect.CHAT, Dialect.MESSAGES, Dialect.RESPONSES
LISTED = [(CHAT, "messages"), (MESSAGES, "messages"), (RESPONSES, "input")]


@pytest.mark.parametrize(("dialect", "param"), LISTED)
def test_turns_in_their_order(dialect: Dialect, param: str) -> None:
    items = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": " three "},
    ]
    assert conversation_of(dialect, {param: items}) == (
        Turn("user", "one"),
        Turn("assistant", "two"),
        Turn("user", " three "),
    )


@pytest.mark.parametrize(
    ("dialect", "item"),
    [
        (CHAT, {"role": "system", "content": "You are"}),
        (CHAT, {"role": "developer", "content": "You are"}),
        (CHAT, {"role": "tool", "tool_call_id": "c", "content": "42"}),
        (CHAT, {"role": "function", "name": "f", "content": "42"}),
        (CHAT, {"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]}),
        (CHAT, {"role": "assistant", "refusal": "no"}),
        (CHAT, {"role": "user", "content": " \n"}),
        (CHAT, {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}]}),
        (CHAT, {"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}),
        (CHAT, {"role": "user", "content": 7}),
        (CHAT, {"role": ["user"], "content": "hi"}),
        (CHAT, {"content": "nobody says this"}),
        (CHAT, {"role": "user", "content": ["text", 7, None]}),
        (CHAT, {"role": "user", "content": [{"type": "text", "text": 7}, {"type": "text"}]}),
        (MESSAGES, {"role": "user", "content": [{"type": "tool_result", "content": "42"}]}),
        (MESSAGES, {"role": "assistant", "content": [{"type": "tool_use", "input": {}}]}),
        (MESSAGES, {"role": "assistant", "content": [{"type": "thinking", "thinking": "…"}]}),
        (RESPONSES, {"type": "function_call", "name": "f", "arguments": "{}"}),
        (RESPONSES, {"type": "function_call_output", "call_id": "c", "output": "42"}),
        (RESPONSES, {"type": "reasoning", "summary": [{"type": "summary_text", "text": "t"}]}),
        (RESPONSES, {"type": "item_reference", "id": "i"}),
    ],
)
def test_what_nobody_says_in_words(dialect: Dialect, item: dict[str, Any]) -> None:
    param = "input" if dialect is RESPONSES else "messages"
    hello = {"role": "user", "content": "hello"}
    assert conversation_of(dialect, {param: [item, hello]}) == (Turn("user", "hello"),)


@pytest.mark.parametrize(
    ("dialect", "kind"), [(CHAT, "text"), (MESSAGES, "text"), (RESPONSES, "input_text")]
)
def test_the_text_among_other_parts(dialect: Dialect, kind: str) -> None:
    param = "input" if dialect is RESPONSES else "messages"
    parts = [
        {"type": kind, "text": "look at"},
        {"type": "image", "text": "not this"},
        {"type": kind, "text": "this"},
    ]
    found = conversation_of(dialect, {param: [{"role": "user", "content": parts}]})
    assert found == (Turn("user", "look at\nthis"),)


@pytest.mark.parametrize("kind", [[], {}, ["text"], 7, None])
def test_a_part_of_a_type_that_is_no_string_is_no_text(kind: Any) -> None:
    parts = [{"type": kind, "text": "not this"}, {"type": "text", "text": "hi"}]
    document = {"messages": [{"role": "user", "content": parts}]}
    assert conversation_of(CHAT, document) == (Turn("user", "hi"),)


def test_what_the_model_said_in_a_response_of_before() -> None:
    said = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "hi"}],
    }
    assert conversation_of(RESPONSES, {"input": [said]}) == (Turn("assistant", "hi"),)


def test_anthropics_system_prompt_is_no_turn() -> None:
    document = {"system": "You are", "messages": [{"role": "user", "content": "hi"}]}
    assert conversation_of(MESSAGES, document) == (Turn("user", "hi"),)


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
def test_the_input_of_responses(document: dict[str, Any], turns: tuple[Turn, ...]) -> None:
    assert conversation_of(RESPONSES, document) == turns


@pytest.mark.parametrize(("dialect", "param"), LISTED)
@pytest.mark.parametrize(
    ("document", "says", "place"),
    [
        ({}, "Missing required parameter: '{}'.", "{}"),
        ({"{}": None}, "Missing required parameter: '{}'.", "{}"),
        ({"{}": 7}, "'{}' must be a", "{}"),
        ({"{}": {}}, "'{}' must be a", "{}"),
        ({"{}": ["hi"]}, "{}[0] must be an object.", "{}[0]"),
        ({"{}": [{}, None]}, "{}[1] must be an object.", "{}[1]"),
    ],
)
def test_a_conversation_that_cannot_be_read(
    dialect: Dialect, param: str, document: dict[str, Any], says: str, place: str
) -> None:
    with pytest.raises(ClientError) as raised:
        conversation_of(dialect, {key.format(param): value for key, value in document.items()})
    assert raised.value.status == 400
    assert raised.value.message.startswith(says.format(param))
    assert raised.value.param == place.format(param)


@pytest.mark.parametrize("dialect", [CHAT, MESSAGES])
def test_messages_are_no_string(dialect: Dialect) -> None:
    with pytest.raises(ClientError, match="must be an array"):
        conversation_of(dialect, {"messages": "hi"})
