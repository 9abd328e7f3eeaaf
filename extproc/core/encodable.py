"""Text that UTF-8 can carry, whatever was in the JSON that it came in."""

from __future__ import annotations

__all__ = ["encodable"]


def encodable(text: str) -> str:
    """The text; halves of surrogate pairs, legal in a JSON string, become question marks."""
    return text.encode("utf-8", "replace").decode()
