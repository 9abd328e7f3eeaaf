"""Ingress: take the whole request, decide, and give it back with its plan."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from extproc.contract import AFFINITY, PATH
from extproc.core.aside import Aside
from extproc.core.bounds import Bounds
from extproc.core.config import Limits
from extproc.core.tracing import RequestSpan
from extproc.dialects.reading import is_large
from extproc.dialects.request import ClientRequest, parse, without_preferences
from extproc.dialects.translation.crossing import API_VERSION
from extproc.errors import ClientError
from extproc.guards.answers import answer_guards
from extproc.guards.guard import GuardedRequest
from extproc.guards.requests import Guarded, RequestGuards
from extproc.router import Decision
from extproc.tracing.beginning import Beginning, headers_of, prompt_of, removed_with
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.arrivals import Arrival, Arrivals
from extproc.worker.bounds import UNBOUNDED, Bounding, RequestBounds
from extproc.worker.decider import Decider
from extproc.worker.decision_answer import decision_answer
from extproc.worker.decision_headers import about
from extproc.worker.decoding import decoded, encodings
from extproc.worker.exchange import request_and_answer, request_only
from extproc.worker.guarded_answer import guard_answer, let_by
from extproc.worker.headers import (
    RequestLine,
    own_id,
    request_line,
    trace_id,
    upstream_path,
)
from extproc.worker.intake import Intake
from extproc.worker.planning import Planner
from extproc.worker.processor import Processor, Stream
from extproc.worker.sessions import caches

__all__ = ["IngressProcessor"]

_log = logging.getLogger(__name__)

_NO_BOUNDS = RequestBounds(Bounds(), began=0.0)

_UNGUARDED = Guarded()

_AT_ONCE = 48 * 1024
"""Bytes of a body that are surely said in one go, and heard before anything else happens."""

_REMOVED = ("accept-encoding", AFFINITY)
"""Compression would hide from the gate, and from Envoy's reading of tokens, what providers say. A
session's name is not theirs to know."""


