"""What was said so far, whichever dialect carried it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Conversation", "Turn"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation: its text only.

    System prompts, tool traffic, images and audio are no turns.
    """

    role: Literal["user", "assistant"]
    text: str


Conversation: TypeAlias = tuple[Turn, ...]
