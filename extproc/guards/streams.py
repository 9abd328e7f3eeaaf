"""The guards of a stream: its texts pass through them, and all else as it comes.

The texts of all events with the same key are one text, however it is cut into events, and the
events into chunks. What the guards keep of it for the moment is sent with the next event that has a
piece of it, or in an event of its own before the one that ends it.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Collection
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from extproc.dialects.answer_texts import (
    ALL,
    EventTexts,
    Key,
    Text,
    event_texts,
    found,
    put,
    without_tokens,
)
from extproc.dialects.sse import EventCutter, check_held, data_of, with_data
from extproc.guards.answers import AnswerGuards, RunningText

__all__ = ["GuardedStream"]

_NUMBER: Final = re.compile(rb'(?<="sequence_number":)(\s*)(\d+)')
_REPEATING: Final = "response."
"""How the types of events begin that say whole texts once more."""
_TOKENS: Final = b'"logprobs"'
_NO_TEXT: Final = (b"", b"[DONE]")
"""The data of events that are no JSON and say nothing: the last one of chat's streams."""


@dataclass(slots=True)
class _Running:
    """A text that goes on: the last event that had a piece of it, and what was said so far."""

    text: Text
    event: bytes = b""
    document: dict[str, Any] = field(default_factory=dict)
    state: RunningText = field(default_factory=RunningText)
    came: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)


class GuardedStream:
    """One stream of events."""

    def __init__(self, guards: AnswerGuards) -> None:
        """
        Args:
            guards: look at its texts.
        """
        self._guards = guards
        self._cutter = EventCutter()
        self._running: dict[Key, _Running] = {}
        self._settled: dict[str, str] = {}
        """What became of texts that have ended, for events that say them once more."""
        self._added = 0
        self._repeats = False
        self.number = 0
        """What comes next where events are numbered."""

    async def feed(self, piece: bytes) -> AsyncIterator[bytes]:
        """What the client is sent for a piece of the stream, event by event.

        Raises:
            ClientError: the stream ends here with this error.
        """
        for event in self._cutter.feed(piece):
            async for part in self._event(event):
                yield part
        check_held(self._cutter.held)

    async def end(self) -> AsyncIterator[bytes]:
        """What the client is sent once all of the stream has come.

        Raises:
            ClientError: see :meth:`feed`.
        """
        rest = self._cutter.rest()
        if rest.strip():
            async for part in self._event(rest):
                yield part
        async for part in self._flushed(ALL):
            yield part

    async def _event(self, event: bytes) -> AsyncIterator[bytes]:
        data = data_of(event)
        document = _document(data)
        if document is None:
            if data:
                async for part in self._flushed(ALL):
                    yield part
            if data.strip() not in _NO_TEXT:
                await self._guards.cannot_look("malformed", "an event is no JSON object")
            yield event
            return
        self._repeats = str(document.get("type", "")).startswith(_REPEATING)
        try:
            texts = event_texts(document)
        except RecursionError:
            await self._guards.cannot_look("malformed", "an event is nested too deeply")
            yield event
            return
        for beginning in texts.ended:
            async for part in self._flushed(beginning, but=texts.running):
                yield part
        yield self._numbered(await self._looked_at(event, document, texts))

    async def _looked_at(self, event: bytes, document: dict[str, Any], texts: EventTexts) -> bytes:
        """The event with what may go of its texts; as it came, where that is all of them."""
        changed = False
        for key, text in texts.running.items():
            ends = any(key[: len(beginning)] == beginning for beginning in texts.ended)
            before = found(document, text.steps)
            after = await self._piece(key, text, before, ends=ends)
            changed = changed or after != before
            put(document, text.steps, after)
            if not ends:
                self._running[key].event, self._running[key].document = event, document
        for text in texts.whole:
            before = found(document, text.steps)
            after = await self._once(text, before)
            changed = changed or after != before
            put(document, text.steps, after)
        tokens = _TOKENS in event and without_tokens(document)
        return with_data(event, _written(document)) if changed or tokens else event

    async def _piece(self, key: Key, text: Text, piece: str, *, ends: bool) -> str:
        one = self._running.pop(key, None) or _Running(text)
        one.text = text
        after = await self._guards.text(one.state, text.kind, piece, ended=ends)
        if self._repeats:
            one.came.append(piece)
            one.went.append(after)
        if not ends:
            self._running[key] = one
        return after

    async def _once(self, text: Text, said: str) -> str:
        """What becomes of a text that comes in one piece, perhaps once more."""
        if said not in self._settled:
            after = await self._guards.text(RunningText(), text.kind, said, ended=True)
            if not self._repeats:
                return after
            self._settled[said] = after
        return self._settled[said]

    async def _flushed(self, beginning: Key, but: Collection[Key] = ()) -> AsyncIterator[bytes]:
        """The events with what was kept of the texts that have ended."""
        ending = [key for key in self._running if key[: len(beginning)] == beginning]
        for key in ending:
            if key in but:
                continue
            one = self._running.pop(key)
            rest = await self._guards.text(one.state, one.text.kind, "", ended=True)
            if self._repeats:
                self._settled["".join(one.came)] = "".join((*one.went, rest))
            if rest:
                yield self._another(one, rest)

    def _another(self, one: _Running, rest: str) -> bytes:
        document = deepcopy(one.document)
        for text in event_texts(document).running.values():
            put(document, text.steps, "")
        put(document, one.text.steps, rest)
        without_tokens(document)
        self._added += 1
        event = with_data(one.event, _written(document))
        return self._numbered(event)

    def _numbered(self, event: bytes) -> bytes:
        number = _NUMBER.search(event)
        if number is None:
            return event
        own = int(number[2]) + self._added
        self.number = max(self.number, own + 1)
        if not self._added:
            return event
        return event[: number.start()] + b"%d" % own + event[number.end() :]


def _document(data: bytes) -> dict[str, Any] | None:
    """What an event says; a sign that a model says in two tokens may come as halves of a pair of
    surrogates, which the standard library alone can read and write."""
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            return None
    return document if isinstance(document, dict) else None


def _written(document: Any) -> bytes:
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:
        return json.dumps(document, separators=(",", ":")).encode()
