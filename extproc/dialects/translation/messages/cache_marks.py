"""Breakpoints of the prompt cache, which stay where the client marked them, as far as they may.

https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.dialects.translation.common.finding_losses import Losses, dropped

__all__ = ["CacheMarks"]

_Block = dict[str, Any]

_MOST = 4
"""Breakpoints that one request may have."""
_LIFETIMES = ("5m", "1h")


class CacheMarks:
    """The blocks and tools that are marked, in the order in which the model reads them."""

    __slots__ = ("_blocks", "_tools")

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._tools: list[_Block] = []

    def put(self, block: _Block, cache: Mapping[str, Any] | None, *, tool: bool = False) -> _Block:
        """Mark a block or a tool, where the client did so in a way that Anthropic knows."""
        if cache is not None and cache.get("type") == "ephemeral":
            lifetime = cache.get("ttl")
            known = {"ttl": lifetime} if lifetime in _LIFETIMES else {}
            block["cache_control"] = {"type": "ephemeral", **known}
            (self._tools if tool else self._blocks).append(block)
        return block

    def limit(self, losses: Losses) -> None:
        """Keep the marks that stand last: each covers all that stands before it."""
        marked = self._tools + self._blocks
        excess = marked[: max(len(marked) - _MOST, 0)]
        for block in excess:
            del block["cache_control"]
        if excess:
            reason = f"a request has at most {_MOST} breakpoints of the cache"
            losses.put(dropped("cache_control", "", reason))
