"""Parts that overlap, put in line: Anthropic's blocks are open one at a time.

Chat completions may tell several tool calls in turns. The first is written as it comes; the others
wait until it ends, within bounds.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from extproc.dialects.translation.events import PartEnded, PartStarted

__all__ = ["HeldPart", "HeldParts", "TooMuchHeldError"]

_MOST_HELD = 4 * 2**20
"""Bytes of text that wait, all parts of a stream together."""
_MOST_PARTS = 10_000


class TooMuchHeldError(Exception):
    """What waits is more than one stream may keep."""


@dataclass(slots=True)
class HeldPart:
    """A part, as far as it has come."""

    start: PartStarted
    texts: list[str] = field(default_factory=list)
    end: PartEnded | None = None


class HeldParts:
    """The parts that wait, in the order in which they began."""

    __slots__ = ("_bytes", "_parts")

    def __init__(self) -> None:
        self._bytes = 0
        self._parts: OrderedDict[int, HeldPart] = OrderedDict()

    def begin(self, start: PartStarted) -> None:
        """One more waits."""
        if len(self._parts) >= _MOST_PARTS:
            raise TooMuchHeldError
        self._parts.setdefault(start.key, HeldPart(start))

    def add(self, key: int, text: str) -> None:
        """More of one that waits; of one that does not, nothing."""
        part = self._parts.get(key)
        if part is None:
            return
        # A character is at most four bytes; most are one.
        self._bytes += len(text) if text.isascii() else 4 * len(text)
        if self._bytes > _MOST_HELD:
            raise TooMuchHeldError
        part.texts.append(text)

    def end(self, end: PartEnded) -> None:
        """One that waits is complete."""
        part = self._parts.get(end.key)
        if part is not None:
            part.end = end

    def take(self) -> HeldPart | None:
        """The one that began first, which waits no longer; None where none does."""
        if not self._parts:
            return None
        _, part = self._parts.popitem(last=False)
        self._bytes -= sum(len(text) if text.isascii() else 4 * len(text) for text in part.texts)
        return part
