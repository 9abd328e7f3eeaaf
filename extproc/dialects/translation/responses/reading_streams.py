"""Reads a provider's stream.

Events: ``ResponseStreamEvent`` of the ``openai`` SDK. Providers differ in how much they tell twice,
and in what they leave out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson

from extproc.dialects.translation.common.failures import UNEXPLAINED, no_answer, told_failure
from extproc.dialects.translation.events import (
    Ended,
    Event,
    Failed,
    PartKind,
    Started,
    Stopped,
    Used,
)
from extproc.dialects.translation.form import Failure
from extproc.dialects.translation.responses.reading_answers import read_stop, response_failure
from extproc.dialects.translation.responses.stream_parts import Place, StreamParts
from extproc.dialects.translation.responses.usage import read_usage

__all__ = ["ResponsesStreamReader"]

_DONE = b"[DONE]"
"""Some providers end every stream with it."""

_Members: TypeAlias = Mapping[str, Any]


class ResponsesStreamReader:
    """See :class:`extproc.dialects.translation.translator.StreamReader`."""

    __slots__ = ("_finished", "_parts", "_started")

    def __init__(self) -> None:
        self._started = False
        self._finished = False
        self._parts = StreamParts()

    def read(self, data: bytes) -> Iterator[Event]:
        if self._finished or data.strip() == _DONE:
            return
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError:
            event = None
        if not isinstance(event, dict):
            yield from self._fail(no_answer(data, None))
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

    def _item_begins(self, event: _Members) -> Iterator[Event]:
        """A call whose name is not told yet is read from its end."""
        yield from self._begin({})
        item = _object(event.get("item"))
        index, name = _index(event, "output_index"), _text(item.get("name"))
        self._parts.item_begins(index)
        if item.get("type") == "function_call" and name:
            call_id = _text(item.get("call_id")) or _text(item.get("id"))
            yield from self._parts.start((index, 0), PartKind.TOOL, call_id, name)

    def _arguments(self, event: _Members) -> Iterator[Event]:
        yield from self._parts.more((_index(event, "output_index"), 0), _text(event.get("delta")))

    def _all_arguments(self, event: _Members) -> Iterator[Event]:
        place = (_index(event, "output_index"), 0)
        yield from self._parts.rest(place, _text(event.get("arguments")))

    def _part_begins(self, event: _Members) -> Iterator[Event]:
        yield from self._begin({})
        kind = _CONTENT.get(_text(_object(event.get("part")).get("type")))
        if kind is not None:
            yield from self._parts.start(_place(event), kind)

    def _said(self, event: _Members) -> Iterator[Event]:
        yield from self._begin({})
        place = _place(event)
        yield from self._parts.start(place, _SAID[event["type"]])
        yield from self._parts.more(place, _text(event.get("delta")))

    def _thought(self, event: _Members) -> Iterator[Event]:
        yield from self._begin({})
        place = (_index(event, "output_index"), 0)
        section = (_text(event.get("type")), event.get("summary_index"))
        yield from self._parts.thought(place, section, _text(event.get("delta")))

    def _part_ends(self, event: _Members) -> Iterator[Event]:
        part, place = _object(event.get("part")), _place(event)
        if _text(part.get("type")) in _CONTENT:
            text = _text(part.get("text")) or _text(part.get("refusal"))
            yield from self._parts.rest(place, text)
            yield from self._parts.end(place)

    def _item_ends(self, event: _Members) -> Iterator[Event]:
        yield from self._begin({})
        yield from self._parts.item_ends(_index(event, "output_index"), event.get("item"))

    def _ended(self, event: _Members) -> Iterator[Event]:
        yield from self._begin(event)
        response = {**_object(event.get("response")), "status": _STATUSES[event["type"]]}
        output = response.get("output")
        yield from self._parts.all_end(output if isinstance(output, list) else [])
        self._finished = True
        yield Used(read_usage(response.get("usage")))
        parts = self._parts
        yield Stopped(read_stop(response, calls=parts.calls))
        yield Ended()

    def _failed(self, event: _Members) -> Iterator[Event]:
        failure = response_failure(_object(event.get("response")))
        yield from self._fail(
            Failure(failure.message, None, failure.kind, failure.code, failure.param)
        )

    def _error(self, event: _Members) -> Iterator[Event]:
        told = event.get("error") or {**event, "type": None}
        failure = told_failure({"error": told}, None) or Failure(UNEXPLAINED)
        yield from self._fail(failure)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _object(value: object) -> _Members:
    return value if isinstance(value, dict) else {}


def _index(event: _Members, name: str) -> int:
    value = event.get(name)
    return value if isinstance(value, int) else 0


def _place(event: _Members) -> Place:
    return _index(event, "output_index"), _index(event, "content_index")


_CONTENT = {"output_text": PartKind.TEXT, "refusal": PartKind.REFUSAL}
_SAID = {
    "response.output_text.delta": PartKind.TEXT,
    "response.refusal.delta": PartKind.REFUSAL,
}
_STATUSES = {"response.completed": "completed", "response.incomplete": "incomplete"}

_Reader: TypeAlias = ResponsesStreamReader
_HANDLERS: Mapping[str, Callable[[_Reader, _Members], Iterator[Event]]] = {
    "response.created": _Reader._begin,
    "response.in_progress": _Reader._begin,
    "response.queued": _Reader._begin,
    "response.output_item.added": _Reader._item_begins,
    "response.content_part.added": _Reader._part_begins,
    "response.output_text.delta": _Reader._said,
    "response.refusal.delta": _Reader._said,
    "response.function_call_arguments.delta": _Reader._arguments,
    "response.function_call_arguments.done": _Reader._all_arguments,
    "response.reasoning_summary_text.delta": _Reader._thought,
    "response.reasoning_text.delta": _Reader._thought,
    "response.content_part.done": _Reader._part_ends,
    "response.output_item.done": _Reader._item_ends,
    "response.completed": _Reader._ended,
    "response.incomplete": _Reader._ended,
    "response.failed": _Reader._failed,
    "error": _Reader._error,
}
