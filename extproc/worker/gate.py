"""The gate: hold a stream until it shows content, so that a bad start can be moved.

Once Envoy has sent a response's first byte to the client, the request belongs to that model. An
upstream that answers 200 and then fails, or falls silent, would take it down with it. The gate
keeps the response's headers back until generation is seen to be under way; what comes after that
bypasses Python altogether. Streams of routes that say so are held to their end, so that they can be
moved at any point; Envoy keeps their bytes meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from extproc.contract import GATE_TERMS
from extproc.core.own_replies import NO_CONTENT_IN_TIME
from extproc.dialects.sse import EventReader
from extproc.errors import ClientError
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.deadlines import GateTerms, passed
from extproc.worker.exchange import ProtocolError
from extproc.worker.processor import Processor, Stream
from extproc.worker.verdict import Verdict

__all__ = ["GateProcessor"]

_MOST_WITHOUT_CONTENT: Final = 64 * 1024
_MOST_HELD: Final = 16 * 1024 * 1024
"""Bytes: what is longer is let go of."""


class GateProcessor(Processor):
    """One response of one attempt."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """
        Args:
            clock: tells the time, in seconds since the epoch.
        """
        super().__init__()
        self._clock = clock
        self._events = EventReader()
        self._verdict = Verdict()
        self._held = 0
        self._ended = False

    async def serve(self, stream: Stream) -> None:
        message = await stream.read()
        if message is None:
            return
        if message.WhichOneof("request") != "response_headers":
            raise ProtocolError("the gate's exchange must begin with response headers")
        headers = message.response_headers
        if not _readable(replies.header_values(headers)):
            await stream.write(replies.CONTINUE_RESPONSE)
            return
        if headers.end_of_stream:
            self._verdict.end()
        if await self._hold(stream, _terms(message)):
            await stream.write(replies.CONTINUE_RESPONSE)

    async def _hold(self, stream: Stream, terms: GateTerms) -> bool:
        """Wait for as long as the terms say; False when Envoy has dropped the attempt meanwhile."""
        left = self._left(terms)
        try:
            async with asyncio.timeout(_shorter(terms.patience, left)):
                there = await self._until_content(stream, to_the_end=terms.longest is not None)
        except TimeoutError:
            raise _too_late(terms.patience, left) from None
        if terms.longest is None or not there or not self._verdict.content:
            return there
        try:
            async with asyncio.timeout(_shorter(terms.longest, self._left(terms))):
                return await self._until_the_end(stream)
        except TimeoutError:
            return True

    def _left(self, terms: GateTerms) -> float | None:
        """The seconds until the client gives up."""
        return None if terms.deadline is None else max(terms.deadline - self._clock(), 0.0)

    async def _until_content(self, stream: Stream, *, to_the_end: bool) -> bool:
        verdict = self._verdict
        while not verdict.content and self._held <= _MOST_WITHOUT_CONTENT:
            piece = await self._next(stream)
            if piece is None:
                return False
            for data in self._events.feed(piece):
                verdict.hear(data)
                if verdict.content and not to_the_end:
                    return True
            if self._ended and not verdict.content:
                verdict.end()
        return True

    async def _until_the_end(self, stream: Stream) -> bool:
        verdict = self._verdict
        while not self._ended:
            if self._held > _MOST_HELD:
                return True
            piece = await self._next(stream)
            if piece is None:
                return False
            for data in self._events.feed(piece):
                verdict.hear(data)
        verdict.end()
        return True

    async def _next(self, stream: Stream) -> bytes | None:
        message = await stream.read()
        if message is None:
            return None
        if message.WhichOneof("request") != "response_body":
            raise ProtocolError("the gate waits for a response body")
        piece: bytes = message.response_body.body
        self._ended = message.response_body.end_of_stream
        self._held += len(piece)
        return piece


def _terms(message: Message) -> GateTerms:
    """What Envoy was told to tell the gate."""
    told = message.metadata_context.filter_metadata
    if GATE_TERMS not in told:
        raise ProtocolError("the gate was not told its terms")
    return GateTerms.decode(told[GATE_TERMS].fields["terms"].string_value)


def _shorter(patience: float | None, left: float | None) -> float | None:
    return min((time for time in (patience, left) if time is not None), default=None)


def _too_late(patience: float | None, left: float | None) -> ClientError:
    """Whose time is up: the client's counts where both are."""
    if patience is None or (left is not None and left <= patience):
        return passed()
    return ClientError(
        504,
        f"The stream showed no content within {patience:g} seconds.",
        code=NO_CONTENT_IN_TIME,
    )


def _readable(headers: dict[str, str]) -> bool:
    """Whether this is a stream of events that can be judged."""
    return (
        headers.get(":status") == "200"
        and headers.get("content-type", "").startswith("text/event-stream")
        and headers.get("content-encoding", "identity") == "identity"
    )
