"""How many tokens an answer took, whichever dialect it is in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from extproc.core.usage import Usage
from extproc.dialects.dialect import TokenCount
from extproc.dialects.table import DIALECTS

__all__ = ["USAGE_PATHS", "read_usage"]


def _paths(count: TokenCount) -> tuple[str, ...]:
    paths = (path for row in DIALECTS.values() for path in row.usage_paths.get(count, ()))
    return tuple(dict.fromkeys(paths))


USAGE_PATHS: Mapping[TokenCount, tuple[str, ...]] = MappingProxyType(
    {count: _paths(count) for count in TokenCount}
)
"""Where the dialects' answers and events report tokens: names of members with dots between."""


def read_usage(counts: Mapping[str, int]) -> Usage:
    """The dialects' counts on one footing: all input and all output, and what parts of it were.

    Args:
        counts: what was found at ``USAGE_PATHS``, by their keys.
    """
    return _of_prompt(counts) if TokenCount.PROMPT in counts else _of_input(counts)


def _of_prompt(counts: Mapping[str, int]) -> Usage:
    prompt, completion = counts[TokenCount.PROMPT], counts.get(TokenCount.COMPLETION)
    reasoning = counts.get(TokenCount.REASONING)
    apart = 0
    if completion is not None:
        # xAI and Gemini: https://docs.x.ai/docs/key-information/consumption-and-rate-limits
        apart = max(0, counts.get(TokenCount.TOTAL, 0) - prompt - completion)
        completion += apart
    return Usage(
        prompt,
        completion,
        counts.get(TokenCount.PROMPT_CACHED),
        counts.get(TokenCount.PROMPT_WRITTEN),
        None,
        apart if reasoning is None and apart else reasoning,
        counts.get(TokenCount.INPUT_AUDIO),
        counts.get(TokenCount.OUTPUT_AUDIO),
    )


def _of_input(counts: Mapping[str, int]) -> Usage:
    entered, read = counts.get(TokenCount.INPUT), counts.get(TokenCount.CACHE_READ)
    written = counts.get(TokenCount.CACHE_WRITTEN)
    if entered is not None:
        entered += (read or 0) + (written or 0)
    return Usage(
        entered,
        counts.get(TokenCount.OUTPUT),
        read if read is not None else counts.get(TokenCount.INPUT_CACHED),
        written if written is not None else counts.get(TokenCount.INPUT_WRITTEN),
        counts.get(TokenCount.CACHE_WRITTEN_1H),
        counts.get(TokenCount.REASONING),
    )
