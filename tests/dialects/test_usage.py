"""Where answers report their tokens, and what these counts amount to."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.usage import Usage
from extproc.dialects.usage import USAGE_PATHS, read_usage

CHAT_USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3, "audio_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 4, "audio_tokens": 2},
}
RESPONSES_USAGE = {
    "input_tokens": 11,
    "input_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
    "output_tokens": 7,
    "output_tokens_details": {"reasoning_tokens": 4},
}
MESSAGES_USAGE = {
    "input_tokens": 11,
    "cache_creation_input_tokens": 2,
    "cache_read_input_tokens": 5,
    "cache_creation": {"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 1},
    "output_tokens": 7,
    "output_tokens_details": {"thinking_tokens": 4},
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


OF_CHAT = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_cached": 5,
    "prompt_written": 3,
    "reasoning": 4,
    "input_audio": 1,
    "output_audio": 2,
}
OF_RESPONSES = {
    "input_tokens": 11,
    "output_tokens": 7,
    "input_cached": 5,
    "input_written": 3,
    "reasoning": 4,
}
OF_MESSAGES = {
    "input_tokens": 11,
    "output_tokens": 7,
    "cache_read": 5,
    "cache_written": 2,
    "cache_written_1h": 1,
    "reasoning": 4,
}
DEEPSEEKS = {"prompt_tokens": 11, "completion_tokens": 7, "prompt_cache_hit_tokens": 5}


@pytest.mark.parametrize(
    ("document", "usage"),
    [
        ({"object": "chat.completion", "usage": CHAT_USAGE}, OF_CHAT),
        ({"object": "chat.completion.chunk", "choices": [], "usage": CHAT_USAGE}, OF_CHAT),
        ({"object": "chat.completion.chunk", "choices": [{}], "usage": None}, {}),
        (
            {"object": "chat.completion", "usage": DEEPSEEKS},
            {"prompt_tokens": 11, "completion_tokens": 7, "prompt_cached": 5},
        ),
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
        (OF_CHAT, Usage(11, 7, 5, 3, None, 4, 1, 2)),
        (OF_RESPONSES, Usage(11, 7, 5, 3, None, 4)),
        (OF_MESSAGES, Usage(18, 7, 5, 2, 1, 4)),
        (OF_MESSAGES | OF_CHAT, Usage(11, 7, 5, 3, None, 4, 1, 2)),
        # xAI leaves what the model thinks out of the completion, Gemini does not even tell of it.
        (
            {"prompt_tokens": 32, "completion_tokens": 9, "total_tokens": 135, "reasoning": 94},
            Usage(32, 103, reasoning_tokens=94),
        ),
        (
            {"prompt_tokens": 20, "completion_tokens": 151, "total_tokens": 553},
            Usage(20, 533, reasoning_tokens=382),
        ),
        ({"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 3}, Usage(11, 7)),
        ({"prompt_tokens": 11, "total_tokens": 11}, Usage(11)),
        ({"output_tokens": 7}, Usage(None, 7)),
        ({}, Usage()),
    ],
)
def test_the_counts_of_the_dialects_on_one_footing(counts: dict[str, int], usage: Usage) -> None:
    assert read_usage(counts) == usage


def test_every_count_is_reported_somewhere() -> None:
    assert all(USAGE_PATHS.values())
