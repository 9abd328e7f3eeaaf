"""Forms (``multipart/form-data``) that come in pieces: find one field, leave all else unread.

The field that matters is small, and clients' libraries write fields before files. So the search is
for the marks between parts alone, and ends where the field does: what follows is nobody's business
here. Format: https://www.rfc-editor.org/rfc/rfc7578 and https://www.rfc-editor.org/rfc/rfc2046.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Final

__all__ = ["Field", "FieldFinder", "boundary_of"]

_LINE: Final = b"\r\n"
_MOST_HEADERS: Final = 16 * 1024
"""Bytes that the headers of one part may have."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form: its value, and the byte offsets of that in the body."""

    value: bytes
    start: int
    end: int


def boundary_of(content_type: str) -> bytes | None:
    """What separates the parts of a form, None if this is the type of something else."""
    message = Message()
    message["content-type"] = content_type
    if message.get_content_type() != "multipart/form-data":
        return None
    boundary = message.get_boundary()
    return boundary.encode("latin-1", "replace") if boundary else None


class FieldFinder:
    """Looks for a field in a body of which it is given ever more.

    ``held`` is what it has been given.
    """

    def __init__(self, boundary: bytes, name: str) -> None:
        """
        Args:
            boundary: what separates the parts.
            name: the field's name.
        """
        self.held = bytearray()
        self._mark = b"--" + boundary
        self._name = name
        self._part = -1  # where the current part begins, behind its mark
        self._seen = 0

    def feed(self, piece: bytes) -> Field | None:
        """Look on; the field, once all of it is there."""
        self.held += piece
        while (mark := self._next_mark()) >= 0:
            if self._part >= 0:
                field = self._field(self._part, mark)
                if field is not None:
                    return field
            self._part = self._seen = mark + len(self._mark)
        # A mark may have begun in what was searched.
        self._seen = max(self._seen, len(self.held) - len(self._mark) - len(_LINE))
        return None

    def _next_mark(self) -> int:
        """Where the next mark begins: at the start of the body, or of a line."""
        if self._part < 0 and self.held.startswith(self._mark):
            return 0
        found = self.held.find(_LINE + self._mark, max(self._seen - len(_LINE), 0))
        return found if found < 0 else found + len(_LINE)

    def _field(self, start: int, mark: int) -> Field | None:
        """The part between two marks, if it is the field."""
        begin = start + len(_LINE)
        behind = self.held.find(_LINE * 2, start, min(mark, start + _MOST_HEADERS))
        if behind < 0:
            return None
        headers = BytesHeaderParser().parsebytes(bytes(self.held[begin : behind + 2 * len(_LINE)]))
        disposition = "content-disposition"
        if (
            headers.get_param("name", header=disposition) != self._name
            or headers.get_param("filename", header=disposition) is not None
        ):
            return None
        value, end = behind + 2 * len(_LINE), mark - len(_LINE)
        return Field(bytes(self.held[value:end]), value, end)
