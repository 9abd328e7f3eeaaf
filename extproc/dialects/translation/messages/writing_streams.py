"""A stream in Anthropic's dialect, for a client (``anthropic.types.RawMessageStreamEvent``).

Every event has its ``event:`` line, by which Anthropic's SDK tells them apart. Blocks are dense and
one at a time. ``message_delta`` waits for usage, which it alone tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from extproc.dialects.translation.common.counts import latest
from extproc.dialects.translation.common.identifiers import made_up_call_id, spelled
from extproc.dialects.translation.common.json_text import json_bytes
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
from extproc.dialects.translation.messages.errors import error_object
from extproc.dialects.translation.messages.held_parts import HeldParts, TooMuchHeldError
from extproc.dialects.translation.messages.ids import message_id
from extproc.dialects.translation.messages.signatures import UNSIGNED
from extproc.dialects.translation.messages.stops import stop_details, stop_reason
from extproc.dialects.translation.messages.stream_pieces import (
    BLOCK_STOP,
    DELTA_END,
    DELTA_STARTS,
    MESSAGE_STOP,
    event_bytes,
)
from extproc.dialects.translation.messages.usage import written_usage
from extproc.dialects.translation.translator import Echo

__all__ = ["MessagesStreamWriter"]

_LONGEST_REFUSAL = 4096
"""Of what is repeated in ``stop_details``, in characters."""
_OVERFLOW = Failure("The provider's parts overlap by more than can be put in order.")


class MessagesStreamWriter:
    """Writes one stream.

    Args:
        echo: what the answer must repeat of its request.
    """

    def __init__(self, echo: Echo) -> None:
        self._echo = echo
        self._started = False
        self._over = False
        self._index = 0
        self._current: PartStarted | None = None
        self._opened = False
        """Whether the current part has a block: one without content never gets any."""
        self._prefix = b""
        """Of the current part's deltas, up to their text."""
        self._held = HeldParts()
        self._usage = Usage()
        self._stopped: Stopped | None = None
        self._delta_told = False
        self._called = False
        self._refusal: str | None = None

    def write(self, event: Event) -> bytes:
        """What the client is sent for an event."""
        if self._over:
            return b""
        try:
            return _WRITERS[type(event)](self, event)
        except TooMuchHeldError:
            return self._failed(Failed(_OVERFLOW))

    def _started_once(self, event: Started) -> bytes:
        if self._started:
            return b""
        self._started = True
        message: dict[str, Any] = {
            "id": message_id(event.id, self._echo),
            "type": "message",
            "role": "assistant",
            "model": self._echo.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": written_usage(self._usage),
        }
        return event_bytes({"type": "message_start", "message": message})

    def _start(self) -> bytes:
        """A message begins, also where its provider has not said so."""
        return b"" if self._started else self._started_once(Started(""))

    def _part_started(self, event: PartStarted) -> bytes:
        if self._stopped is not None:
            return b""
        begun = self._start()
        if self._current is not None:
            self._held.begin(event)
            return begun
        return begun + self._take(event)

    def _take(self, start: PartStarted) -> bytes:
        """Make a part the current one. A tool call has its block at once."""
        self._current, self._opened = start, False
        self._prefix = DELTA_STARTS[start.kind] % self._index
        if start.kind is not PartKind.TOOL:
            return b""
        self._called = True
        return self._open(
            {
                "type": "tool_use",
                "id": spelled(start.id or made_up_call_id(self._echo, self._index)),
                "name": self._echo.tool_names.get(start.name, start.name),
                "input": {},
            }
        )

    def _open(self, block: Mapping[str, Any]) -> bytes:
        self._opened = True
        return event_bytes(
            {"type": "content_block_start", "index": self._index, "content_block": block}
        )

    def _open_spoken(self, kind: PartKind) -> bytes:
        if kind is PartKind.REASONING:
            return self._open({"type": "thinking", "thinking": "", "signature": ""})
        return self._open({"type": "text", "text": ""})

    def _delta(self, event: Delta) -> bytes:
        current = self._current
        if current is None or event.key != current.key:
            self._held.add(event.key, event.text)
            return b""
        if not event.text:
            return b""
        if current.kind is PartKind.REFUSAL:
            self._refusal = ((self._refusal or "") + event.text)[:_LONGEST_REFUSAL]
        try:
            text = orjson.dumps(event.text)
        except orjson.JSONEncodeError:
            text = json_bytes(event.text)
        delta = self._prefix + text + DELTA_END
        return delta if self._opened else self._open_spoken(current.kind) + delta

    def _part_ended(self, event: PartEnded) -> bytes:
        if self._current is None or event.key != self._current.key:
            self._held.end(event)
            return b""
        return self._close(event) + self._next()

    def _close(self, event: PartEnded) -> bytes:
        """End the current part's block, with what only its end tells."""
        assert self._current is not None  # noqa: S101 - callers have one
        kind, self._current = self._current.kind, None
        written = b""
        if kind is PartKind.REASONING:
            if event.redacted is not None and not self._opened:
                written = self._open({"type": "redacted_thinking", "data": event.redacted})
            elif event.signature or self._opened:
                opening = b"" if self._opened else self._open_spoken(kind)
                delta = {"type": "signature_delta", "signature": event.signature or UNSIGNED}
                written = opening + event_bytes(
                    {"type": "content_block_delta", "index": self._index, "delta": delta}
                )
        if not self._opened:
            return written
        written += BLOCK_STOP % self._index
        self._index += 1
        return written

    def _next(self) -> bytes:
        """What has waited for the block that has ended, up to the first part that goes on."""
        written = []
        while self._current is None and (part := self._held.take()) is not None:
            written.append(self._take(part.start))
            written.append(self._delta(Delta(part.start.key, "".join(part.texts))))
            if part.end is not None:
                written.append(self._close(part.end))
        return b"".join(written)

    def _close_all(self) -> bytes:
        """Parts that nobody has ended when the answer has."""
        written = b""
        while self._current is not None:
            written += self._close(PartEnded(self._current.key)) + self._next()
        return written

    def _used(self, event: Used) -> bytes:
        self._usage = latest(event.usage, self._usage)
        return b"" if self._stopped is None else self._message_delta()

    def _stop(self, event: Stopped) -> bytes:
        if self._stopped is None:
            self._stopped = event
        return self._start() + self._close_all()

    def _message_delta(self) -> bytes:
        if self._delta_told:
            return b""
        self._delta_told = True
        stopped = self._stopped or Stopped(Stop.END)
        reason = stop_reason(stopped.stop, called=self._called, refused=self._refusal is not None)
        delta: dict[str, Any] = {"stop_reason": reason, "stop_sequence": stopped.sequence}
        if reason == "refusal":
            delta["stop_details"] = stop_details(self._refusal)
        told = {"type": "message_delta", "delta": delta, "usage": written_usage(self._usage)}
        return self._some_block() + event_bytes(told)

    def _some_block(self) -> bytes:
        """An answer without any block has an empty one of text, as the SDK's users expect."""
        if self._index:
            return b""
        opening = self._open_spoken(PartKind.TEXT)
        self._index = 1
        return opening + BLOCK_STOP % 0

    def _ended(self, _: Ended) -> bytes:
        written = self._start() + self._close_all() + self._message_delta() + MESSAGE_STOP
        self._over = True
        return written

    def _failed(self, event: Failed) -> bytes:
        self._over = True
        error = error_object(event.failure)
        return event_bytes({**error, "request_id": self._echo.request_id or None})


_WRITERS: Mapping[type[Event], Callable[[MessagesStreamWriter, Any], bytes]] = {
    Started: MessagesStreamWriter._started_once,
    PartStarted: MessagesStreamWriter._part_started,
    Delta: MessagesStreamWriter._delta,
    PartEnded: MessagesStreamWriter._part_ended,
    Used: MessagesStreamWriter._used,
    Stopped: MessagesStreamWriter._stop,
    Ended: MessagesStreamWriter._ended,
    Failed: MessagesStreamWriter._failed,
}
