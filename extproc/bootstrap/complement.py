"""A regular expression for every name but some.

Envoy can remove headers that a matcher fits, and none of its matchers is "all but these": RE2,
which it matches with, has no negative lookahead. The names that are to stay make a trie, though,
and a name that is none of them leaves the trie somewhere. One expression can say all the places
where that can happen; it grows with the sum of the names' lengths only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["ANY_ENDING", "all_but"]

ANY_ENDING = "*"
"""As a pattern's last character: whatever follows."""


@dataclass(slots=True)
class _Node:
    """The names that begin in one way: ``ends`` is whether this beginning is a name itself,
    ``open`` whether every name that begins like this is meant."""

    ends: bool = False
    open: bool = False
    following: dict[str, _Node] = field(default_factory=dict)


def all_but(patterns: Iterable[str]) -> str:
    """An expression, for a match of the whole, of the names that no pattern means.

    Args:
        patterns: names; one that ends in ``*``, behind something else, means all that begin like
            it.
    """
    root = _Node()
    for pattern in patterns:
        node = root
        for character in pattern.removesuffix(ANY_ENDING):
            node = node.following.setdefault(character, _Node())
        node.ends = True
        node.open |= pattern.endswith(ANY_ENDING)
    return _leaving(root)


def _leaving(node: _Node) -> str:
    """The ways on from here that lead to no name."""
    ways = [
        re.escape(character) + _leaving(following)
        for character, following in sorted(node.following.items())
        if not following.open
    ]
    expected = "".join(map(re.escape, sorted(node.following)))
    ways.append(f"[^{expected}].*" if expected else ".+")
    if not node.ends:
        ways.append("")
    return f"(?:{'|'.join(ways)})"
