"""The answer's half of a stream at ingress: its guards look at it, or it goes by.

Answers of status 2xx are looked at: of JSON whole, of events text by text. Errors go by.
"""

from __future__ import annotations

import asyncio
from io import BytesIO

from extproc.contract import LARGEST_ANSWER
from extproc.core.models import Dialect
from extproc.dialects.stream_errors import error_event
from extproc.errors import ClientError
from extproc.guards.answers import AnswerGuards
from extproc.guards.streams import GuardedStream
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.decoding import decoded, encodings, in_turns, unpacking
from extproc.worker.exchange import Exchange
from extproc.worker.processor import Stream

__all__ = ["guard_answer", "let_by"]

_EVENTS = "text/event-stream"
_JSON = "application/json"
_CHANGED = ("content-encoding", "content-length")
"""Headers that would not be true of a changed answer."""


async def let_by(stream: Stream, exchange: Exchange) -> None:
    """Let an answer go by that nobody looks at, whose headers have come already."""
    await stream.write(replies.CONTINUE_RESPONSE)
    while not exchange.answered:
        message = await _next(stream, exchange)
        if message is None:
            return
        if message.WhichOneof("request") == "response_trailers":
            await stream.write(replies.CONTINUE_RESPONSE_TRAILERS)
            return
        for reply in replies.response_body(message.response_body.body, ends=exchange.answered):
            await stream.write(reply)


async def guard_answer(
    stream: Stream, exchange: Exchange, guards: AnswerGuards | None, dialect: Dialect
) -> None:
    """Wait for the answer and show it to its guards.

    Args:
        stream: the stream on which the request has gone on.
        exchange: where that stands.
        guards: those of this answer; None lets it go by.
        dialect: the client's.

    Raises:
        ClientError: nothing of the answer has gone to the client, which gets this instead.
    """
    message = await _next(stream, exchange)
    if message is None:
        return
    headers = replies.header_values(message.response_headers)
    if guards is None or not headers.get(":status", "").startswith("2") or exchange.answered:
        await let_by(stream, exchange)
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    packed = headers.get("content-encoding", "")
    try:
        if kind == _EVENTS:
            await _streamed(stream, exchange, guards, packed, dialect)
        elif kind == _JSON:
            await _whole(stream, exchange, guards, packed)
        else:
            await guards.cannot_look("unreadable", f"it cannot look at answers of type '{kind}'")
            await let_by(stream, exchange)
    finally:
        guards.told()


async def _whole(stream: Stream, exchange: Exchange, guards: AnswerGuards, packed: str) -> None:
    answer, trailers = BytesIO(), False
    while not exchange.answered:
        message = await _next(stream, exchange)
        if message is None:
            return
        trailers = message.WhichOneof("request") == "response_trailers"
        if not trailers:
            answer.write(message.response_body.body)
        if answer.tell() > LARGEST_ANSWER:
            raise ClientError(502, "The provider's answer is too large to be looked at.")
    body = answer.getvalue()
    removed: tuple[str, ...] = ()
    try:
        if packed:
            body = await asyncio.to_thread(decoded, body, encodings(packed), LARGEST_ANSWER)
            removed = ("content-encoding",)
    except ClientError:
        await guards.cannot_look("unreadable", f"it cannot read content-encoding '{packed}'")
    else:
        body = await guards.whole(body)
    changed = {"content-length": str(len(body))}
    await stream.write(replies.response_headers(changed, removed))
    for reply in replies.response_body(body, ends=not trailers):
        await stream.write(reply)
    if trailers:
        await stream.write(replies.CONTINUE_RESPONSE_TRAILERS)


async def _streamed(
    stream: Stream, exchange: Exchange, guards: AnswerGuards, packed: str, dialect: Dialect
) -> None:
    unpacked = unpacking(packed)
    await stream.write(replies.response_headers({}, _CHANGED))
    guarded = GuardedStream(guards)
    failed = False
    while not (exchange.answered or failed):
        message = await _next(stream, exchange)
        if message is None:
            return
        trailers = message.WhichOneof("request") == "response_trailers"
        passed = bytearray()
        try:
            if not trailers:
                async for piece in in_turns(unpacked(message.response_body.body)):
                    if passed:
                        for reply in replies.response_body(bytes(passed), ends=False):
                            await stream.write(reply)
                        passed.clear()
                    async for part in guarded.feed(piece):
                        passed += part
            if exchange.answered:
                async for part in guarded.end():
                    passed += part
        except ClientError as error:
            passed += error_event(dialect, error, guarded.number)
            failed = True
        ends = (exchange.answered or failed) and not trailers
        if passed or ends:
            for reply in replies.response_body(bytes(passed), ends=ends):
                await stream.write(reply)
        if trailers:
            await stream.write(replies.CONTINUE_RESPONSE_TRAILERS)


async def _next(stream: Stream, exchange: Exchange) -> Message | None:
    message = await stream.read()
    if message is not None:
        exchange.receive(message)
    return message
