"""Tokens, as a provider tells them and as a client is told.

Shape: ``ResponseUsage`` of the ``openai`` SDK.
"""

from __future__ import annotations

from typing import Any

from extproc.dialects.translation.common.counts import count
from extproc.dialects.translation.form import Usage

__all__ = ["read_usage", "write_usage"]


def read_usage(usage: object) -> Usage:
    """The tokens that a ``usage`` tells."""
    if not isinstance(usage, dict):
        return Usage()
    into = usage.get("input_tokens_details")
    out = usage.get("output_tokens_details")
    into = into if isinstance(into, dict) else {}
    out = out if isinstance(out, dict) else {}
    return Usage(
        input=count(usage.get("input_tokens")),
        output=count(usage.get("output_tokens")),
        cached=count(into.get("cached_tokens")),
        written=count(into.get("cache_write_tokens")),
        reasoning=count(out.get("reasoning_tokens")),
    )


def write_usage(usage: Usage) -> dict[str, Any]:
    """The ``usage`` of a response, with both details; what was not told counts as 0."""
    into, out = usage.input or 0, usage.output or 0
    return {
        "input_tokens": into,
        "input_tokens_details": {
            "cache_write_tokens": usage.written or 0,
            "cached_tokens": usage.cached or 0,
        },
        "output_tokens": out,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning or 0},
        "total_tokens": into + out,
    }
