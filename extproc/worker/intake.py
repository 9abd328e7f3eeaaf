"""Taking in a request's body, within the accepted size."""

from __future__ import annotations

from io import BytesIO

from extproc.errors import ClientError

__all__ = ["Intake", "Meter"]

_MOST_DISCARDED = 4
"""How many times the largest accepted body is received before an answer is given regardless."""


class Meter:
    """Measures a body that comes in pieces against the accepted size.

    A client that is refused while it still sends may lose the answer with its connection, so an
    oversized body is received to its end, within reason. ``size`` is what came so far, in bytes.
    """

    __slots__ = ("_largest", "size")

    def __init__(self, largest: int) -> None:
        """
        Args:
            largest: how many bytes are accepted.
        """
        self._largest = largest
        self.size = 0

    def accepts(self, piece: bytes) -> bool:
        """Whether the body with this piece is still within the size.

        Raises:
            ClientError: not even to be refused will so much be received (413).
        """
        self.size += len(piece)
        if self.size > _MOST_DISCARDED * self._largest:
            self.check()
        return self.size <= self._largest

    def check(self) -> None:
        """See that the whole body was accepted.

        Raises:
            ClientError: it was not (413).
        """
        if self.size > self._largest:
            raise ClientError(
                413,
                f"The request body is larger than the {self._largest} bytes that are accepted "
                "here.",
                code="request_too_large",
            )


class Intake:
    """Collects a body that comes in pieces."""

    __slots__ = ("_first", "_meter", "_whole")

    def __init__(self, largest: int) -> None:
        """
        Args:
            largest: how many bytes are accepted.
        """
        self._meter = Meter(largest)
        self._first = b""
        self._whole: BytesIO | None = None

    def take(self, piece: bytes) -> None:
        """Keep a piece of the body, or none of it once it is known to be too large.

        Raises:
            ClientError: it goes beyond all measure (413).
        """
        if not self._meter.accepts(piece):
            self._first, self._whole = b"", None
        elif self._whole is not None:
            self._whole.write(piece)
        elif not self._first:
            self._first = piece
        elif piece:
            self._whole = BytesIO()
            self._whole.write(self._first)
            self._whole.write(piece)
            self._first = b""

    @property
    def held(self) -> int:
        """How many bytes are kept now."""
        return len(self._first) if self._whole is None else self._whole.tell()

    def whole(self) -> bytes:
        """The body, which is given away; nothing is copied. Most come in one piece, which it is.

        Raises:
            ClientError: it is larger than what is accepted (413).
        """
        self._meter.check()
        whole = self._first if self._whole is None else self._whole.getvalue()
        self._first, self._whole = b"", None
        return whole
