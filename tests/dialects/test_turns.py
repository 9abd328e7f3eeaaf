"""What was said, found in the messages that three dialects list alike."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.conversation import Turn
from extproc.dialects.chat import CHAT
from extproc.dialects.dialect import DialectSpec
from extproc.dialects.messages import MESSAGES
from extproc.dialects.responses import RESPONSES
from extproc.dialects.turns import text_of
from extproc.errors import ClientError

LISTED = [(CHAT, "messages"), (MESSAGES, "messages"), (RESPONSES, "input")]


@pytest.mark.parametrize(("dialect", "param"), LISTED)
def test_turns_in_their_order(dialect: DialectSpec, param: str) -> None:
    items = [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "two"},
        {"role": "user", "content": " three "},
    ]
    assert dialect.conversation({param: items}) == (
        Turn("user", "one"),
        Turn("assistant", "two"),
        Turn("user", " three "),
    )


@pytest.mark.parametrize(
    ("dialect", "param", "kind"),
    [
        (CHAT, "messages", "text"),
        (MESSAGES, "messages", "text"),
        (RESPONSES, "input", "input_text"),
    ],
)
def test_the_text_among_other_parts(dialect: DialectSpec, param: str, kind: str) -> None:
    parts = [
        {"type": kind, "text": "look at"},
        {"type": "image", "text": "not this"},
        {"type": kind, "text": "this"},
    ]
    found = dialect.conversation({param: [{"role": "user", "content": parts}]})
    assert found == (Turn("user", "look at\nthis"),)


@pytest.mark.parametrize("kind", [[], {}, ["text"], 7, None])
def test_a_part_of_a_type_that_is_no_string_is_no_text(kind: Any) -> None:
    parts = [{"type": kind, "text": "not this"}, {"type": "text", "text": "hi"}]
    assert text_of(parts) == "hi"


@pytest.mark.parametrize("content", [None, 7, {"type": "text", "text": "hi"}, [], ["hi", None]])
def test_content_without_text(content: Any) -> None:
    assert text_of(content) == ""


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
    dialect: DialectSpec, param: str, document: dict[str, Any], says: str, place: str
) -> None:
    with pytest.raises(ClientError) as raised:
        dialect.conversation({key.format(param): value for key, value in document.items()})
    assert raised.value.status == 400
    assert raised.value.message.startswith(says.format(param))
    assert raised.value.param == place.format(param)
