"""The translation processor: one attempt at a candidate that does not speak the client's dialect.

The request and its answer pass on one ext_proc stream, so that what the answer's translation must
know of the request stays in this one place. The filters that hold a stream until its content and
that read tokens stand between this one and the provider: they see the provider's own form.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from io import BytesIO

from extproc.contract import ATTEMPT_COUNT, IDLE, LARGEST_ANSWER, PLAN
from extproc.core.aside import Aside
from extproc.core.catalog import Catalog
from extproc.core.clipping import clipped
from extproc.dialects.endings import EndSign
from extproc.dialects.reading import is_large
from extproc.errors import ClientError
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.decoding import decoded, encodings, in_turns, unpacking
from extproc.worker.exchange import request_and_answer
from extproc.worker.headers import required, required_number
from extproc.worker.plan import decode, due
from extproc.worker.processor import Processor, Stream
from extproc.worker.silence import Silence
from extproc.worker.translated import JSON_TYPE, TranslatedRequest, WayBack, is_success, translated

__all__ = ["TranslationProcessor"]

_EVENTS = "text/event-stream"


class TranslationProcessor(Processor):
    """One attempt: the request to its provider's dialect, the answer to the client's."""

    def __init__(
        self, catalog: Catalog, aside: Aside, clock: Callable[[], float] = time.time
    ) -> None:
        """
        Args:
            catalog: the declared models.
            aside: where large requests are gone through.
            clock: tells the time, in seconds since the epoch.
        """
        super().__init__()
        self._catalog = catalog
        self._aside = aside
        self._clock = clock
        self._exchange = request_and_answer()
        self._silence = 0.0  # for how many seconds a stream may send nothing

    async def serve(self, stream: Stream) -> None:
        way_back = await self._ask(stream)
        if way_back is not None:
            await self._answer(stream, way_back)

    async def _ask(self, stream: Stream) -> WayBack | None:
        """Translate the request; None where no answer is to be translated after that.

        The body is let go of when it is sent: answers may take minutes.
        """
        headers: dict[str, str] = {}
        body = BytesIO()
        while not self._exchange.complete:
            message = await stream.read()
            if message is None:
                return None
            kind = self._exchange.receive(message)
            if kind == "response_headers":
                await self._pass(stream)
                return None
            if kind == "request_headers":
                headers = replies.header_values(message.request_headers)
            elif kind == "request_body":
                body.write(message.request_body.body)
        raw = body.getvalue()
        request = await self._aside.run_if(is_large(raw), self._translated, headers, raw)
        await stream.write(replies.request_headers(request.changed, request.removed))
        for reply in replies.request_body(*request.body, ends=True):
            await stream.write(reply)
        return request.way_back

    def _translated(self, headers: Mapping[str, str], raw: bytes) -> TranslatedRequest:
        self.request_id = headers.get("x-request-id", self.request_id)
        plan = decode(required(headers, PLAN))
        self.dialect = plan.dialect
        model = due(plan, required_number(headers, ATTEMPT_COUNT), self._catalog)
        if plan.streamed:
            self._silence = required_number(headers, IDLE) / 1000
        created = int(self._clock())
        return translated(
            raw,
            plan.dialect,
            model,
            created=created,
            request_id=self.request_id,
            marks=plan.marked,
        )

    async def _answer(self, stream: Stream, way_back: WayBack) -> None:
        message = await self._next(stream)
        if message is None:
            return
        headers = replies.header_values(message.response_headers)
        status = int(headers.get(":status", "0"))
        if self._exchange.answered:  # then there is no body to put another one in the place of
            given = "an empty answer" if is_success(status) else f"status {status} without a word"
            raise _failed(status, f"The provider gave {given}.")
        events = headers.get("content-type", "").lower().startswith(_EVENTS)
        if is_success(status) and events and way_back.streamed:
            await self._streamed(stream, way_back, headers)
        else:
            await self._whole(stream, way_back, headers, status)

    async def _pass(self, stream: Stream) -> None:
        """Let an answer of our own go by, which is in the client's dialect already."""
        await stream.write(replies.CONTINUE_RESPONSE)
        while not self._exchange.answered:
            message = await self._next(stream)
            if message is None:
                return
            if message.WhichOneof("request") == "response_trailers":
                await stream.write(replies.CONTINUE_RESPONSE_TRAILERS)
                return
            piece = message.response_body.body
            for reply in replies.response_body(piece, ends=self._exchange.answered):
                await stream.write(reply)

    async def _next(self, stream: Stream) -> Message | None:
        message = await stream.read()
        if message is not None:
            self._exchange.receive(message)
        return message

    async def _streamed(
        self, stream: Stream, way_back: WayBack, headers: Mapping[str, str]
    ) -> None:
        """Event by event: nothing is held but what the order of the client's events demands."""
        unpacked = unpacking(headers.get("content-encoding", ""))
        changed = way_back.headers(headers) | {"content-type": f"{_EVENTS}; charset=utf-8"}
        await stream.write(replies.response_headers(changed, way_back.removed))
        silence = Silence(self._silence)
        answer = way_back.stream(silence.heard)
        while not self._exchange.answered:
            try:
                async with asyncio.timeout(silence.left):
                    message = await self._next(stream)
            except TimeoutError:
                for reply in replies.last_of_response(answer.stalled(), {EndSign.STALLED: "1"}):
                    await stream.write(reply)
                return
            if message is None:
                return
            trailers = message.WhichOneof("request") == "response_trailers"
            data = b""
            if not trailers:
                async for piece in in_turns(unpacked(message.response_body.body)):
                    if data:
                        for reply in replies.response_body(data, ends=False):
                            await stream.write(reply)
                    data = answer.feed(piece)
            if self._exchange.answered:
                data += answer.end()
            if data or self._exchange.answered:
                ends = self._exchange.answered and not trailers
                for reply in replies.response_body(data, ends=ends):
                    await stream.write(reply)
            if trailers:
                await stream.write(replies.CONTINUE_RESPONSE_TRAILERS)

    async def _whole(
        self, stream: Stream, way_back: WayBack, headers: Mapping[str, str], status: int
    ) -> None:
        """The answer is known to be one, or an error, only when all of it is there."""
        answer = BytesIO()
        trailers = False
        while not self._exchange.answered:
            message = await self._next(stream)
            if message is None:
                return
            trailers = message.WhichOneof("request") == "response_trailers"
            if not trailers:
                answer.write(message.response_body.body)
            if answer.tell() > LARGEST_ANSWER:
                raise _too_large()
        packed = headers.get("content-encoding", "")
        unpacked = await _unpacked(answer.getvalue(), packed, status)
        status, body = way_back.whole(status, unpacked)
        changed = way_back.headers(headers) | {
            ":status": str(status),
            "content-type": JSON_TYPE,
            "content-length": str(len(body)),
        }
        await stream.write(replies.response_headers(changed, way_back.removed))
        for reply in replies.response_body(body, ends=not trailers):
            await stream.write(reply)
        if trailers:
            await stream.write(replies.CONTINUE_RESPONSE_TRAILERS)


async def _unpacked(answer: bytes, encoding: str, status: int) -> bytes:
    """A whole answer as it was before it was compressed, which nobody asked for.

    Raises:
        ClientError: that cannot be undone.
    """
    if not encoding:
        return answer
    try:
        return await asyncio.to_thread(decoded, answer, encodings(encoding), LARGEST_ANSWER)
    except ClientError as error:
        if error.status == 413:
            raise _too_large() from None
        what = f"The provider's answer cannot be read as content-encoding '{clipped(encoding)}'."
        raise _failed(status, what) from None


def _failed(status: int, message: str) -> ClientError:
    """The error for an answer of which nothing can be read; where that is one, it stays this."""
    return ClientError(502 if is_success(status) else status, message)


def _too_large() -> ClientError:
    return ClientError(502, "The provider's answer is too large to be translated.")
