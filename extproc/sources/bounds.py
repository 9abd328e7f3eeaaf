"""What reading a document may take, and how it is told that one could not be had."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Bounds", "FetchError"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one refresh may take: seconds, bytes once decompressed, pages."""

    connect: float = 5.0
    total: float = 30.0
    size: int = 32 * 1024 * 1024
    pages: int = 50


class FetchError(Exception):
    """A document that could not be had; the message says why and holds no secret."""
