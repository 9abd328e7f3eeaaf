"""The translation processor: one attempt at a candidate that does not speak the client's dialect.

The request and its answer pass on one ext_proc stream, so that what the answer's translation must
know of the request stays in this one place. The filters that hold a stream until its content and
that read tokens stand between this one and the provider: they see the provider's own form.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import orjson

from extproc.contract import ATTEMPT_COUNT, IDLE, LARGEST_ANSWER, PLAN, TRANSLATION
from extproc.core.aside import Aside
from extproc.core.catalog import Catalog
from extproc.core.models import Model
from extproc.dialects.endings import EndSign
from extproc.dialects.reading import LARGE, is_large, read_whole
from extproc.dialects.sse import EventReader
from extproc.dialects.table import DIALECTS
from extproc.dialects.translation.crossing import Crossing, crossing
from extproc.dialects.translation.events import Event, Failed
from extproc.dialects.translation.form import Answer, Failure
from extproc.dialects.translation.lifting import lift
from extproc.dialects.translation.losses import Loss, told
from extproc.dialects.translation.table import TRANSLATORS
from extproc.dialects.translation.translator import Echo
from extproc.errors import ClientError
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.decoding import decoded, encodings, unpacking
from extproc.worker.exchange import request_and_answer
from extproc.worker.headers import required, required_number
from extproc.worker.plan import Plan, decode
from extproc.worker.processor import Processor, Stream
from extproc.worker.silence import Silence

__all__ = ["TranslationProcessor"]

_Buffer: TypeAlias = bytes | memoryview
_JSON = "application/json"
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
        self._pieces: list[bytes] = []
        self._size = 0

    async def serve(self, stream: Stream) -> None:
        headers: dict[str, str] = {}
        while not self._exchange.complete:
            message = await stream.read()
            if message is None:
                return
            kind = self._exchange.receive(message)
            if kind == "response_headers":
                await self._pass(stream)
                return
            if kind == "request_headers":
                headers = replies.header_values(message.request_headers)
            elif kind == "request_body":
                self._pieces.append(message.request_body.body)
        large = sum(map(len, self._pieces)) > LARGE
        attempt = await self._aside.run_if(large, self._prepare, headers)
        for reply in attempt.request():
            await stream.write(reply)
        await self._answer(stream, attempt)

    def _prepare(self, headers: Mapping[str, str]) -> _Attempt:
        self.request_id = headers.get("x-request-id", self.request_id)
        plan = decode(required(headers, PLAN))
        self.dialect = plan.dialect
        model = self._candidate(plan, required_number(headers, ATTEMPT_COUNT) - 1)
        lifted = lift(b"".join(self._pieces), secrets.token_hex(16))
        self._pieces.clear()
        request = TRANSLATORS[plan.dialect].read_request(
            read_whole(lifted.body).document if is_large(lifted.body) else orjson.loads(lifted.body)
        )
        way = crossing(request, model)
        written = TRANSLATORS[way.dialect].write_request(request, way.target)
        echo = Echo(
            request=request,
            model=model.model_id,
            created=int(self._clock()),
            request_id=self.request_id,
            tool_names=written.tool_names,
        )
        silence = required_number(headers, IDLE) / 1000 if plan.streamed else 0.0
        return _Attempt(model, way, lifted.restored(written.body), written.losses, echo, silence)

    def _candidate(self, plan: Plan, position: int) -> Model:
        """The candidate that is due; a single one is due again."""
        name = plan.candidates[min(position, len(plan.candidates) - 1)]
        model = self._catalog.declared(name)
        if model is None:
            raise ClientError(503, f"The model '{name}' is no longer available.")
        return model

    async def _answer(self, stream: Stream, attempt: _Attempt) -> None:
        message = await self._next(stream)
        if message is None:
            return
        headers = replies.header_values(message.response_headers)
        status = int(headers.get(":status", "0"))
        if self._exchange.answered:  # then there is no body to put another one in the place of
            told = "an empty answer" if status == 200 else f"status {status} without a word"
            raise ClientError(502 if status == 200 else status, f"The provider gave {told}.")
        packed = headers.get("content-encoding", "")
        events = headers.get("content-type", "").lower().startswith(_EVENTS)
        if status == 200 and events and attempt.echo.request.streamed:
            await self._streamed(stream, attempt, headers, unpacking(packed))
        else:
            await self._whole(stream, attempt, headers, status)

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
        self,
        stream: Stream,
        attempt: _Attempt,
        headers: Mapping[str, str],
        unpacked: Callable[[bytes], bytes],
    ) -> None:
        """Event by event: nothing is held but what the order of the client's events demands."""
        changed = attempt.answer_headers(headers) | {"content-type": f"{_EVENTS}; charset=utf-8"}
        await stream.write(replies.response_headers(changed, attempt.answer_removed))
        silence = Silence(attempt.silence)
        translated = attempt.stream(silence)
        while not self._exchange.answered:
            try:
                async with asyncio.timeout(silence.left):
                    message = await self._next(stream)
            except TimeoutError:
                for reply in replies.last_of_response(attempt.stalled(), {EndSign.STALLED: "1"}):
                    await stream.write(reply)
                return
            if message is None:
                return
            trailers = message.WhichOneof("request") == "response_trailers"
            data = b"" if trailers else translated(unpacked(message.response_body.body))
            if self._exchange.answered:
                data += translated(None)
            if data or self._exchange.answered:
                ends = self._exchange.answered and not trailers
                for reply in replies.response_body(data, ends=ends):
                    await stream.write(reply)
            if trailers:
                await stream.write(replies.CONTINUE_RESPONSE_TRAILERS)

    async def _whole(
        self, stream: Stream, attempt: _Attempt, headers: Mapping[str, str], status: int
    ) -> None:
        """The answer is known to be one, or an error, only when all of it is there."""
        trailers = False
        while not self._exchange.answered:
            message = await self._next(stream)
            if message is None:
                return
            trailers = message.WhichOneof("request") == "response_trailers"
            if not trailers:
                self._collect(message.response_body.body)
        packed = headers.get("content-encoding", "")
        unpacked = decoded(b"".join(self._pieces), encodings(packed), LARGEST_ANSWER)
        status, body = attempt.answer(status, unpacked)
        changed = attempt.answer_headers(headers) | {
            ":status": str(status),
            "content-type": _JSON,
            "content-length": str(len(body)),
        }
        await stream.write(replies.response_headers(changed, attempt.answer_removed))
        for reply in replies.response_body(body, ends=not trailers):
            await stream.write(reply)
        if trailers:
            await stream.write(replies.CONTINUE_RESPONSE_TRAILERS)

    def _collect(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > LARGEST_ANSWER:
            raise ClientError(502, "The provider's answer is too large to be translated.")
        self._pieces.append(piece)


class _Attempt:
    """One candidate's request, as it was written, and the way back."""

    def __init__(
        self,
        model: Model,
        way: Crossing,
        body: Sequence[_Buffer],
        losses: Sequence[Loss],
        echo: Echo,
        silence: float,
    ) -> None:
        """``silence`` is for how many seconds a stream may send nothing."""
        self._model = model
        self._way = way
        self._body = body
        self._losses = losses
        self._client = TRANSLATORS[echo.request.dialect]
        self._provider = TRANSLATORS[way.dialect]
        self._id_header = DIALECTS[echo.request.dialect].id_header
        self._provider_id = DIALECTS[way.dialect].id_header
        self._writer = self._client.stream_writer(echo)
        self.echo = echo
        self.silence = silence

    def request(self) -> Iterator[bytes]:
        """What Envoy is told of the request."""
        changed = {
            ":path": self._model.path(self._way.dialect),
            "content-length": str(sum(map(len, self._body))),
            "content-type": _JSON,
        }
        if self._losses:
            changed[TRANSLATION] = told(self._losses)
        yield replies.request_headers(changed, DIALECTS[self.echo.request.dialect].own_headers)
        for number, piece in enumerate(self._body, start=1):
            yield from replies.request_body(piece, ends=number == len(self._body))

    def answer(self, status: int, body: bytes) -> tuple[int, bytes]:
        """A whole answer, or an error, for the client: its status and its body."""
        if status != 200:
            return self._error(self._provider.read_error(status, body), status)
        if self.echo.request.streamed:
            return self._error(Failure("A stream was asked for, but the answer is none."), 502)
        answer = self._provider.read_answer(body)
        if isinstance(answer, Answer):
            return 200, self._client.write_answer(answer, self.echo)
        return self._error(answer, 502)

    def _error(self, failure: Failure, status: int) -> tuple[int, bytes]:
        return status, self._client.write_error(failure, self.echo.request_id)

    def stream(self, silence: Silence) -> Callable[[bytes | None], bytes]:
        """Turns pieces of the provider's stream into the client's; None is the stream's end."""
        reader = self._provider.stream_reader()
        writer = self._writer
        events = EventReader()

        def heard(data: bytes) -> Iterable[Event]:
            silence.heard(data)
            return reader.read(data)

        def translated(piece: bytes | None) -> bytes:
            if piece is None:
                return b"".join(writer.write(event) for event in reader.end())
            return b"".join(
                writer.write(event) for data in events.feed(piece) for event in heard(data)
            )

        return translated

    def stalled(self) -> bytes:
        """What ends the client's stream when nothing comes any more."""
        message = "The stream fell silent and was ended."
        return self._writer.write(Failed(Failure(message, kind="server_error")))

    def answer_headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """What every answer's headers become: the client's SDK finds the id where it looks."""
        return {self._id_header: headers.get(self._provider_id, self.echo.request_id)}

    @property
    def answer_removed(self) -> list[str]:
        """The headers that belong to the provider's form of the answer."""
        theirs = {"content-encoding", "content-length", self._provider_id}
        return sorted(theirs - {self._id_header})
