"""A stream in Anthropic's dialect, read (``anthropic.types.RawMessageStreamEvent``).

https://docs.anthropic.com/en/docs/build-with-claude/streaming
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson

from extproc.dialects.translation.common.failures import UNEXPLAINED, no_answer, told_failure
from extproc.dialects.translation.common.json_text import object_text
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
from extproc.dialects.translation.form import Failure, Stop
from extproc.dialects.translation.messages.reading_answers import word
from extproc.dialects.translation.messages.stops import read_stop, refusal_text
from extproc.dialects.translation.messages.usage import Counts

__all__ = ["MessagesStreamReader"]

_Data = Mapping[str, Any]

_KINDS = {
    "text": PartKind.TEXT,
    "thinking": PartKind.REASONING,
    "redacted_thinking": PartKind.REASONING,
    "tool_use": PartKind.TOOL,
}
"""Other blocks are of tools that the provider runs itself."""
_DELTAS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
}
_MOST_OPEN = 1000
"""Blocks at a time; Anthropic opens one."""
_TOO_MANY = "The provider began blocks without ending them."
_BROKEN_OFF = "The provider's stream broke off before its message_stop."


class _Block:
    """A block that has begun and not ended."""

    __slots__ = ("arguments", "key", "kind", "redacted", "signature")

    def __init__(self, key: int, kind: PartKind, block: _Data) -> None:
        self.key = key
        self.kind = kind
        self.signature = word(block, "signature") or None
        self.redacted = word(block, "data") or None
        self.arguments = object_text(block.get("input")) if kind is PartKind.TOOL else ""
        """What a call's input is, as long as no delta tells it."""


class MessagesStreamReader:
    """Reads one stream. It holds the blocks that are open, and the counts told so far."""

    def __init__(self) -> None:
        self._blocks: dict[int, _Block] = {}
        self._parts = 0
        self._counts = Counts()
        self._started = False
        self._stopped = False
        self._over = False

    def read(self, data: bytes) -> Iterable[Event]:
        """The events that the data of one server-sent event stands for."""
        if self._over:
            return ()
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError:
            event = None
        if not isinstance(event, dict):
            return self._failed(no_answer(data, None))
        kind = event.get("type")
        read = _EVENTS.get(kind) if isinstance(kind, str) else None
        if read is not None:
            return read(self, event)
        failure = told_failure(event, None)
        return () if failure is None else self._failed(failure)

    def end(self) -> Iterable[Event]:
        """Failed where the stream has not said that it is complete."""
        return () if self._over else self._failed(Failure(_BROKEN_OFF))

    def _failed(self, failure: Failure) -> tuple[Event, ...]:
        self._over = True
        return (Failed(failure),)

    def _message_start(self, event: _Data) -> Iterator[Event]:
        if self._started:
            return
        self._started = True
        message = event.get("message")
        message = message if isinstance(message, dict) else {}
        yield Started(word(message, "id"))
        if isinstance(message.get("usage"), dict):
            yield Used(self._counts.read(message["usage"]))

    def _block_start(self, event: _Data) -> Iterator[Event]:
        index, block = event.get("index"), event.get("content_block")
        if not isinstance(index, int) or not isinstance(block, dict) or self._stopped:
            return
        kind = _KINDS.get(word(block, "type"))
        if kind is None:
            return
        yield from self._close(index)
        if len(self._blocks) >= _MOST_OPEN:
            yield from self._failed(Failure(_TOO_MANY))
            return
        key = self._parts
        self._parts += 1
        self._blocks[index] = _Block(key, kind, block)
        yield PartStarted(key, kind, word(block, "id"), word(block, "name"))
        begun = word(block, "text") or word(block, "thinking")
        if begun and kind is not PartKind.TOOL:
            yield Delta(key, begun)

    def _block_delta(self, event: _Data) -> Iterable[Event]:
        index, delta = event.get("index"), event.get("delta")
        block = self._blocks.get(index) if isinstance(index, int) else None
        if block is None or not isinstance(delta, dict):
            return ()
        kind = word(delta, "type")
        if kind == "signature_delta":
            block.signature = word(delta, "signature") or block.signature
        text = word(delta, _DELTAS[kind]) if kind in _DELTAS else ""
        if not text:
            return ()
        block.arguments = ""
        return (Delta(block.key, text),)

    def _block_stop(self, event: _Data) -> Iterable[Event]:
        index = event.get("index")
        return self._close(index) if isinstance(index, int) else ()

    def _close(self, index: int) -> Iterable[Event]:
        block = self._blocks.pop(index, None)
        if block is None:
            return ()
        end = PartEnded(block.key, block.signature, block.redacted)
        return (Delta(block.key, block.arguments), end) if block.arguments else (end,)

    def _message_delta(self, event: _Data) -> Iterator[Event]:
        if isinstance(event.get("usage"), dict):
            yield Used(self._counts.read(event["usage"]))
        delta = event.get("delta")
        if isinstance(delta, dict) and delta.get("stop_reason") is not None:
            yield from self._stop(delta)

    def _stop(self, delta: _Data) -> Iterator[Event]:
        if self._stopped:
            return
        for index in tuple(self._blocks):
            yield from self._close(index)
        self._stopped = True
        stop = read_stop(delta.get("stop_reason"))
        if stop is Stop.REFUSED:
            yield PartStarted(self._parts, PartKind.REFUSAL)
            yield Delta(self._parts, refusal_text(delta.get("stop_details")))
            yield PartEnded(self._parts)
        yield Stopped(stop, word(delta, "stop_sequence") or None)

    def _message_stop(self, _: _Data) -> Iterator[Event]:
        yield from self._stop({})
        self._over = True
        yield Ended()

    def _error(self, event: _Data) -> Iterable[Event]:
        return self._failed(told_failure(event, None) or Failure(UNEXPLAINED))


_EVENTS: Mapping[str, Callable[[MessagesStreamReader, _Data], Iterable[Event]]] = {
    "message_start": MessagesStreamReader._message_start,
    "content_block_start": MessagesStreamReader._block_start,
    "content_block_delta": MessagesStreamReader._block_delta,
    "content_block_stop": MessagesStreamReader._block_stop,
    "message_delta": MessagesStreamReader._message_delta,
    "message_stop": MessagesStreamReader._message_stop,
    "error": MessagesStreamReader._error,
}
