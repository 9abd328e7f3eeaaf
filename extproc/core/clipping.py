"""What others name, as long as it may be where it is repeated or remembered."""

from __future__ import annotations

from typing import Final

__all__ = ["LONGEST", "clipped"]

LONGEST: Final = 256
"""Characters: more than any name that is meant to be read."""


def clipped(text: str) -> str:
    """The text, or its beginning and an ellipsis where it is longer than ``LONGEST``."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
