"""How many tokens an answer took, whichever dialect it is in."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from extproc.core.records import Usage
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
    """The dialects' counts on one footing: all input, and how much of it was cached.

    Args:
        counts: what was found at ``USAGE_PATHS``, by their keys.
    """
    if TokenCount.PROMPT in counts:
        return Usage(
            counts[TokenCount.PROMPT],
            counts.get(TokenCount.COMPLETION),
            counts.get(TokenCount.PROMPT_CACHED),
        )
    entered, read = counts.get(TokenCount.INPUT), counts.get(TokenCount.CACHE_READ)
    if entered is not None:
        entered += (read or 0) + counts.get(TokenCount.CACHE_WRITTEN, 0)
    cached = read if read is not None else counts.get(TokenCount.INPUT_CACHED)
    return Usage(entered, counts.get(TokenCount.OUTPUT), cached)
