"""The attempt processor: put a request that failed with one candidate into the terms of the next.

Ingress keeps the first candidate's request and sends it again for every attempt. Only a few bytes
of it differ from candidate to candidate, and the plan says where they are, so the body is changed
while it passes: nothing is collected and nothing is parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import orjson

from extproc.contract import ATTEMPT_COUNT, CLUSTER, GATED, MODEL, PLAN, header_safe
from extproc.core.catalog import Catalog
from extproc.core.models import Model
from extproc.errors import ClientError
from extproc.transport.wire import Message
from extproc.worker import replies
from extproc.worker.exchange import RequestExchange
from extproc.worker.headers import required, required_number, upstream_path
from extproc.worker.plan import Plan, decode
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
    """One attempt after the first."""

    def __init__(self, catalog: Catalog, failed: Callable[[str], None]) -> None:
        """
        Args:
            catalog: the declared models.
            failed: is told the name of the model whose attempt has failed.
        """
        super().__init__()
        self._catalog = catalog
        self._failed = failed
        self._exchange = RequestExchange()
        self._splice = Splice(0, 0, b"")

    async def serve(self, stream: Stream) -> None:
        while not self._exchange.complete:
            message = await stream.read()
            if message is None:
                return
            for response in self._receive(message):
                await stream.write(response)

    def _receive(self, message: Message) -> Iterator[bytes]:
        kind = self._exchange.receive(message)
        if kind == "request_headers":
            yield self._headers(replies.header_values(message.request_headers))
        elif kind == "request_body":
            body = message.request_body
            yield from replies.request_body(self._splice.feed(body.body), ends=body.end_of_stream)
        else:
            yield replies.CONTINUE_TRAILERS

    def _headers(self, headers: dict[str, str]) -> bytes:
        self.request_id = headers.get("x-request-id", self.request_id)
        plan = decode(required(headers, PLAN))
        self.dialect = plan.dialect
        position = required_number(headers, ATTEMPT_COUNT) - 1
        if position > 0:
            self._failed(plan.candidates[min(position, len(plan.candidates)) - 1])
        model = self._candidate(plan, position)
        self._splice = Splice(plan.model_start, plan.model_end, orjson.dumps(model.model_id))
        changed = {
            CLUSTER: header_safe(model.cluster),
            MODEL: header_safe(model.name),
            ":path": upstream_path(model.path(plan.dialect), plan.query),
            "content-length": str(required_number(headers, "content-length") + self._splice.growth),
        }
        more_to_come = position + 1 < len(plan.candidates)
        if plan.streamed and more_to_come:
            return replies.request_headers(changed)
        return replies.request_headers(changed, [GATED])

    def _candidate(self, plan: Plan, position: int) -> Model:
        """The candidate that is due; a single one is due again."""
        name = plan.candidates[min(position, len(plan.candidates) - 1)]
        model = self._catalog.declared(name)
        if model is None or not model.serves(plan.dialect):
            raise ClientError(503, f"The model '{name}' is no longer available.")
        return model
