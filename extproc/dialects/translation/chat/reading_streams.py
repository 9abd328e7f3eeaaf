"""Reads the stream of a chat provider.

Shape: https://platform.openai.com/docs/api-reference/chat/streaming. OpenAI tells parallel tool
calls one after the other; compatible providers tell them in turns, without an index, all under the
index 0, or their arguments before their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Final

import orjson

from extproc.dialects.translation.chat.reading_answers import read_time, said
from extproc.dialects.translation.chat.stops import read_stop
from extproc.dialects.translation.chat.usage import read_usage
from extproc.dialects.translation.common.failures import no_answer, told_failure
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
from extproc.dialects.translation.form import Failure

__all__ = ["ChatStreamReader"]

_DONE: Final = b"[DONE]"
_MOST_HELD: Final = 4 * 1024 * 1024
"""How many characters may be held of one stream, in all."""
_WEIGHT_OF_A_CALL: Final = 256
"""What keeping a call in mind counts for, in characters."""
_OLD_CALL: Final = "function_call"
_UNFINISHED: Final = "The provider's stream ended before its answer was complete."
_NAMELESS: Final = "The provider called a tool without naming it."
_TOO_MUCH: Final = "The provider's tool calls cannot be put in order: more than 4 MiB had to wait."


class _Phase(Enum):
    """How far the answer has come."""

    WAITING = auto()
    STARTED = auto()
    STOPPED = auto()
    OVER = auto()


@dataclass(slots=True)
class _Call:
    """A tool call that is being told; it has a key once its name is known."""

    id: str = ""
    key: int | None = None
    held: list[str] = field(default_factory=list)


class ChatStreamReader:
    """See ``StreamReader``. It holds which parts are open, and arguments whose call has no name."""

    __slots__ = (
        "_calls",
        "_held",
        "_last_call",
        "_next_key",
        "_open_calls",
        "_phase",
        "_words",
    )

    def __init__(self) -> None:
        self._phase = _Phase.WAITING
        self._next_key = 0
        self._words: tuple[int, PartKind] | None = None
        self._calls: dict[object, _Call] = {}
        self._open_calls: list[int] = []
        self._last_call: object = None
        self._held = 0

    def read(self, data: bytes) -> list[Event]:
        """The events that the data of one server-sent event stands for."""
        if self._phase is _Phase.OVER:
            return []
        try:
            chunk = orjson.loads(data)
        except orjson.JSONDecodeError:
            if data.strip() == _DONE:
                return list(self.end())
            return [self._failed(no_answer(data, None))]
        if not isinstance(chunk, dict):
            return [self._failed(no_answer(data, None))]
        if chunk.get("error"):
            return [self._failed(told_failure(chunk, None) or no_answer(data, None))]
        return list(self._chunk(chunk))

    def end(self) -> list[Event]:
        """The bytes have ended, or the provider said so."""
        if self._phase is _Phase.OVER:
            return []
        if self._phase is not _Phase.STOPPED:
            return [self._failed(Failure(_UNFINISHED))]
        self._phase = _Phase.OVER
        return [Ended()]

    def _failed(self, failure: Failure) -> Failed:
        self._phase = _Phase.OVER
        return Failed(failure)

    def _chunk(self, chunk: Mapping[str, Any]) -> Iterator[Event]:
        choices, usage = chunk.get("choices"), chunk.get("usage")
        choice = _first(choices) if isinstance(choices, list) else None
        if self._phase is _Phase.WAITING and (choice is not None or isinstance(usage, dict)):
            yield self._started(chunk)
        if choice is not None and self._phase is _Phase.STARTED:
            yield from self._choice(choice)
        if isinstance(usage, dict) and self._phase is not _Phase.OVER:
            yield Used(read_usage(usage))

    def _started(self, chunk: Mapping[str, Any]) -> Started:
        self._phase = _Phase.STARTED
        return Started(_string(chunk, "id"), read_time(chunk))

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[Event]:
        delta = choice.get("delta")
        if isinstance(delta, dict):
            for kind, text in said(delta):
                yield from self._say(kind, text)
            calls = delta.get("tool_calls")
            if isinstance(calls, list):
                for call in calls:
                    if isinstance(call, dict) and self._phase is _Phase.STARTED:
                        yield from self._tell(call, self._place(call))
            old = delta.get(_OLD_CALL)
            if isinstance(old, dict) and self._phase is _Phase.STARTED:
                yield from self._tell({"function": old}, _OLD_CALL)
        reason = choice.get("finish_reason")
        if reason and self._phase is _Phase.STARTED:
            yield from self._stop(reason)

    def _say(self, kind: PartKind, text: str) -> Iterator[Event]:
        if self._words is None or self._words[1] is not kind:
            yield from self._end_words()
            self._words = (self._next_key, kind)
            self._next_key += 1
            yield PartStarted(self._words[0], kind)
        yield Delta(self._words[0], text)

    def _end_words(self) -> Iterator[Event]:
        if self._words is not None:
            yield PartEnded(self._words[0])
            self._words = None

    def _place(self, call: Mapping[str, Any]) -> object:
        """What tells this call from the others: its index, else its id, else that it comes last."""
        index, given = call.get("index"), _string(call, "id")
        if not isinstance(index, int):
            named = isinstance(call.get("function"), dict) and _string(call["function"], "name")
            index = given or (f"call {len(self._calls)}" if named else self._last_call)
        known = self._calls.get(index)
        if known is not None and known.key is not None and given and known.id not in ("", given):
            # Another call under the same index: the one before it is told in full.
            del self._calls[index]
        return index

    def _tell(self, call: Mapping[str, Any], place: object) -> Iterator[Event]:
        function = call.get("function")
        if not isinstance(function, dict):
            function = {}
        state = self._calls.get(place)
        if state is None:
            state = self._calls[place] = _Call()
            self._held += _WEIGHT_OF_A_CALL
        self._last_call = place
        state.id = state.id or _string(call, "id")
        arguments, name = _string(function, "arguments"), _string(function, "name")
        if state.key is not None:
            if arguments:
                yield Delta(state.key, arguments)
            return
        if arguments:
            state.held.append(arguments)
            self._held += len(arguments)
        if self._held > _MOST_HELD:
            yield self._failed(Failure(_TOO_MUCH))
        elif name:
            yield from self._start(state, name)

    def _start(self, state: _Call, name: str) -> Iterator[Event]:
        yield from self._end_words()
        state.key = self._next_key
        self._next_key += 1
        self._open_calls.append(state.key)
        yield PartStarted(state.key, PartKind.TOOL, state.id, name)
        if state.held:
            text = "".join(state.held)
            self._held -= len(text)
            state.held.clear()
            yield Delta(state.key, text)

    def _stop(self, reason: object) -> Iterator[Event]:
        if any(state.held for state in self._calls.values()):
            yield self._failed(Failure(_NAMELESS))
            return
        yield from self._end_words()
        for key in self._open_calls:
            yield PartEnded(key)
        self._phase = _Phase.STOPPED
        yield Stopped(read_stop(reason, called=bool(self._open_calls)))


def _string(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _first(choices: Iterable[object]) -> Mapping[str, Any] | None:
    """The first of the answers that the provider tells: the client asked for one."""
    for choice in choices:
        if isinstance(choice, dict) and not choice.get("index"):
            return choice
    return None
