"""The names on which Envoy's configuration and the Python server agree."""

from __future__ import annotations

import string
from typing import Any

import pytest

from extproc.contract import ENDPOINTS, USAGE_PATHS, from_header, header_safe
from extproc.core.models import Dialect


def test_the_dialects_of_the_endpoints() -> None:
    assert dict(ENDPOINTS) == {
        "/v1/chat/completions": Dialect.CHAT,
        "/v1/messages": Dialect.MESSAGES,
        "/v1/responses": Dialect.RESPONSES,
    }


def test_a_name_in_plain_ascii_is_its_own_header() -> None:
    for text in ("openai/gpt-4o", "code generation", string.punctuation.replace("%", "")):
        assert header_safe(text) == from_header(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("é", "%C3%A9"),
        ("日本", "%E6%97%A5%E6%9C%AC"),
        ("😀", "%F0%9F%98%80"),
        ("100%", "100%25"),
        ("%41", "%2541"),
        ("a\r\nx-b: c", "a%0D%0Ax-b: c"),
        ("\x00\t\x7f", "%00%09%7F"),
        ("\x80\xa0", "%C2%80%C2%A0"),
    ],
)
def test_a_name_that_no_header_could_carry(text: str, value: str) -> None:
    assert header_safe(text) == value
    assert from_header(value) == text


CHAT_USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 5},
}
RESPONSES_USAGE = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 5},
    "output_tokens": 7,
}
MESSAGES_USAGE = {
    "input_tokens": 11,
    "cache_creation_input_tokens": 2,
    "cache_read_input_tokens": 5,
    "output_tokens": 7,
}


def found(document: Any) -> dict[str, Any]:
    """What the paths lead to: of several that lead somewhere, the last."""
    values = {}
    for key, paths in USAGE_PATHS.items():
        for path in paths:
            value = document
            for part in path.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            if value is not None:
                values[key] = value
    return values


OF_CHAT = {"prompt_tokens": 11, "completion_tokens": 7, "prompt_cached": 5}
OF_RESPONSES = {"input_tokens": 11, "output_tokens": 7, "input_cached": 5}
OF_MESSAGES = {"input_tokens": 11, "output_tokens": 7, "cache_read": 5, "cache_written": 2}


@pytest.mark.parametrize(
    ("document", "usage"),
    [
        ({"object": "chat.completion", "usage": CHAT_USAGE}, OF_CHAT),
        ({"object": "chat.completion.chunk", "choices": [], "usage": CHAT_USAGE}, OF_CHAT),
        ({"object": "chat.completion.chunk", "choices": [{}], "usage": None}, {}),
        ({"object": "response", "usage": RESPONSES_USAGE}, OF_RESPONSES),
        ({"type": "response.completed", "response": {"usage": RESPONSES_USAGE}}, OF_RESPONSES),
        ({"type": "message", "usage": MESSAGES_USAGE}, OF_MESSAGES),
        ({"type": "message_start", "message": {"usage": MESSAGES_USAGE}}, OF_MESSAGES),
        ({"type": "message_delta", "usage": {"output_tokens": 7}}, {"output_tokens": 7}),
    ],
)
def test_where_each_dialect_reports_its_tokens(document: Any, usage: dict[str, Any]) -> None:
    assert found(document) == usage
