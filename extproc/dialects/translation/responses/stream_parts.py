"""The parts of a streamed answer that have begun, and what was told of them.

What an item's end repeats of its deltas counts once, and what only its end tells counts, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from extproc.dialects.translation.events import Delta, Event, PartEnded, PartKind, PartStarted
from extproc.dialects.translation.form import Reasoning, Refusal, ToolCall
from extproc.dialects.translation.responses.reading_answers import read_item
from extproc.dialects.translation.responses.reading_items import PARAGRAPH

__all__ = ["Place", "StreamParts"]

Place: TypeAlias = tuple[int, int]
"""An item's index, and that of a part of its content (0 where an item is one part)."""

Section: TypeAlias = tuple[str, object]
"""A kind of reasoning's text, and the part of it."""


class _Part:
    """A part that has begun and not ended; ``section`` is what of a reasoning was told last."""

    __slots__ = ("key", "section", "told")

    def __init__(self, key: int) -> None:
        self.key = key
        self.told = False
        self.section: Section | None = None


class StreamParts:
    """Keeps apart what is told of an answer's items, which may be told in turns.

    ``calls`` is whether a tool is called.
    """

    __slots__ = ("_closed", "_count", "_ended", "_open", "calls")

    def __init__(self) -> None:
        self.calls = False
        self._count = 0
        self._open: dict[Place, _Part] = {}
        self._ended: set[Place] = set()
        self._closed: set[int] = set()

    def item_begins(self, index: int) -> None:
        """An item begins. Some providers count every item as the first: where one has ended, this
        is another."""
        self._closed.discard(index)

    def start(
        self, place: Place, kind: PartKind, call_id: str = "", name: str = ""
    ) -> Iterator[Event]:
        """A part begins, unless it has."""
        if place in self._open or place in self._ended or place[0] in self._closed:
            return
        self.calls = self.calls or kind is PartKind.TOOL
        self._open[place] = _Part(self._count)
        yield PartStarted(self._count, kind, call_id, name)
        self._count += 1

    def more(self, place: Place, text: str) -> Iterator[Event]:
        """More of a part, if it is open."""
        part = self._open.get(place)
        if part is not None and text:
            part.told = True
            yield Delta(part.key, text)

    def rest(self, place: Place, text: str) -> Iterator[Event]:
        """All of a part, if it is open and nothing of it was told."""
        part = self._open.get(place)
        if part is not None and not part.told:
            yield from self.more(place, text)

    def thought(self, place: Place, section: Section, text: str) -> Iterator[Event]:
        """More of a reasoning. A summary and the thoughts themselves are one part: whichever is
        told first."""
        if not text:
            return
        yield from self.start(place, PartKind.REASONING)
        part = self._open.get(place)
        if part is None:
            return
        last = part.section
        if last is not None and last[0] != section[0]:
            return
        part.section = section
        yield from self.more(place, text if last in (None, section) else PARAGRAPH + text)

    def end(self, place: Place) -> Iterator[Event]:
        """A part of an item's content ends."""
        part = self._open.pop(place, None)
        if part is not None:
            self._ended.add(place)
            yield PartEnded(part.key)

    def item_ends(self, index: int, item: object) -> Iterator[Event]:
        """An item ends, and is told whole."""
        if index in self._closed:
            return
        encrypted = None
        for position, part in read_item(item):
            place = (index, position)
            if isinstance(part, ToolCall):
                yield from self.start(place, PartKind.TOOL, part.id, part.name)
                yield from self.rest(place, part.arguments)
            elif isinstance(part, Reasoning):
                encrypted = part.encrypted
                yield from self.start(place, PartKind.REASONING)
                yield from self.rest(place, part.text)
            else:
                is_refusal = isinstance(part, Refusal)
                yield from self.start(place, PartKind.REFUSAL if is_refusal else PartKind.TEXT)
                yield from self.rest(place, part.text)
        self._closed.add(index)
        self._ended = {place for place in self._ended if place[0] != index}
        for place in [place for place in self._open if place[0] == index]:
            yield PartEnded(self._open.pop(place).key, encrypted=encrypted)

    def all_end(self, output: list[object]) -> Iterator[Event]:
        """The answer ends, and is told whole: items that are open, or all if none was told."""
        begun = {index for index, _ in self._open}
        for index, item in enumerate(output if begun or not self._count else ()):
            if index in begun or not begun:
                yield from self.item_ends(index, item)
        for place in list(self._open):
            yield PartEnded(self._open.pop(place).key)
