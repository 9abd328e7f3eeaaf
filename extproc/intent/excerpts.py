"""The parts of a conversation that tell its latest intent, clipped to a bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from extproc.dialects.conversation import Conversation

__all__ = ["EXCERPT_WEIGHTS", "Excerpt", "clip", "excerpts"]

EXCERPT_WEIGHTS = (1.0, 0.5, 0.3, 0.3)
"""What a word counts in the last user turn, the one before, the last assistant turn, older ones."""

_LAST_USER, _PREVIOUS_USER, _LAST_ASSISTANT, _OLDER_USER = EXCERPT_WEIGHTS
_OLDER_TURNS = 6
_HEAD_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A clipped turn and what each of its words counts."""

    text: str
    weight: float


def clip(text: str, limit: int) -> str:
    """Shorten ``text`` to ``limit`` characters: 60 % from its head, the rest from its tail.

    Requests state what they want at either end; the middle is mostly the material they are about.
    """
    if len(text) <= limit:
        return text
    head = int(limit * _HEAD_SHARE)
    return f"{text[:head]} {text[head + 1 - limit :]}"


def excerpts(conversation: Conversation) -> list[Excerpt]:
    """Select what matters for the latest intent, the last user turn first.

    A follow-up ("and shorter, please") says little alone, so earlier turns count too, but less.

    Returns:
        At most nine excerpts of at most 1400 characters; none if no user turn has text.
    """
    users = _texts(conversation, "user")
    last = next(users, None)
    if last is None:
        return []
    chosen = [Excerpt(clip(last, 1400), _LAST_USER)]
    previous = next(users, None)
    if previous is not None:
        chosen.append(Excerpt(clip(previous, 220), _PREVIOUS_USER))
    answer = next(_texts(conversation, "assistant"), None)
    if answer is not None:
        chosen.append(Excerpt(clip(answer, 160), _LAST_ASSISTANT))
    for age, text in zip(range(_OLDER_TURNS), users, strict=False):
        chosen.append(Excerpt(clip(text, 120 if age else 220), _OLDER_USER))
    return chosen


def _texts(conversation: Conversation, role: str) -> Iterator[str]:
    for turn in reversed(conversation):
        if turn.role == role and (text := turn.text.strip()):
            yield text
