"""What Envoy may say next on an ext_proc stream, as tables of states.

https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/ext_proc/v3/external_processor.proto
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import TypeAlias

from extproc.transport.wire import Message

__all__ = [
    "Exchange",
    "ProtocolError",
    "State",
    "headers_and_answer",
    "headers_only",
    "request_and_answer",
    "request_only",
]


class ProtocolError(Exception):
    """Envoy said something that its protocol does not allow here."""


class State(Enum):
    """Where an exchange stands."""

    HEADERS = auto()
    BODY = auto()
    COMPLETE = auto()
    """The whole request has been received."""
    ANSWER_BODY = auto()
    ANSWERED = auto()
    """The whole answer has been received."""


_Table: TypeAlias = Mapping[tuple[State, str, bool], State]

_HEADERS: _Table = MappingProxyType(
    {(State.HEADERS, "request_headers", ends): State.COMPLETE for ends in (False, True)}
)
_REQUEST: _Table = MappingProxyType(
    {
        (State.HEADERS, "request_headers", False): State.BODY,
        (State.HEADERS, "request_headers", True): State.COMPLETE,
        (State.BODY, "request_body", False): State.BODY,
        (State.BODY, "request_body", True): State.COMPLETE,
        (State.BODY, "request_trailers", False): State.COMPLETE,
    }
)
_ANSWER: _Table = MappingProxyType(
    {
        # A filter before this one has answered: the request did not come as far.
        (State.HEADERS, "response_headers", False): State.ANSWER_BODY,
        (State.HEADERS, "response_headers", True): State.ANSWERED,
        (State.COMPLETE, "response_headers", False): State.ANSWER_BODY,
        (State.COMPLETE, "response_headers", True): State.ANSWERED,
        (State.ANSWER_BODY, "response_body", False): State.ANSWER_BODY,
        (State.ANSWER_BODY, "response_body", True): State.ANSWERED,
        (State.ANSWER_BODY, "response_trailers", False): State.ANSWERED,
    }
)
_REQUEST_AND_ANSWER: _Table = MappingProxyType({**_REQUEST, **_ANSWER})
_HEADERS_AND_ANSWER: _Table = MappingProxyType({**_HEADERS, **_ANSWER})
"""(state, kind of message, end of stream) -> next state."""

_TRAILERS = frozenset({"request_trailers", "response_trailers"})


class Exchange:
    """Follows one stream: headers, then a body in pieces, then perhaps trailers."""

    __slots__ = ("_table", "state")

    def __init__(self, table: _Table) -> None:
        self._table = table
        self.state = State.HEADERS

    @property
    def complete(self) -> bool:
        """Whether the whole request has been received, but nothing of an answer."""
        return self.state is State.COMPLETE

    @property
    def answered(self) -> bool:
        """Whether the whole answer has been received."""
        return self.state is State.ANSWERED

    def receive(self, message: Message) -> str:
        """Take the next message.

        Args:
            message: a ``ProcessingRequest``.

        Returns:
            Its kind, such as ``request_headers`` or ``response_body``.

        Raises:
            ProtocolError: a message of this kind may not come now.
        """
        kind: str | None = message.WhichOneof("request")
        ends = bool(kind and kind not in _TRAILERS and getattr(message, kind).end_of_stream)
        state = self._table.get((self.state, kind or "", ends))
        if kind is None or state is None:
            raise ProtocolError(f"{kind or 'an empty message'} while in state {self.state.name}")
        self.state = state
        return kind


def headers_only() -> Exchange:
    """The exchange of a processor that is shown the request's headers alone."""
    return Exchange(_HEADERS)


def request_only() -> Exchange:
    """The exchange of a processor that is shown the request alone."""
    return Exchange(_REQUEST)


def request_and_answer() -> Exchange:
    """The exchange of a processor that is shown the request and then its answer."""
    return Exchange(_REQUEST_AND_ANSWER)


def headers_and_answer() -> Exchange:
    """The exchange of a processor that is shown the request's headers alone and then its answer."""
    return Exchange(_HEADERS_AND_ANSWER)
