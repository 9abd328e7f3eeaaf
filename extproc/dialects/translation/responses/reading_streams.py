"""Reads a provider's stream.

Events: ``ResponseStreamEvent`` of the ``openai`` SDK. Providers differ in how much they tell twice:
what an item's end repeats of its deltas counts once, and what only its end tells, or only the
response's, counts, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson

from extproc.dialects.translation.events import (
    Delta,
    Ended,
    Event,
    Failed,
    PartEnded,
    PartKind,
    PartStarted,
    Started,
    Stopped,
    Used,
)
from extproc.dialects.translation.form import Failure, Reasoning, Refusal, ToolCall
from extproc.dialects.translation.responses.errors import beginning, told_failure
from extproc.dialects.translation.responses.reading_answers import (
    read_item,
    read_stop,
    read_usage,
    response_failure,
)
from extproc.dialects.translation.responses.reading_items import PARAGRAPH

__all__ = ["ResponsesStreamReader"]

_DONE = b"[DONE]"
"""Some providers end every stream with it."""

_Members: TypeAlias = Mapping[str, Any]
_Place: TypeAlias = tuple[int, int]
"""An item's index, and that of a part of its content (0 where an item is one part)."""


class _Part:
    """A part that has begun and not ended. ``section`` is the part of a summary that is told."""

    __slots__ = ("key", "section", "told")

    def __init__(self, key: int) -> None:
        self.key = key
        self.told = False
        self.section: tuple[str, object] | None = None


