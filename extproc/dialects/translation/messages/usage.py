"""Tokens in Anthropic's words, where ``input_tokens`` are only those that no cache had to do with.

``anthropic.types.Usage``, ``anthropic.types.MessageDeltaUsage``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.dialects.translation.common.counts import MOST, count
from extproc.dialects.translation.form import Usage

__all__ = ["Counts", "written_usage"]

_NAMES = (
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
)


def _told(number: int | None) -> int:
    return min(max(number or 0, 0), MOST)


class Counts:
    """Counts as a provider tells them, in one piece or several: later ones replace earlier ones,
    those that it leaves out or that are null survive."""

    __slots__ = ("_thinking", "_told")

    def __init__(self) -> None:
        self._told: dict[str, int] = {}
        self._thinking: int | None = None

    def read(self, usage: object) -> Usage:
        """What is known with a further ``usage``."""
        if isinstance(usage, dict):
            for name in _NAMES:
                told = count(usage.get(name))
                if told is not None:
                    self._told[name] = told
            details = usage.get("output_tokens_details")
            if isinstance(details, dict):
                thinking = count(details.get("thinking_tokens"))
                self._thinking = self._thinking if thinking is None else thinking
        cached = self._told.get("cache_read_input_tokens")
        written = self._told.get("cache_creation_input_tokens")
        fresh = self._told.get("input_tokens")
        return Usage(
            input=None if fresh is None else fresh + (cached or 0) + (written or 0),
            output=self._told.get("output_tokens"),
            cached=cached,
            written=written,
            reasoning=self._thinking,
        )


def written_usage(usage: Usage) -> Mapping[str, Any]:
    """Usage for a client: every count that its SDK adds up is there, and none is below 0."""
    cached, created = _told(usage.cached), _told(usage.written)
    told: dict[str, Any] = {
        "input_tokens": _told(_told(usage.input) - cached - created),
        "cache_creation_input_tokens": created,
        "cache_read_input_tokens": cached,
        "output_tokens": _told(usage.output),
    }
    if usage.reasoning is not None:
        told["output_tokens_details"] = {"thinking_tokens": _told(usage.reasoning)}
    return told