class IngressProcessor(Processor):
    """One request at ingress."""

    def __init__(
        self,
        decider: Decider,
        limits: Limits,
        aside: Aside,
        arrivals: Arrivals,
        planner: Planner,
        clock: Callable[[], float] = time.time,
        *,
        spans: Beginning | None = None,
        bounding: Bounding = UNBOUNDED,
        guards: RequestGuards | None = None,
        leaves_early: bool = True,
    ) -> None:
        """
        Args:
            decider: decides.
            limits: bounds on the request.
            aside: where large requests are gone through.
            arrivals: the requests that the worker is receiving.
            planner: makes plans of what is decided.
            clock: tells the time, in seconds since the epoch.
            spans: begins the requests' spans, None where requests are not traced.
            bounding: says what a request may cost, and how long it may take.
            guards: look at requests and answers; None: there are none.
            leaves_early: whether all that is said in one turn of the event loop, and that there is
                no more, reaches Envoy together.
        """
        super().__init__()
        self._guards = guards
        self._leaves_early = leaves_early
        self._spans = spans
        self._decider = decider
        self._aside = aside
        self._arrivals = arrivals
        self._planner = planner
        self._clock = clock
        self._began = clock()
        self._stays = guards is not None and guards.may_look_at_answers
        self._exchange = request_and_answer() if self._stays else request_only()
        self._guarded = _UNGUARDED
        self._headers: dict[str, str] = {}
        self._line = RequestLine(self.dialect, decision_only=False, query="")
        self._largest = limits.max_request_bytes
        self._intake = Intake(self._largest)
        self._trailers = False
        self._encodings: tuple[str, ...] = ()
        self._bounding = bounding
        self._request_bounds = _NO_BOUNDS

    async def serve(self, stream: Stream) -> None:
        with self._arrivals.begin() as arrival:
            while not self._exchange.complete:
                message = await stream.read()
                if message is None:
                    return
                if self._receive(message, arrival) == "response_headers":
                    await let_by(stream, self._exchange)  # somebody before us has answered
                    return
            arrival.complete()
            alone = await self._answer(stream, arrival)
        looks = self._guarded.answer
        if self._guards is not None and self._stays and (looks or not alone):
            tell = self._guards.tell
            answering = answer_guards(looks, self.request_id, tell, self._aside)
            await guard_answer(stream, self._exchange, answering, self.dialect)

    async def _answer(self, stream: Stream, arrival: Arrival) -> bool:
        """Answer the request, or send it on; whether Envoy has nothing more to say before it hears
        that there is no more."""
        line = self._line
        raw = await self._body(arrival)
        large = is_large(raw)
        request = await self._aside.run_if(large, parse, line.dialect, raw, large=large)
        if self._guards is not None:
            request = await self._looked_at(self._guards, request)
        span = None if self._spans is None else self._begun(self._spans, request)
        bars = self._bounding.bars(self._request_bounds, streamed=request.streamed)
        decision, session = await self._decider.decide(
            request, self._headers, decision_only=line.decision_only, span=span, bars=bars
        )
        self._report(decision)
        if line.decision_only:
            trace = trace_id(self._headers)
            await stream.write(decision_answer(decision, session, trace))
            return True
        return await self._forward(stream, line, request, decision, span)

    async def _looked_at(self, guards: RequestGuards, request: ClientRequest) -> ClientRequest:
        """What the guards make of a request; its preferences are for us alone."""
        body = request.raw
        if request.inline_routes is not None:
            pieces = without_preferences(body, request.members).pieces
            body = b"".join(pieces)
        path = self._headers[":path"].partition("?")[0]
        shown = GuardedRequest(
            path, request.dialect, body, self._headers, self.request_id, self._aside
        )
        try:
            self._guarded = await guards.look(shown)
        except ClientError:
            self._decider.refused(
                request,
                self._headers,
                decision_only=self._line.decision_only,
                span=None if self._spans is None else self._unprompted(self._spans),
            )
            raise
        changed = self._guarded.body
        if changed is None:
            return request
        large = is_large(changed)
        read = await self._aside.run_if(large, parse, request.dialect, changed, large=large)
        return replace(read, inline_routes=request.inline_routes)

    def _unprompted(self, spans: Beginning) -> RequestSpan:
        return spans.span(self._headers, trace_id(self._headers))

    def _begun(self, spans: Beginning, request: ClientRequest) -> RequestSpan:
        span = self._unprompted(spans)
        if not (spans.captures and span.sampled):
            return span
        return replace(span, prompt=prompt_of(request.conversation))

    def _receive(self, message: Message, arrival: Arrival) -> str:
        kind = self._exchange.receive(message)
        if kind == "request_headers":
            self._headers = replies.header_values(message.request_headers)
            self.request_id = self._headers.get("x-request-id", self.request_id)
            self._line = request_line(self._headers)
            self.dialect = self._line.dialect
            self._request_bounds = self._bounding.of(self._headers, self._began)
            self._encodings = encodings(self._headers.get("content-encoding", ""))
        elif kind == "request_body":
            self._intake.take(message.request_body.body)
            arrival.hold(self._intake.held)
        elif kind == "request_trailers":
            self._trailers = True
        return kind

    async def _body(self, arrival: Arrival) -> bytes:
        """The whole body, unpacked, away from the event loop, if it came compressed."""
        packed = self._intake.whole()
        if not self._encodings:
            return packed
        plain = await asyncio.to_thread(decoded, packed, self._encodings, self._largest)
        arrival.hold(len(packed) + len(plain))
        return plain

    def _report(self, decision: Decision) -> None:
        failure = decision.failure
        if failure is not None:
            _log.warning(
                "request %s: not classified (%s): %s",
                *(self.request_id, failure.reason, failure),
                exc_info=failure.__cause__,
            )

    async def _forward(
        self,
        stream: Stream,
        line: RequestLine,
        request: ClientRequest,
        decision: Decision,
        span: RequestSpan | None,
    ) -> bool:
        """Send the request on. Envoy answers nothing in between what is said in one go."""
        first = decision.ranked[0].model
        version = self._headers.get(API_VERSION)
        planned = await self._aside.run_if(
            request.large,
            self._planner.plan,
            *(request, decision, line.query, version),
            caches=caches(self._headers),
        )
        body, deadline = planned.body, self._request_bounds.deadline(decision.route)
        headers = self._planner.headers(planned, decision, deadline, self._clock())
        headers |= about(decision, trace_id(self._headers))
        headers |= own_id(line.dialect, self._headers)
        headers[PATH] = self._headers[":path"]
        if first.serves(line.dialect):
            headers[":path"] = upstream_path(first.path(line.dialect), line.query)
        headers["content-length"] = str(body.size)
        removed = (*_REMOVED, "content-encoding") if self._encodings else _REMOVED
        if span is not None:
            headers |= headers_of(span)
            removed = (*removed, *removed_with(span))
        await stream.write(replies.request_headers(headers, removed))
        for piece in replies.request_body(*body.pieces, ends=not self._trailers):
            await stream.write(piece)
        if self._trailers:
            await stream.write(replies.CONTINUE_TRAILERS)
        return self._leaves_early and body.size <= _AT_ONCE
