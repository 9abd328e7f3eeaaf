"""What the processors have in common: a stream to talk over, and how they fail."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

from extproc.contract import REQUESTED_MODEL, ROUTE, header_safe
from extproc.core.clipping import clipped
from extproc.dialects.errors import error_body
from extproc.dialects.table import DEFAULT_DIALECT, DIALECTS
from extproc.errors import ClientError
from extproc.transport.wire import Message
from extproc.worker import replies

__all__ = ["Processor", "Stream"]


_UNKNOWN = "unknown"


class Stream(Protocol):
    """One ext_proc gRPC stream."""

    async def read(self) -> Message | None:
        """The next ``ProcessingRequest``; None when Envoy has nothing more to say."""
        ...

    async def write(self, response: bytes) -> None:
        """Send a serialized ``ProcessingResponse``."""
        ...


class Processor(ABC):
    """One conversation with Envoy about one request.

    ``request_id`` and ``dialect`` are learned from the request's headers; until then they are
    ``unknown`` and the default dialect.
    """

    def __init__(self) -> None:
        self.request_id = _UNKNOWN
        self.dialect = DEFAULT_DIALECT

    @abstractmethod
    async def serve(self, stream: Stream) -> None:
        """Hold the conversation to its end.

        Raises:
            ClientError: the request is refused; the caller says so to Envoy.
        """

    def refuse(self, error: ClientError) -> bytes:
        """The reply that refuses the request, in its dialect."""
        headers = {**self.ids(), **error.headers}
        if error.route is not None:
            headers[ROUTE] = header_safe(error.route)
        if error.retry_after is not None:
            headers["retry-after"] = str(error.retry_after)
        body = error_body(self.dialect, error)
        reply = replies.reply(error.status, body, headers, reason=error.reason)
        if error.requested_model is None:
            return reply
        return replies.remembering(reply, {REQUESTED_MODEL: clipped(error.requested_model)})

    def ids(self) -> dict[str, str]:
        """The request's id, in the response header where the client's SDK looks for it."""
        if self.request_id == _UNKNOWN:
            return {}
        return {DIALECTS[self.dialect].id_header: self.request_id}
