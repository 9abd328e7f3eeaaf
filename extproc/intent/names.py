"""What decisions, metrics and receipts call the classifier in the box, and what people are told."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["EMBEDDED", "FIRST_STAGE", "in_words"]

EMBEDDED: Final = "embedded"
FIRST_STAGE: Final = "embedded-first-stage"
"""Who answered where the encoder was not asked, or not in time; ``Intent.fallback`` says why."""

_IN_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        EMBEDDED: "the classifier in the box",
        FIRST_STAGE: "the first stage of the classifier in the box",
    }
)


def in_words(classifier: str) -> str:
    """A classifier as a sentence calls it; router models go by their own names."""
    return _IN_WORDS.get(classifier, classifier)
