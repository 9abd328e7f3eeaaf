"""Writes a client's stream.

The order of events is that of https://platform.openai.com/docs/api-reference/responses-streaming.
The end of a response repeats all of it, so that what was said must be held until then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from extproc.dialects.translation.common.counts import latest
from extproc.dialects.translation.common.identifiers import made_up_call_id
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
from extproc.dialects.translation.form import Failure, Stop, Usage
from extproc.dialects.translation.responses.callees import Callees
from extproc.dialects.translation.responses.errors import response_error
from extproc.dialects.translation.responses.response_object import opening, outcome, response
from extproc.dialects.translation.responses.stream_frames import Numbered
from extproc.dialects.translation.responses.stream_items import (
    CallItem,
    CustomCallItem,
    MessageItem,
    ReasoningItem,
)
from extproc.dialects.translation.responses.wire import item_id, response_id
from extproc.dialects.translation.translator import Echo

__all__ = ["ResponsesStreamWriter"]

_MOST_HELD = 4 * 1024 * 1024
"""Characters of one answer. The longest answers of today's models are a tenth of it."""

_Item: TypeAlias = CallItem | CustomCallItem | MessageItem | ReasoningItem


class ResponsesStreamWriter:
    """See :class:`extproc.dialects.translation.translator.StreamWriter`.

    Words that follow each other are one message, though the provider told them as several parts:
    a message therefore ends only when something else begins.
    """

    __slots__ = (
        "_callees",
        "_echo",
        "_finished",
        "_held",
        "_id",
        "_items",
        "_kinds",
        "_message",
        "_numbers",
        "_opening",
        "_output",
        "_refused",
        "_stop",
        "_usage",
    )

    def __init__(self, echo: Echo) -> None:
        self._echo = echo
        self._callees = Callees(echo.request.tools, echo.tool_names)
        self._numbers = Numbered()
        self._id = ""
        self._opening: dict[str, Any] | None = None
        self._finished = False
        self._held = 0
        self._kinds: dict[int, PartKind] = {}
        self._items: dict[int, _Item] = {}
        self._message: MessageItem | None = None
        self._output: dict[int, dict[str, Any]] = {}
        self._refused = False
        self._stop = Stop.END
        self._usage = Usage()

    def write(self, event: Event) -> bytes:
        if self._finished:
            return b""
        return _WRITERS[type(event)](self, event)

    def _started(self, event: Started) -> bytes:
        if self._opening is not None:
            return b""
        self._id = response_id(event.id, self._echo.request_id)
        created = self._echo.created if event.created is None else event.created
        self._opening = opening(self._id, created, self._echo, None)
        members = self._response("in_progress")
        told = self._numbers.event("response.created", members)
        return told + self._numbers.event("response.in_progress", members)

    def _response(self, status: str, **members: Any) -> Mapping[str, Any]:
        output = [self._output[index] for index in sorted(self._output)]
        return {"response": response(self._opening or {}, status, output, **members)}

    def _new_id(self, kind: str) -> tuple[str, int]:
        index = len(self._output)
        self._output[index] = {}
        return item_id(kind, self._id, index), index

    def _part_started(self, event: PartStarted) -> bytes:
        told = b"" if self._opening is not None else self._started(Started(""))
        self._kinds[event.key] = event.kind
        if event.kind is PartKind.REASONING:
            return told
        if event.kind is PartKind.TOOL:
            return told + self._end_message() + self._call(event)
        if self._message is None:
            self._message = MessageItem(*self._new_id("msg"), self._numbers)
            told += self._message.begin()
        self._message.speaking.add(event.key)
        self._items[event.key] = self._message
        is_refusal = event.kind is PartKind.REFUSAL
        self._refused = self._refused or is_refusal
        return told + self._message.grow("", is_refusal=is_refusal)

    def _call(self, event: PartStarted) -> bytes:
        callee = self._callees.find(event.name)
        own_id, index = self._new_id("ctc" if callee.is_custom else "fc")
        call_id = event.id or made_up_call_id(self._echo, index)
        begun = CustomCallItem if callee.is_custom else CallItem
        call = begun(own_id, index, self._numbers, call_id, callee)
        self._items[event.key] = call
        return call.begin()

    def _delta(self, event: Delta) -> bytes:
        kind = self._kinds.get(event.key)
        if kind is None or not event.text:
            return b""
        self._held += len(event.text)
        if self._held > _MOST_HELD:
            return self._failed(Failed(Failure("The answer is too long to be told whole.")))
        item = self._items.get(event.key)
        if item is None:
            told = self._reason(event.key)
            return told + self._delta_of(self._items[event.key], kind, event.text)
        return self._delta_of(item, kind, event.text)

    def _delta_of(self, item: _Item, kind: PartKind, text: str) -> bytes:
        if isinstance(item, MessageItem):
            return item.grow(text, is_refusal=kind is PartKind.REFUSAL)
        return item.grow(text)

    def _reason(self, key: int) -> bytes:
        """Reasoning begins with its first words: it may have none that can be read."""
        told = self._end_message()
        item = ReasoningItem(*self._new_id("rs"), self._numbers)
        self._items[key] = item
        return told + item.begin()

    def _part_ended(self, event: PartEnded) -> bytes:
        kind = self._kinds.pop(event.key, None)
        if kind is None:
            return b""
        told = b""
        if event.key not in self._items:
            if event.encrypted is None:
                return b""
            told = self._reason(event.key)
        item = self._items.pop(event.key)
        if isinstance(item, MessageItem):
            item.speaking.discard(event.key)
            return told
        if isinstance(item, ReasoningItem):
            item.encrypted = event.encrypted
        return told + self._end(item)

    def _end(self, item: _Item) -> bytes:
        told, self._output[item.index] = item.end()
        return told

    def _end_message(self) -> bytes:
        """Ends the message unless more of it is still being said."""
        message = self._message
        if message is None or message.speaking:
            return b""
        self._message = None
        return self._end(message)

    def _used(self, event: Used) -> bytes:
        self._usage = latest(event.usage, self._usage)
        return b""

    def _stopped(self, event: Stopped) -> bytes:
        """Ends whatever is open: the last item, where the answer was cut off, as incomplete."""
        self._stop = Stop.END if self._refused and event.stop is Stop.REFUSED else event.stop
        status, _ = outcome(self._stop)
        told = b""
        if self._message is not None:
            self._message.speaking.clear()
        for item in self._items.values():
            if isinstance(item, CallItem):
                ended, self._output[item.index] = item.end(status)
                told += ended
            elif not isinstance(item, MessageItem):
                told += self._end(item)
        self._items.clear()
        self._kinds.clear()
        if self._message is not None:
            message, self._message = self._message, None
            ended, self._output[message.index] = message.end(status)
            told += ended
        return told

    def _ended(self, event: Ended) -> bytes:  # noqa: ARG002
        told = b"" if self._opening is not None else self._started(Started(""))
        told += self._stopped(Stopped(self._stop))
        self._finished = True
        status, reason = outcome(self._stop)
        members = self._response(status, reason=reason, usage=self._usage)
        return told + self._numbers.event(f"response.{status}", members)

    def _failed(self, event: Failed) -> bytes:
        """A response that has begun fails; before that there is only an error."""
        self._finished = True
        error = response_error(event.failure)
        if self._opening is None:
            members = {**error, "param": event.failure.param}
            return self._numbers.event("error", members)
        unfinished = {
            item.index: item.whole("incomplete")
            for item in (*self._items.values(), self._message)
            if isinstance(item, CallItem | MessageItem)
        }
        self._output.update(unfinished)
        self._output = {index: item for index, item in self._output.items() if item}
        return self._numbers.event("response.failed", self._response("failed", error=error))


_WRITERS: Mapping[type[Event], Callable[[ResponsesStreamWriter, Any], bytes]] = {
    Started: ResponsesStreamWriter._started,
    PartStarted: ResponsesStreamWriter._part_started,
    Delta: ResponsesStreamWriter._delta,
    PartEnded: ResponsesStreamWriter._part_ended,
    Used: ResponsesStreamWriter._used,
    Stopped: ResponsesStreamWriter._stopped,
    Ended: ResponsesStreamWriter._ended,
    Failed: ResponsesStreamWriter._failed,
}
