"""Writes a stream for a client of chat completions.

Shape: https://platform.openai.com/docs/api-reference/chat/streaming (``ChatCompletionChunk`` of the
``openai`` SDK), and ``reasoning_content``, see ``writing_answers``. All chunks of a stream begin
and end alike, and only what stands between is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from extproc.dialects.translation.chat.conventions import BETWEEN_THOUGHTS
from extproc.dialects.translation.chat.stops import FINISH_REASONS, REFUSED
from extproc.dialects.translation.chat.usage import written_usage
from extproc.dialects.translation.chat.writing_answers import (
    OLD_CALL,
    answer_id,
    wants_old_calls,
)
from extproc.dialects.translation.common.counts import latest
from extproc.dialects.translation.common.failures import openai_error
from extproc.dialects.translation.common.identifiers import made_up_call_id
from extproc.dialects.translation.common.json_text import NO_ARGUMENTS, json_bytes, json_string
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
from extproc.dialects.translation.form import Stop, Usage
from extproc.dialects.translation.translator import Echo

__all__ = ["ChatStreamWriter"]

_EVENT: Final = b"data: "
_DONE: Final = b"data: [DONE]\n\n"
_ROLE: Final = b'{"role":"assistant","content":null,"refusal":null}'
"""Null, not "": an answer that only calls tools has no content."""
_MEMBERS: Final[Mapping[PartKind, bytes]] = {
    PartKind.TEXT: b'{"content":',
    PartKind.REASONING: b'{"reasoning_content":',
    PartKind.REFUSAL: b'{"refusal":',
}


@dataclass(slots=True)
class _Part:
    """A part that is open: what stands around more of it, and whether there was any."""

    before: bytes
    after: bytes
    is_call: bool
    told: bool = False


class ChatStreamWriter:
    """See ``StreamWriter``. Chat tells parallel calls in turns, so that nothing has to wait."""

    __slots__ = (
        "_before",
        "_calls",
        "_echo",
        "_end",
        "_old",
        "_over",
        "_parts",
        "_refused",
        "_thought",
        "_usage",
    )

    def __init__(self, echo: Echo) -> None:
        self._echo = echo
        self._old = wants_old_calls(echo.request)
        self._parts: dict[int, _Part] = {}
        self._calls = 0
        self._refused = self._thought = self._over = False
        self._usage = Usage()
        self._before = self._head("", None)
        self._end = b',"usage":null}\n\n' if echo.request.include_usage else b"}\n\n"

    def write(self, event: Event) -> bytes:
        """What the client is sent for an event."""
        if self._over:
            return b""
        writer = _WRITERS[type(event)]
        return writer(self, event)

    def _head(self, given: str, created: int | None) -> bytes:
        head = json_bytes(
            {
                "id": answer_id(given, self._echo),
                "object": "chat.completion.chunk",
                "created": self._echo.created if created is None else created,
                "model": self._echo.model,
            }
        )
        return _EVENT + head[:-1] + b',"choices":['

    def _chunk(self, delta: bytes, finish_reason: bytes = b"null") -> bytes:
        return b"".join(
            (
                self._before,
                b'{"index":0,"delta":',
                delta,
                b',"logprobs":null,"finish_reason":',
                finish_reason,
                b"}]",
                self._end,
            )
        )

    def _started(self, event: Started) -> bytes:
        self._before = self._head(event.id, event.created)
        return self._chunk(_ROLE)

    def _part_started(self, event: PartStarted) -> bytes:
        if event.kind is not PartKind.TOOL:
            return self._words_started(event)
        name = json_string(self._echo.tool_names.get(event.name, event.name))
        function = b'{"name":' + name + b',"arguments":""}'
        if self._old:
            self._parts[event.key] = _Part(b'{"function_call":{"arguments":', b"}}", is_call=True)
            return self._chunk(b'{"function_call":' + function + b"}")
        position = self._calls
        self._calls += 1
        call = b'{"tool_calls":[{"index":%d' % position
        self._parts[event.key] = _Part(call + b',"function":{"arguments":', b"}}]}", is_call=True)
        given = b',"id":' + json_string(event.id or made_up_call_id(self._echo, position))
        return self._chunk(call + given + b',"type":"function","function":' + function + b"}]}")

    def _words_started(self, event: PartStarted) -> bytes:
        before = _MEMBERS[event.kind]
        self._parts[event.key] = _Part(before, b"}", is_call=False)
        self._refused |= event.kind is PartKind.REFUSAL
        if event.kind is not PartKind.REASONING:
            return b""
        thought, self._thought = self._thought, True
        return self._chunk(before + json_string(BETWEEN_THOUGHTS) + b"}") if thought else b""

    def _delta(self, event: Delta) -> bytes:
        part = self._parts.get(event.key)
        if part is None or not event.text:
            return b""
        part.told = True
        return self._chunk(part.before + json_string(event.text) + part.after)

    def _part_ended(self, event: PartEnded) -> bytes:
        part = self._parts.pop(event.key, None)
        if part is None or part.told or not part.is_call:
            return b""
        return self._chunk(part.before + json_string(NO_ARGUMENTS) + part.after)

    def _used(self, event: Used) -> bytes:
        self._usage = latest(event.usage, self._usage)
        return b""

    def _stopped(self, event: Stopped) -> bytes:
        reason = FINISH_REASONS[event.stop]
        if self._old and event.stop is Stop.TOOLS:
            reason = OLD_CALL
        finish = self._chunk(b"{}", json_string(reason))
        if event.stop is Stop.REFUSED and not self._refused:
            return self._chunk(_MEMBERS[PartKind.REFUSAL] + json_string(REFUSED) + b"}") + finish
        return finish

    def _ended(self, _: Ended) -> bytes:
        self._over = True
        usage = written_usage(self._usage) if self._echo.request.include_usage else None
        if usage is None:
            return _DONE
        told = json_bytes(dict(usage))
        return b"".join((self._before, b'],"usage":', told, b"}\n\n", _DONE))

    def _failed(self, event: Failed) -> bytes:
        self._over = True
        return _EVENT + json_bytes(openai_error(event.failure)) + b"\n\n" + _DONE


_WRITERS: Final[Mapping[type, Callable[[ChatStreamWriter, Any], bytes]]] = {
    Started: ChatStreamWriter._started,
    PartStarted: ChatStreamWriter._part_started,
    Delta: ChatStreamWriter._delta,
    PartEnded: ChatStreamWriter._part_ended,
    Used: ChatStreamWriter._used,
    Stopped: ChatStreamWriter._stopped,
    Ended: ChatStreamWriter._ended,
    Failed: ChatStreamWriter._failed,
}
