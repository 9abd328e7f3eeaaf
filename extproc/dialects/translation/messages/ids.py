"""Ids of messages, for clients."""

from __future__ import annotations

from extproc.dialects.translation.common.identifiers import digest
from extproc.dialects.translation.translator import Echo

__all__ = ["message_id"]

_LONGEST_DIGEST = 24


def message_id(given: str, echo: Echo) -> str:
    """The provider's id, or one of the request's where it has none."""
    return given or f"msg_{digest(echo.request_id)[:_LONGEST_DIGEST]}"
