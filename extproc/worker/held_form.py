"""The beginning of a form, which is held until the field that names the model is there."""

from __future__ import annotations

from extproc.dialects.forms import Field, FieldFinder
from extproc.worker.intake import Meter

__all__ = ["HeldForm"]


class HeldForm:
    """A form that comes in pieces. ``found`` is whether the field is there, all of it."""

    def __init__(self, boundary: bytes, largest: int) -> None:
        """
        Args:
            boundary: what separates the form's parts.
            largest: how many bytes of it are accepted before the field.
        """
        self._finder = FieldFinder(boundary, "model")
        self._meter = Meter(largest)
        self._field: Field | None = None

    @property
    def found(self) -> bool:
        return self._field is not None

    @property
    def held(self) -> int:
        """How many bytes are held."""
        return len(self._finder.held)

    def take(self, piece: bytes) -> None:
        """Hold one piece more, unless it is already known to be too large.

        Raises:
            ClientError: not even to be refused will so much be received (413).
        """
        if self._meter.accepts(piece):
            self._field = self._finder.feed(piece)
        else:
            self._finder.held.clear()

    def name(self) -> str:
        """The model that the form names; empty if it names none.

        Raises:
            ClientError: it is larger than is accepted (413).
        """
        self._meter.check()
        return "" if self._field is None else self._field.value.decode(errors="replace").strip()

    def naming(self, model_id: str) -> bytes:
        """What is held, with another model's name in the field, where there is one."""
        held = bytes(self._finder.held)
        if self._field is None:
            return held
        return held[: self._field.start] + model_id.encode() + held[self._field.end :]

    def whole(self) -> bytes:
        """What is held, as it came."""
        return bytes(self._finder.held)
