"""The by-model processor: a request with a body goes to the model that the body names.

A JSON body is taken in whole, and so is any that came compressed, which goes on plain. Of a form,
as much is held as is needed to find the model's name, which clients' libraries write before any
file; what comes after it passes as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from extproc.core.aside import Aside
from extproc.core.config import Limits
from extproc.core.models import Model
from extproc.dialects.api_bodies import read_body
from extproc.dialects.api_paths import COUNT_TOKENS, ApiPath
from extproc.dialects.body import Buffer
from extproc.dialects.forms import boundary_of
from extproc.dialects.reading import is_large
from extproc.forwarder import counts_tokens
from extproc.guards.answers import answer_guards
from extproc.guards.requests import AnswerLook, RequestGuards
from extproc.ranking.bars import Bar
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.arrivals import Arrival, Arrivals
from extproc.worker.bounds import UNBOUNDED, Bounding
from extproc.worker.decoding import decoded, encodings
from extproc.worker.exchange import request_and_answer, request_only
from extproc.worker.forwarding import Asked, Forwarding, path_of
from extproc.worker.guarded_answer import guard_answer, let_by
from extproc.worker.guarded_paths import see_file, shown_at
from extproc.worker.headers import required_number
from extproc.worker.held_form import HeldForm
from extproc.worker.intake import Intake
from extproc.worker.processor import Processor, Stream
from extproc.worker.token_estimates import estimate_reply, estimated_tokens

__all__ = ["ByModelProcessor"]


class ByModelProcessor(Processor):
    """One request with a body of JSON, or with a form."""

    def __init__(
        self,
        forwarding: Forwarding,
        limits: Limits,
        aside: Aside,
        arrivals: Arrivals,
        bounding: Bounding = UNBOUNDED,
        guards: RequestGuards | None = None,
    ) -> None:
        """
        Args:
            forwarding: finds where it goes.
            limits: bounds on the request.
            aside: where large requests are gone through.
            arrivals: the requests that the worker is receiving.
            bounding: says what a request may cost.
            guards: look at requests and answers; None: there are none.
        """
        super().__init__()
        self._guards = guards
        self._stays = guards is not None and guards.may_look_at_answers
        self._looks: tuple[AnswerLook, ...] = ()
        self._forwarding = forwarding
        self._aside = aside
        self._arrivals = arrivals
        self._largest = limits.max_request_bytes
        self._exchange = request_and_answer() if self._stays else request_only()
        self._headers: dict[str, str] = {}
        self._encodings: tuple[str, ...] = ()
        self._trailers = False
        self._bounding = bounding
        self._bars: tuple[Bar, ...] = ()

    async def serve(self, stream: Stream) -> None:
        with self._arrivals.begin() as arrival:
            await self._serve(stream, arrival)
        if self._guards is not None and self._stays and self._exchange.complete:
            tell = self._guards.tell
            answering = answer_guards(self._looks, self.request_id, tell, self._aside)
            await guard_answer(stream, self._exchange, answering, self.dialect)

    async def _serve(self, stream: Stream, arrival: Arrival) -> None:
        message = await self._next(stream)
        if message is None:
            return
        if message.WhichOneof("request") == "response_headers":
            await let_by(stream, self._exchange)  # somebody before us has answered
            return
        self._headers = replies.header_values(message.request_headers)
        self.request_id = self._headers.get("x-request-id", self.request_id)
        self._bars = self._bounding.cost_bars(self._headers)
        path = path_of(self._headers)
        self.dialect = path.spoken
        self._encodings = encodings(self._headers.get("content-encoding", ""))
        boundary = boundary_of(self._headers.get("content-type", ""))
        if self._guards is not None:
            see_file(self._guards, path)
        if self._exchange.complete:
            await self._show(path, b"")
            asked = Asked(path)
            await self._prepare(stream, asked, self._forwarding.models(asked))
        elif boundary is None:
            await self._json(stream, path, arrival)
        else:
            await self._form(stream, path, HeldForm(boundary, self._largest), arrival)

    async def _next(self, stream: Stream) -> Message | None:
        message = await stream.read()
        if message is not None:
            self._trailers = self._exchange.receive(message) == "request_trailers"
        return message

    async def _pieces(self, stream: Stream, arrival: Arrival) -> AsyncIterator[bytes]:
        """The body as it comes, or in one piece: unpacked away from the event loop, if it came
        compressed, or before its answer can begin, if that is looked at. It ends before the request
        is complete where Envoy leaves.

        Raises:
            ClientError: the body cannot be unpacked (400), or not within the limit (413).
        """
        packed = Intake(self._largest)
        while not self._exchange.complete:
            message = await self._next(stream)
            if message is None:
                return
            piece = b"" if self._trailers else message.request_body.body
            if self._encodings or self._stays:
                packed.take(piece)
                arrival.hold(packed.held)
            else:
                yield piece
        if self._encodings:
            yield await asyncio.to_thread(decoded, packed.whole(), self._encodings, self._largest)
        elif self._stays:
            yield packed.whole()

    async def _json(self, stream: Stream, path: ApiPath, arrival: Arrival) -> None:
        intake = Intake(self._largest)
        async for piece in self._pieces(stream, arrival):
            intake.take(piece)
            arrival.hold(intake.held)
        arrival.complete()
        if not self._exchange.complete:
            return
        raw = await self._show(path, intake.whole())
        large = is_large(raw)
        body = await self._aside.run_if(large, read_body, path.path, raw, large=large)
        asked = Asked(path, body.models, body.ids, body.streamed)
        models = self._forwarding.models(asked)
        if path.path == COUNT_TOKENS and models and not counts_tokens(models[0]):
            tokens = await self._aside.run_if(large, estimated_tokens, path, body)
            self._forwarding.tell(asked, models[0], self._headers, seconds=0.0)
            await stream.write(estimate_reply(tokens, models[0], self.ids()))
            return
        # Of models that the query names the body knows nothing.
        ids = {name: model.model_id for name, model in zip(body.models, models, strict=False)}
        pieces = await self._aside.run_if(large, body.renamed, ids)
        await self._prepare(stream, asked, models, size=sum(map(len, pieces)))
        await self._pass(stream, *pieces)

    async def _show(self, path: ApiPath, raw: bytes) -> bytes:
        """What guards make of a body; an empty one is not shown to those of requests.

        Raises:
            ClientError: they do not let the request pass.
        """
        if self._guards is None:
            return raw
        shown = shown_at(path, raw, self._headers, self._aside)
        if not raw.strip():
            self._looks = self._guards.answering(shown)
            return raw
        if self._guards.look_at_requests and not await shown.is_object():
            self._guards.unseen("A body that is no JSON object")
            self._looks = self._guards.answering(shown)
            return raw
        guarded = await self._guards.look(shown)
        self._looks = guarded.answer
        return raw if guarded.body is None else guarded.body

    async def _form(self, stream: Stream, path: ApiPath, form: HeldForm, arrival: Arrival) -> None:
        if self._guards is not None:
            if self._guards.look_at_requests:
                self._guards.unseen("A form")
            await self._show(path, b"")
        pieces = self._pieces(stream, arrival)
        async for piece in pieces:
            form.take(piece)
            arrival.hold(form.held)
            if form.found:
                break
        arrival.complete()
        if not form.found and not self._exchange.complete:
            return
        name = form.name()
        asked = Asked(path, (name,) if name else ())
        models = self._forwarding.models(asked)
        held = form.naming(models[0].model_id) if name else form.whole()
        size = self._size_of_form(len(held), form.held)
        await self._prepare(stream, asked, models, size=size)
        await self._pass(stream, held)
        async for piece in pieces:
            await self._pass(stream, piece)

    def _size_of_form(self, held: int, held_before: int) -> int | None:
        """How many bytes a form has as it goes on, None if that is not known yet."""
        if self._encodings:
            return held  # it came in one piece
        if "content-length" not in self._headers:
            return None
        return required_number(self._headers, "content-length") + held - held_before

    async def _prepare(
        self,
        stream: Stream,
        asked: Asked,
        models: tuple[Model, ...],
        *,
        size: int | None = None,
    ) -> None:
        """Send the request's headers on; ``size`` is that of its body, if it is known."""
        onward = await self._forwarding.onward(
            asked, models, self._headers, size=size, governed=True, bars=self._bars
        )
        changed = onward.headers
        if size is not None:
            changed["content-length"] = str(size)
        removed = (*onward.removed, "content-encoding") if self._encodings else onward.removed
        await stream.write(replies.request_headers(changed, removed))

    async def _pass(self, stream: Stream, *pieces: Buffer) -> None:
        """Send pieces of the body on, and with the last one what ends the request."""
        if any(map(len, pieces)) or not self._trailers:
            ends = self._exchange.complete and not self._trailers
            for reply in replies.request_body(*pieces, ends=ends):
                await stream.write(reply)
        if self._trailers:
            await stream.write(replies.CONTINUE_TRAILERS)
