"""How often the configuration was read again: what the supervisor tells the observer of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

__all__ = ["Reloads"]


@dataclass(frozen=True, slots=True)
class Reloads:
    """``outcomes`` counts what became of each wish, ``successful`` is false where the last one was
    refused, and ``at`` is when that was, in seconds since the epoch."""

    outcomes: Mapping[str, int]
    successful: bool
    at: float

    def to_json(self) -> bytes:
        """This, as ``from_json`` reads it."""
        return msgspec.json.encode(self)

    @staticmethod
    def from_json(text: bytes) -> Reloads:
        """What ``to_json`` wrote.

        Raises:
            ValueError: it did not.
        """
        try:
            return _DECODER.decode(text)
        except msgspec.DecodeError as error:
            raise ValueError(f"not of this version: {error}") from error


_DECODER: Final = msgspec.json.Decoder(Reloads)