class ResponsesStreamReader:
    """See :class:`extproc.dialects.translation.translator.StreamReader`."""

    __slots__ = (
        "_calls",
        "_closed",
        "_count",
        "_ended_parts",
        "_finished",
        "_open",
        "_refuses",
        "_started",
    )

    def __init__(self) -> None:
        self._started = False
        self._finished = False
        self._count = 0
        self._calls = False
        self._refuses = False
        self._open: dict[_Place, _Part] = {}
        self._ended_parts: set[_Place] = set()
        self._closed: set[int] = set()

    def read(self, data: bytes) -> Iterator[Event]:
        if self._finished or data.strip() == _DONE:
            return
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError:
            event = None
        if not isinstance(event, dict):
            yield from self._fail(Failure(f"The provider sent no event: {beginning(data)}"))
            return
        kind = event.get("type")
        handle = _HANDLERS.get(kind) if isinstance(kind, str) else None
        if handle is not None:
            yield from handle(self, event)
        elif event.get("error"):
            yield from self._error(event)

    def end(self) -> Iterator[Event]:
        if not self._finished:
            yield from self._fail(Failure("The provider's stream ended before its answer did."))

    def _fail(self, failure: Failure) -> Iterator[Event]:
        self._finished = True
        self._open.clear()
        yield Failed(failure)

    def _begin(self, event: _Members) -> Iterator[Event]:
        """Every stream begins with the response; a stream that does not has begun all the same."""
        if self._started:
            return
        self._started = True
        response = _object(event.get("response"))
        created = response.get("created_at")
        seconds = int(created) if isinstance(created, int | float) else None
        yield Started(_text(response.get("id")), seconds)

    def _start(
        self, place: _Place, kind: PartKind, call_id: str = "", name: str = ""
    ) -> Iterator[Event]:
        self._calls = self._calls or kind is PartKind.TOOL
        self._refuses = self._refuses or kind is PartKind.REFUSAL
        self._open[place] = _Part(self._count)
        yield PartStarted(self._count, kind, call_id, name)
        self._count += 1

    def _tell(self, place: _Place, kind: PartKind, text: str) -> Iterator[Event]:
        part = self._open.get(place)
        if part is None:
            if place[0] in self._closed or place in self._ended_parts:
                return
            yield from self._start(place, kind)
            part = self._open[place]
        if text:
            part.told = True
            yield Delta(part.key, text)

    def _added(self, event: _Members) -> Iterator[Event]:
        yield from self._begin({})
        item = _object(event.get("item"))
        name = _text(item.get("name"))
        place = (_index(event, "output_index"), 0)
        # Some providers count every item as the first: where one has ended, this is another.
        self._closed.discard(place[0])
        if item.get("type") != "function_call" or not name or place in self._open:
            return
        call_id = _text(item.get("call_id")) or _text(item.get("id"))
        yield from self._start(place, PartKind.TOOL, call_id, name)

    def _arguments(self, event: _Members) -> Iterator[Event]:
        """Arguments of a call whose name is not known yet are read from its end."""
        part = self._open.get((_index(event, "output_index"), 0))
        text = _text(event.get("delta"))
        if part is not None and text:
            part.told = True
            yield Delta(part.key, text)

    def _all_arguments(self, event: _Members) -> Iterator[Event]:
        part = self._open.get((_index(event, "output_index"), 0))
        if part is not None and not part.told:
            yield from self._arguments({**event, "delta": event.get("arguments")})

    def _content(self, event: _Members) -> Iterator[Event]:
        yield from self._begin({})
        kind = _CONTENT.get(_text(_object(event.get("part")).get("type")))
        place = _place(event)
        if kind is not None:
            yield from self._tell(place, kind, "")

    def _said(self, event: _Members) -> Iterator[Event]:
        yield from self._begin({})
        yield from self._tell(_place(event), PartKind.TEXT, _text(event.get("delta")))

    def _refused(self, event: _Members) -> Iterator[Event]:
        yield from self._begin({})
        yield from self._tell(_place(event), PartKind.REFUSAL, _text(event.get("delta")))

    def _thought(self, event: _Members) -> Iterator[Event]:
        """A summary and the thoughts themselves are one part: whichever is told first."""
        yield from self._begin({})
        text = _text(event.get("delta"))
        if not text:
            return
        place = (_index(event, "output_index"), 0)
        section = (_text(event.get("type")), event.get("summary_index"))
        part = self._open.get(place)
        if part is not None and part.section is not None:
            if part.section[0] != section[0]:
                return
            if part.section != section:
                text = PARAGRAPH + text
        yield from self._tell(place, PartKind.REASONING, text)
        if place in self._open:
            self._open[place].section = section

    def _said_all(self, event: _Members) -> Iterator[Event]:
        """The end of a part of a message."""
        part = _object(event.get("part"))
        kind = _CONTENT.get(_text(part.get("type")))
        place = _place(event)
        if kind is None or place not in self._open:
            return
        if not self._open[place].told:
            text = _text(part.get("text")) or _text(part.get("refusal"))
            yield from self._tell(place, kind, text)
        self._ended_parts.add(place)
        yield PartEnded(self._open.pop(place).key)

    def _done(self, event: _Members) -> Iterator[Event]:
        yield from self._begin({})
        yield from self._item(_index(event, "output_index"), event.get("item"))

    def _item(self, index: int, item: object) -> Iterator[Event]:
        """A whole item: what was not told of it yet."""
        if index in self._closed:
            return
        encrypted = None
        for position, part in read_item(item):
            place = (index, position)
            open_part = self._open.get(place)
            told = open_part is not None and open_part.told
            if isinstance(part, ToolCall):
                if open_part is None:
                    yield from self._start(place, PartKind.TOOL, part.id, part.name)
                if not told:
                    yield from self._tell(place, PartKind.TOOL, part.arguments)
            elif isinstance(part, Reasoning):
                encrypted = part.encrypted
                if not told:
                    yield from self._tell(place, PartKind.REASONING, part.text)
            elif not told:
                kind = PartKind.REFUSAL if isinstance(part, Refusal) else PartKind.TEXT
                yield from self._tell(place, kind, part.text)
        self._closed.add(index)
        self._ended_parts = {place for place in self._ended_parts if place[0] != index}
        for place in [place for place in self._open if place[0] == index]:
            yield PartEnded(self._open.pop(place).key, encrypted=encrypted)

    def _ended(self, event: _Members) -> Iterator[Event]:
        yield from self._begin(event)
        response = _object(event.get("response"))
        output = response.get("output")
        told = self._count > 0
        begun = {index for index, _ in self._open}
        for index, item in enumerate(output if isinstance(output, list) else ()):
            if index in begun or not told:
                yield from self._item(index, item)
        for place in list(self._open):
            yield PartEnded(self._open.pop(place).key)
        self._finished = True
        yield Used(read_usage(response.get("usage")))
        status = _STATUSES[event["type"]]
        whole = {**response, "status": status}
        yield Stopped(read_stop(whole, calls=self._calls, refuses=self._refuses))
        yield Ended()

    def _failed(self, event: _Members) -> Iterator[Event]:
        failure = response_failure(_object(event.get("response")))
        yield from self._fail(
            Failure(failure.message, None, failure.kind, failure.code, failure.param)
        )

    def _error(self, event: _Members) -> Iterator[Event]:
        told = event.get("error") or {**event, "type": None}
        failure = told_failure(told, None) or Failure("The provider told no reason.")
        yield from self._fail(failure)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> _Members:
    return value if isinstance(value, dict) else {}


def _index(event: _Members, name: str) -> int:
    value = event.get(name)
    return value if isinstance(value, int) else 0


def _place(event: _Members) -> _Place:
    return _index(event, "output_index"), _index(event, "content_index")


_CONTENT = {"output_text": PartKind.TEXT, "refusal": PartKind.REFUSAL}
_STATUSES = {"response.completed": "completed", "response.incomplete": "incomplete"}

_Reader: TypeAlias = ResponsesStreamReader
_HANDLERS: Mapping[str, Callable[[_Reader, _Members], Iterator[Event]]] = {
    "response.created": _Reader._begin,
    "response.in_progress": _Reader._begin,
    "response.queued": _Reader._begin,
    "response.output_item.added": _Reader._added,
    "response.content_part.added": _Reader._content,
    "response.output_text.delta": _Reader._said,
    "response.refusal.delta": _Reader._refused,
    "response.function_call_arguments.delta": _Reader._arguments,
    "response.function_call_arguments.done": _Reader._all_arguments,
    "response.reasoning_summary_text.delta": _Reader._thought,
    "response.reasoning_text.delta": _Reader._thought,
    "response.content_part.done": _Reader._said_all,
    "response.output_item.done": _Reader._done,
    "response.completed": _Reader._ended,
    "response.incomplete": _Reader._ended,
    "response.failed": _Reader._failed,
    "error": _Reader._error,
}
