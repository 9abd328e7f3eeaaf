"""What the events of a stream say about the attempt that sends them."""

from __future__ import annotations

from extproc.core.own_replies import (
    ENDED_UNFINISHED,
    ENDED_WITHOUT_CONTENT,
    ERROR_AFTER_CONTENT,
    ERROR_FIRST,
)
from extproc.dialects.dialect import Sign
from extproc.dialects.signs import read_signs
from extproc.errors import ClientError

__all__ = ["Verdict"]


class Verdict:
    """Follows one stream.

    ``content`` is whether it has shown content, ``finished`` whether it has said that it is
    complete.
    """

    __slots__ = ("content", "finished")

    def __init__(self) -> None:
        self.content = False
        self.finished = False

    def hear(self, data: bytes) -> None:
        """Take the data of one event.

        Raises:
            ClientError: it tells an error, or is garbage (503).
        """
        if self.finished:
            return
        sign, finishes = read_signs(data)
        if sign is Sign.ERROR and not self.content:
            raise ClientError(
                503, "The stream began with an error instead of content.", code=ERROR_FIRST
            )
        if sign is Sign.ERROR and not finishes:
            raise ClientError(503, "The stream broke off with an error.", code=ERROR_AFTER_CONTENT)
        self.content = self.content or sign is Sign.CONTENT
        self.finished = self.content and finishes

    def end(self) -> None:
        """Take the end of the stream.

        Raises:
            ClientError: it came too early (502).
        """
        if not self.content:
            raise ClientError(
                502, "The stream ended before any content.", code=ENDED_WITHOUT_CONTENT
            )
        if not self.finished:
            raise ClientError(
                502, "The stream ended before its answer was complete.", code=ENDED_UNFINISHED
            )
