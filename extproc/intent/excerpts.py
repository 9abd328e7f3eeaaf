"""The parts of a conversation that tell its latest intent, clipped to a bounded size.

The sizes are what fills the encoder's 64 tokens in English text or code, and little more.
"""

from __future__ import annotations

from collections.abc import Iterator

from extproc.core.conversation import Conversation
from extproc.intent.asked import asked
from extproc.intent.courtesies import without_courtesies

__all__ = ["clip", "excerpts"]

_LAST_USER = 480
_PREVIOUS_USER = 220
_LAST_ASSISTANT = 160
_OLDER_USER = (220, 120, 120, 120)
_HEAD_SHARE = 0.6
_WINDOW = 4096


def clip(text: str, limit: int) -> str:
    """Shorten ``text`` to ``limit`` characters: 60 % from its head, the rest from its tail.

    Requests state what they want at either end; the middle is mostly the material they are about.
    """
    if len(text) <= limit:
        return text
    head = int(limit * _HEAD_SHARE)
    return f"{text[:head]} {text[head + 1 - limit :]}"


def excerpts(conversation: Conversation) -> list[str]:
    """Select what matters for the latest intent, the last user turn first.

    Of a last turn that is mostly material, only the request that begins or ends it counts. A
    follow-up ("and shorter, please") says little alone, so the user turn before it, the last
    answer and older user turns come after it.

    Returns:
        At most seven excerpts of at most 480 characters; none if no user turn has text.
    """
    users = _texts(conversation, "user")
    last = next(users, None)
    if last is None:
        return []
    chosen = [clip(without_courtesies(asked(last) or last), _LAST_USER)]
    previous = next(users, None)
    if previous is not None:
        chosen.append(clip(without_courtesies(previous), _PREVIOUS_USER))
    answer = next(_texts(conversation, "assistant"), None)
    if answer is not None:
        chosen.append(clip(answer, _LAST_ASSISTANT))
    chosen += [clip(text, limit) for limit, text in zip(_OLDER_USER, users, strict=False)]
    return chosen


def _texts(conversation: Conversation, role: str) -> Iterator[str]:
    for turn in reversed(conversation):
        if turn.role == role and (text := _ends(turn.text).strip()):
            yield text


def _ends(text: str) -> str:
    # Blanks are looked for near either end only: a message of megabytes costs no more than a page.
    if len(text) <= 2 * _WINDOW:
        return text
    return f"{text[:_WINDOW].lstrip()} {text[-_WINDOW:].rstrip()}"
