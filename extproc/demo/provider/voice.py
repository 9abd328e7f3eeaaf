"""What a dialect must be able to say, and how server-sent events are spelled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import orjson

from extproc.demo.provider.answer import Answer
from extproc.demo.provider.complaint import Complaint

__all__ = ["OVERLOADED", "Voice", "event"]

OVERLOADED = "The fake provider is overloaded, as it was told to be."


class Voice(Protocol):
    """One dialect. The modules ``chat``, ``messages`` and ``responses`` each are one.

    A stream is ``opening``, each ``delta``, ``closing`` and the ``terminator``, in this order.
    """

    @property
    def REQUEST_ID_HEADER(self) -> str:  # noqa: N802 - the modules spell it as the constant it is
        """The response header in which this dialect's provider names a request."""

    def whole(self, answer: Answer) -> bytes:
        """The body of an answer that is not streamed."""

    def opening(self, answer: Answer) -> Iterator[bytes]:
        """The events before the first content."""

    def delta(self, answer: Answer, index: int) -> bytes:
        """The event that carries one piece of the text."""

    def closing(self, answer: Answer) -> Iterator[bytes]:
        """The events after the last content, but for the terminator."""

    def terminator(self, answer: Answer) -> bytes:
        """The event by which clients know that the stream is complete."""

    def failure(self, answer: Answer, spoken: int | None) -> Iterator[bytes]:
        """The events that break a stream off with an error.

        Args:
            answer: the answer that is not going to be complete.
            spoken: how many content events went before; None: nothing did, not even ``opening``.
        """

    def error(self, complaint: Complaint) -> bytes:
        """The body of an error response."""


def event(data: Mapping[str, Any], name: str | None = None) -> bytes:
    """Spell one server-sent event with JSON in it."""
    if name is None:
        return b"data: %b\n\n" % orjson.dumps(data)
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(data))
