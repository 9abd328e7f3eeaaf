"""What Envoy may say next on a request's ext_proc stream, as a table of states.

https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/ext_proc/v3/external_processor.proto
"""

from __future__ import annotations

from enum import Enum, auto
from types import MappingProxyType

from extproc.transport.wire import Message

__all__ = ["ProtocolError", "RequestExchange", "State"]


class ProtocolError(Exception):
    """Envoy said something that its protocol does not allow here."""


class State(Enum):
    """Where a request's exchange stands."""

    HEADERS = auto()
    BODY = auto()
    COMPLETE = auto()


_NEXT = MappingProxyType(
    {
        (State.HEADERS, "request_headers", False): State.BODY,
        (State.HEADERS, "request_headers", True): State.COMPLETE,
        (State.BODY, "request_body", False): State.BODY,
        (State.BODY, "request_body", True): State.COMPLETE,
        (State.BODY, "request_trailers", False): State.COMPLETE,
    }
)
"""(state, kind of message, end of stream) -> next state."""


class RequestExchange:
    """Follows one request: headers, then body in pieces, then perhaps trailers."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state = State.HEADERS

    @property
    def complete(self) -> bool:
        """Whether the whole request has been received."""
        return self.state is State.COMPLETE

    def receive(self, message: Message) -> str:
        """Take the next message.

        Args:
            message: a ``ProcessingRequest``.

        Returns:
            Its kind: ``request_headers``, ``request_body`` or ``request_trailers``.

        Raises:
            ProtocolError: a message of this kind may not come now.
        """
        kind: str | None = message.WhichOneof("request")
        ends = (
            getattr(message, kind).end_of_stream
            if kind in ("request_headers", "request_body")
            else False
        )
        state = _NEXT.get((self.state, kind or "", ends))
        if kind is None or state is None:
            raise ProtocolError(f"{kind or 'an empty message'} while in state {self.state.name}")
        self.state = state
        return kind
