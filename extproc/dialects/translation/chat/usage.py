"""Tokens, as chat tells them.

Shape: https://platform.openai.com/docs/api-reference/chat/object (``usage``). DeepSeek tells cached
tokens in a member of its own; xAI leaves reasoning out of ``completion_tokens`` but not of the
total.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.dialects.translation.common.counts import MOST, count
from extproc.dialects.translation.form import Usage

__all__ = ["read_usage", "written_usage"]


def _count(holder: object, name: str) -> int | None:
    return count(holder.get(name)) if isinstance(holder, dict) else None


def read_usage(given: object) -> Usage:
    """What a provider tells of tokens; what is not understood is not known."""
    if not isinstance(given, dict):
        return Usage()
    before, after = given.get("prompt_tokens_details"), given.get("completion_tokens_details")
    input_, output = _count(given, "prompt_tokens"), _count(given, "completion_tokens")
    cached, reasoning = _count(before, "cached_tokens"), _count(after, "reasoning_tokens")
    if reasoning and input_ is not None and output is not None:
        apart = _count(given, "total_tokens") == input_ + output + reasoning
        output += reasoning if apart else 0
    return Usage(
        input=input_,
        output=output,
        cached=_count(given, "prompt_cache_hit_tokens") if cached is None else cached,
        written=_count(before, "cache_write_tokens"),
        reasoning=reasoning,
    )


def written_usage(usage: Usage) -> Mapping[str, Any] | None:
    """``usage`` for a client, None where nothing is known."""
    if usage.input is None and usage.output is None:
        return None
    input_, output = min(usage.input or 0, MOST), min(usage.output or 0, MOST)
    before = {"cached_tokens": usage.cached or 0}
    if usage.written is not None:
        before["cache_write_tokens"] = usage.written
    return {
        "prompt_tokens": input_,
        "completion_tokens": output,
        "total_tokens": input_ + output,
        "prompt_tokens_details": before,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
    }
