"""The attempt processor: put a request that failed with one candidate into the terms of the next.

Ingress keeps the first candidate's request and sends it again for every attempt. Nearly always only
a few bytes of it differ from candidate to candidate, and the plan says where they are, so the body
is changed while it passes: nothing is collected and nothing is parsed. Only where a model of the
same dialect refuses some of what was written for another, or what is worth caching is to be marked,
is the body collected and changed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO

import orjson

from extproc.contract import (
    ATTEMPT_COUNT,
    CLUSTER,
    MODEL,
    PLAN,
    SHADOW_ATTEMPT,
    TERMS,
    TRACE_ID,
    TRANSLATED,
    TRANSLATION,
    header_safe,
)
from extproc.core.aside import Aside
from extproc.core.catalog import Catalog
from extproc.dialects.adapting import adapted_body
from extproc.dialects.body import Buffer, Edited
from extproc.dialects.reading import is_large, read_whole
from extproc.dialects.translation.crossing import API_VERSION, target
from extproc.dialects.translation.losses import Loss, told
from extproc.dialects.translation.messages.marking import MARKED, marked
from extproc.dialects.translation.table import TRANSLATORS
from extproc.dialects.translation.translator import Target
from extproc.errors import ClientError
from extproc.ranking.bounds import TOO_SLOW
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.deadlines import ATTEMPT_HEADERS, Deadline, Terms
from extproc.worker.exchange import request_only
from extproc.worker.headers import required, required_number, upstream_path
from extproc.worker.plan import decode, due
from extproc.worker.processor import Processor, Stream

__all__ = ["AttemptProcessor", "Splice"]


class Splice:
    """Replaces one run of bytes in a body that passes in pieces."""

    __slots__ = ("_end", "_position", "_replacement", "_start")

    def __init__(self, start: int, end: int, replacement: bytes) -> None:
        self._start = start
        self._end = end
        self._replacement = replacement
        self._position = 0

    @property
    def growth(self) -> int:
        """By how many bytes the body becomes longer."""
        return len(self._replacement) - (self._end - self._start)

    def feed(self, piece: bytes) -> bytes:
        """The piece as it goes on."""
        begin = self._position
        self._position += len(piece)
        if self._position <= self._start or begin >= self._end:
            return piece
        before = piece[: max(self._start - begin, 0)]
        after = piece[self._end - begin :] if self._end < self._position else b""
        inserted = self._replacement if begin <= self._start else b""
        return before + inserted + after


class AttemptProcessor(Processor):
    """One attempt that ingress has not prepared: one after the first, or one whose model needs the
    body changed."""

    def __init__(
        self,
        catalog: Catalog,
        failed: Callable[[str], None],
        aside: Aside,
        clock: Callable[[], float] = time.time,
        *,
        seconds: Callable[[str, bool], float | None] = lambda *_: None,
    ) -> None:
        """
        Args:
            catalog: the declared models.
            failed: is told the name of the model whose attempt has failed, where that is why there
                is another one.
            aside: where large requests are gone through.
            clock: tells the time, in seconds since the epoch.
            seconds: how long a model takes to answer, by its name and whether a stream is asked
                for; None if that is not known.
        """
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._catalog = catalog
        self._failed = failed
        self._aside = aside
        self._exchange = request_only()
        self._splice = Splice(0, 0, b"")
        self._changed: dict[str, str] = {}
        self._removed: list[str] = []
        self._target: Target | None = None
        self._marks = False
        self._body = BytesIO()
        self._trailers = False
        self._remembered: dict[str, str] = {}

    async def serve(self, stream: Stream) -> None:
        while not self._exchange.complete:
            message = await stream.read()
            if message is None:
                return
            for response in self._receive(message):
                await stream.write(response)
            if self._exchange.complete and self._collects:
                await self._send_changed(stream)
            if self._trailers:
                await stream.write(replies.CONTINUE_TRAILERS)

    @property
    def _collects(self) -> bool:
        """Whether the body is changed as a whole, and not while it passes."""
        return self._marks or self._target is not None

    def refuse(self, error: ClientError) -> bytes:
        return replies.remembering(super().refuse(error), self._remembered)

    def _receive(self, message: Message) -> Iterator[bytes]:
        kind = self._exchange.receive(message)
        if kind == "request_headers":
            self._prepare(replies.header_values(message.request_headers))
            if not self._collects:
                yield replies.request_headers(self._changed, self._removed)
        elif kind == "request_body":
            body = message.request_body
            piece = self._splice.feed(body.body)
            if self._collects:
                self._body.write(piece)
            else:
                yield from replies.request_body(piece, ends=body.end_of_stream)
        else:
            self._trailers = True

    def _prepare(self, headers: Mapping[str, str]) -> None:
        self.request_id = headers.get("x-request-id", self.request_id)
        plan = decode(required(headers, PLAN))
        self.dialect = plan.dialect
        attempt = required_number(headers, ATTEMPT_COUNT)
        terms = Terms.decode(headers[TERMS]) if TERMS in headers else None
        if attempt > 1 and (terms is None or terms.hedge_after is None):
            self._failed(plan.candidates[plan.position(attempt - 1)])
        model = due(plan, attempt, self._catalog)
        self._remembered = {
            "request_id": self.request_id,
            "trace_id": headers.get(TRACE_ID, ""),
            "attempt": str(attempt),
            "model": header_safe(model.name),
        }
        self._splice = Splice(plan.model_start, plan.model_end, orjson.dumps(model.model_id))
        self._changed = {
            CLUSTER: header_safe(model.cluster),
            MODEL: header_safe(model.name),
            "content-length": str(required_number(headers, "content-length") + self._splice.growth),
        }
        if model.serves(plan.dialect):
            self._changed[":path"] = upstream_path(model.path(plan.dialect), plan.query)
            self._removed.append(TRANSLATED)
            self._marks = plan.marks_natively
            if plan.position(attempt) in plan.adapted:
                self._target = target(model, headers.get(API_VERSION))
        else:
            self._changed[TRANSLATED] = "1"
        if attempt == SHADOW_ATTEMPT:
            self._set_bounds({} if terms is None else terms.of_shadow())
        elif terms is not None:
            last = attempt >= len(plan.candidates)
            self._wait(terms, model.name, streamed=plan.streamed, last=last)

    def _wait(self, terms: Terms, model: str, *, streamed: bool, last: bool) -> None:
        """Bound this attempt anew: ingress's copy of the request has the first one's bounds.

        Raises:
            ClientError: the deadline has passed, or the model is known to take longer than is left
                and another one is behind it (504).
        """
        bounds = terms.of_attempt(self._clock(), streamed=streamed, last=last)
        if not last and terms.deadline is not None and terms.deadline.asked:
            self._see_that_it_can_make_it(model, terms.deadline, streamed=streamed)
        self._set_bounds(bounds)

    def _set_bounds(self, bounds: Mapping[str, str]) -> None:
        self._changed |= bounds
        self._removed += (name for name in ATTEMPT_HEADERS if name not in bounds)

    def _see_that_it_can_make_it(self, model: str, deadline: Deadline, *, streamed: bool) -> None:
        seconds, left = self._seconds(model, streamed), deadline.at - self._clock()
        if seconds is not None and seconds > left:
            raise ClientError(
                504,
                f"The model '{model}' takes {seconds:.3g} s to answer, and {left:.3g} s are left.",
                code=TOO_SLOW,
            )

    async def _send_changed(self, stream: Stream) -> None:
        """Send the whole request, changed as its model needs it, and marked if it is to be."""
        raw = self._body.getvalue()
        large = is_large(raw)
        body, losses = await self._aside.run_if(large, self._whole, raw, large=large)
        self._changed["content-length"] = str(sum(map(len, body)))
        if losses:
            self._changed[TRANSLATION] = told(losses)
        await stream.write(replies.request_headers(self._changed, self._removed))
        for reply in replies.request_body(*body, ends=not self._trailers):
            await stream.write(reply)

    def _whole(self, raw: bytes, *, large: bool) -> tuple[Sequence[Buffer], tuple[Loss, ...]]:
        body: Sequence[Buffer] = (raw,)
        losses: tuple[Loss, ...] = ()
        if self._target is not None:
            edited, losses = self._adapted(raw, self._target, large=large)
            body = edited.pieces
        if self._marks:
            body = marked(raw if self._target is None else edited.data)
            if len(body) > 1:
                losses = (*losses, MARKED)
        return body, losses

    def _adapted(
        self, raw: bytes, target: Target, *, large: bool
    ) -> tuple[Edited, tuple[Loss, ...]]:
        document, members = read_whole(raw) if large else (orjson.loads(raw), None)
        adaptation = TRANSLATORS[self.dialect].adapt(document, target)
        return adapted_body(raw, adaptation, members), adaptation.losses
