"""What a dialect must be able to say, and how server-sent events are spelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import orjson

from extproc.demo.provider.answer import Answer, Piece
from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.complaint import Complaint

__all__ = ["OVERLOADED", "Telling", "Voice", "event"]

OVERLOADED = "The fake provider is overloaded, as it was told to be."


class Telling(Protocol):
    """One stream: ``opening``, each ``piece``, ``closing`` and the ``terminator``, in this order.
    It may break off with a ``failure`` at any time."""

    @property
    def size(self) -> int:
        """How many pieces there are."""

    def pieces(self) -> Iterator[Piece]:
        """The pieces, in the order in which the dialect sends them."""

    def opening(self) -> Iterator[bytes]:
        """The events before the first content."""

    def piece(self, piece: Piece) -> bytes:
        """The event that carries one piece, behind those that it takes to get there."""

    def closing(self) -> Iterator[bytes]:
        """The events after the last content, but for the terminator."""

    def terminator(self) -> bytes:
        """The event by which clients know that the stream is complete."""

    def failure(self) -> Iterator[bytes]:
        """The events that break the stream off with an error, perhaps before ``opening``."""


class Voice(Protocol):
    """One dialect. The modules ``chat``, ``messages`` and ``responses`` each are one."""

    @property
    def REQUEST_ID_HEADER(self) -> str:  # noqa: N802 - the modules spell it as the constant it is
        """The response header in which this dialect's provider names a request."""

    def whole(self, answer: Answer) -> bytes:
        """The body of an answer that is not streamed."""

    def Stream(self, answer: Answer) -> Telling:  # noqa: N802 - a class in the modules
        """The stream of an answer."""

    def error(self, complaint: Complaint) -> bytes:
        """The body of an error response."""

    def commanded(self, behaviour: Behaviour) -> Complaint:
        """The error that a behaviour asks for."""


def event(data: Mapping[str, Any], name: str | None = None) -> bytes:
    """Spell one server-sent event with JSON in it."""
    if name is None:
        return b"data: %b\n\n" % orjson.dumps(data)
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(data))
