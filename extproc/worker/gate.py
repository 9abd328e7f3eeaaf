"""The first-content gate: hold a stream until it shows content, so that a bad start can be moved.

Once Envoy has sent a response's first byte to the client, the request belongs to that model. An
upstream that answers 200 and then fails, or falls silent, would take it down with it. The gate
keeps the response's headers back until generation is seen to be under way; what comes after that
bypasses Python altogether.
"""

from __future__ import annotations

import asyncio
import logging

from extproc.core.config import Limits
from extproc.dialects.dialect import Sign
from extproc.dialects.signs import read_sign
from extproc.dialects.sse import EventReader
from extproc.errors import ClientError
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.exchange import ProtocolError
from extproc.worker.processor import Processor, Stream

__all__ = ["GateProcessor"]

_log = logging.getLogger(__name__)

_MOST_HELD_BYTES = 64 * 1024


class GateProcessor(Processor):
    """One response of one attempt that could still be followed by another."""

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._deadline = limits.first_content_timeout
        self._events = EventReader()
        self._held = 0

    async def serve(self, stream: Stream) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                released = await self._hold(stream)
        except TimeoutError:
            raise ClientError(
                504,
                f"The stream showed no content within {self._deadline:g} seconds.",
                code="no_content_in_time",
            ) from None
        if released:
            await stream.write(replies.CONTINUE_RESPONSE)

    async def _hold(self, stream: Stream) -> bool:
        """Wait for the first content; False when Envoy has dropped the attempt meanwhile."""
        message = await stream.read()
        if message is None:
            return False
        if message.WhichOneof("request") != "response_headers":
            raise ProtocolError("the gate's exchange must begin with response headers")
        headers = message.response_headers
        if not _readable(replies.header_values(headers)):
            return True
        if headers.end_of_stream:
            raise _ended()
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
                    503, "The stream began with an error instead of content.", code="error_first"
                )
        if body.end_of_stream:
            raise _ended()
        self._held += len(body.body)
        return self._held > _MOST_HELD_BYTES


def _ended() -> ClientError:
    return ClientError(502, "The stream ended before any content.", code="ended_without_content")


def _readable(headers: dict[str, str]) -> bool:
    """Whether this is a stream of events whose beginning can be judged."""
    return (
        headers.get(":status") == "200"
        and headers.get("content-type", "").startswith("text/event-stream")
        and headers.get("content-encoding", "identity") == "identity"
    )
