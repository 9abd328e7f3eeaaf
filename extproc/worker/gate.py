"""The first-content gate: hold a stream until it shows content, so that a bad start can be moved.

Once Envoy has sent a response's first byte to the client, the request belongs to that model. An
upstream that answers 200 and then fails, or falls silent, would take it down with it. The gate
keeps the response's headers back until generation is seen to be under way; what comes after that
bypasses Python altogether.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from extproc.contract import GATE_TERMS
from extproc.core.outcomes import ENDED_WITHOUT_CONTENT, ERROR_FIRST, NO_CONTENT_IN_TIME
from extproc.dialects.dialect import Sign
from extproc.dialects.signs import read_sign
from extproc.dialects.sse import EventReader
from extproc.errors import ClientError
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.deadlines import GateTerms, passed
from extproc.worker.exchange import ProtocolError
from extproc.worker.processor import Processor, Stream

__all__ = ["GateProcessor"]

_log = logging.getLogger(__name__)

_MOST_HELD_BYTES = 64 * 1024


class GateProcessor(Processor):
    """One response of one attempt that could still be followed by another."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """
        Args:
            clock: tells the time, in seconds since the epoch.
        """
        super().__init__()
        self._clock = clock
        self._events = EventReader()
        self._held = 0

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
            raise _ended()
        terms = _terms(message)
        left = None if terms.deadline is None else max(terms.deadline - self._clock(), 0.0)
        try:
            async with asyncio.timeout(_shorter(terms.patience, left)):
                released = await self._hold(stream)
        except TimeoutError:
            raise _too_late(terms.patience, left) from None
        if released:
            await stream.write(replies.CONTINUE_RESPONSE)

    async def _hold(self, stream: Stream) -> bool:
        """Wait for the first content; False when Envoy has dropped the attempt meanwhile."""
        while (message := await stream.read()) is not None:
            if self._passes(message):
                return True
        return False

    def _passes(self, message: Message) -> bool:
        if message.WhichOneof("request") != "response_body":
            raise ProtocolError("the gate waits for a response body")
        body = message.response_body
        for data in self._events.feed(body.body):
            sign = read_sign(data)
            if sign is Sign.CONTENT:
                return True
            if sign is Sign.ERROR:
                raise ClientError(
                    503, "The stream began with an error instead of content.", code=ERROR_FIRST
                )
        if body.end_of_stream:
            raise _ended()
        self._held += len(body.body)
        return self._held > _MOST_HELD_BYTES


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


def _ended() -> ClientError:
    return ClientError(502, "The stream ended before any content.", code=ENDED_WITHOUT_CONTENT)


def _readable(headers: dict[str, str]) -> bool:
    """Whether this is a stream of events whose beginning can be judged."""
    return (
        headers.get(":status") == "200"
        and headers.get("content-type", "").startswith("text/event-stream")
        and headers.get("content-encoding", "identity") == "identity"
    )
