"""Where answers report their tokens, and what these counts amount to."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.records import Usage
from extproc.dialects.usage import USAGE_PATHS, read_usage

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
    values: dict[str, Any] = {}
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


@pytest.mark.parametrize(
    ("counts", "usage"),
    [
        (OF_CHAT, Usage(11, 7, 5)),
        (OF_RESPONSES, Usage(11, 7, 5)),
        (OF_MESSAGES, Usage(18, 7, 5)),
        (OF_CHAT | OF_MESSAGES, Usage(11, 7, 5)),
        ({"output_tokens": 7}, Usage(None, 7)),
        ({}, Usage()),
    ],
)
def test_the_counts_of_the_dialects_on_one_footing(counts: dict[str, int], usage: Usage) -> None:
    assert read_usage(counts) == usage


def test_every_count_is_reported_somewhere() -> None:
    assert all(USAGE_PATHS.values())
