"""Where in a text something stands between tags, as agents write it: not quite XML.

What is never closed is no tag, and neither is what stands in a code block or between backticks:
people write about tags too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

__all__ = ["Span", "spans"]

_MOST_TOKENS: Final = 5_000
"""More tags and fences than any agent writes: such a text is left as it is."""


@dataclass(frozen=True, slots=True)
class Span:
    """An element by its offsets: ``start`` to ``end`` with its tags, ``inner_start`` to
    ``inner_end`` without them."""

    start: int
    inner_start: int
    inner_end: int
    end: int


@dataclass(frozen=True, slots=True)
class _Open:
    name: str
    start: int
    inner_start: int


def spans(text: str, names: AbstractSet[str]) -> list[Span]:
    """The outermost elements with one of the names, in order.

    A closing tag closes the latest open one of its name. Between an element's tags code is like any
    other text: the fences in it need not be in pairs.

    Takes time in proportion to the length of the text, whatever it holds.
    """
    if "</" not in text:
        return []
    tokens = list(islice(_tokens(frozenset(names)).finditer(text), _MOST_TOKENS + 1))
    last_closing = {token["closed"]: token.start() for token in tokens if token["closed"]}
    if not last_closing or len(tokens) > _MOST_TOKENS:
        return []
    return list(_elements(_outside_code(tokens, last_closing)))


@lru_cache(maxsize=8)
def _tokens(names: frozenset[str]) -> re.Pattern[str]:
    name = "|".join(sorted(map(re.escape, names), reverse=True))
    return re.compile(
        rf"<(?P<opened>{name})(?:\s[^<>]*+)?>"
        rf"|</(?P<closed>{name})\s*+>"
        r"|^[ ]{0,3}(?P<fence>`{3,}+|~{3,}+)(?P<info>[^\n]*+)$"
        r"|`[^`\n]++`",
        re.MULTILINE,
    )


def _outside_code(
    tokens: Sequence[re.Match[str]], last_closing: dict[str | None, int]
) -> Iterator[re.Match[str]]:
    """The tags that are no code."""
    closable = _closed_fences(tokens)
    fence: str | None = None
    open_tags: Counter[str] = Counter()
    for index, token in enumerate(tokens):
        if fence is not None:
            if _closes(token, fence):
                fence = None
        elif token["fence"]:
            if index in closable and not open_tags.total():
                fence = token["fence"]
        elif token["opened"]:
            if last_closing.get(token["opened"], -1) > token.start():
                open_tags[token["opened"]] += 1
                yield token
        elif token["closed"] and open_tags[token["closed"]]:
            open_tags[token["closed"]] -= 1
            yield token


def _closed_fences(tokens: Sequence[re.Match[str]]) -> set[int]:
    """The places of the fences that a later one closes."""
    found: set[int] = set()
    longest = {"`": 0, "~": 0}
    for index in range(len(tokens) - 1, -1, -1):
        fence = tokens[index]["fence"]
        if not fence:
            continue
        if len(fence) <= longest[fence[0]]:
            found.add(index)
        if not tokens[index]["info"].strip():
            longest[fence[0]] = max(longest[fence[0]], len(fence))
    return found


def _closes(token: re.Match[str], fence: str) -> bool:
    closing = token["fence"]
    return bool(closing) and closing.startswith(fence) and not token["info"].strip()


def _elements(tags: Iterable[re.Match[str]]) -> Iterator[Span]:
    """Pair the tags; of elements in one another, the outermost."""
    opened: list[_Open] = []
    waiting: Counter[str] = Counter()
    found: list[Span] = []
    for tag in tags:
        name = tag["opened"]
        if name:
            opened.append(_Open(name, tag.start(), tag.end()))
            waiting[name] += 1
        elif waiting[tag["closed"]]:
            span = _close(tag, opened, waiting)
            while found and found[-1].start >= span.start:
                found.pop()
            found.append(span)
    return iter(found)


def _close(tag: re.Match[str], opened: list[_Open], waiting: Counter[str]) -> Span:
    """Take the latest open tag of this name off the stack, and what was opened in it."""
    while True:
        last = opened.pop()
        waiting[last.name] -= 1
        if last.name == tag["closed"]:
            return Span(last.start, last.inner_start, tag.start(), tag.end())
