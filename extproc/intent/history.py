"""What of a conversation a router model is shown: the latest turns, as many as fit.

Tokens are estimated as Plano does (katanemo/plano, ``generate_request``): four bytes of UTF-8 each.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from extproc.core.conversation import Conversation, Turn
from extproc.core.encodable import encodable

__all__ = ["recent", "tokens", "trim"]

_BYTES_PER_TOKEN = 4
_LEAST_ROOM = 128
_ELLIPSIS = "…"


def recent(conversation: Conversation, room: int, most: int | None = None) -> Conversation:
    """The latest turns with text that fit into ``room`` tokens, oldest first, at most ``most``.

    The first turn that does not fit ends the selection: a user's is shortened to what is left, an
    assistant's is left out. If no user's fits, the last one goes alone, in at least 128 tokens:
    without it there is nothing to classify.
    """
    chosen: list[Turn] = []
    left = room
    for turn in islice(_with_text(conversation), most):
        size = tokens(turn.text)
        if size > left:
            if turn.role == "user" and left > 0:
                chosen.append(_shortened(turn, left))
            break
        chosen.append(turn)
        left -= size
    if not any(turn.role == "user" for turn in chosen):
        last = next((turn for turn in _with_text(conversation) if turn.role == "user"), None)
        chosen = [] if last is None else [_shortened(last, max(room, _LEAST_ROOM))]
    return tuple(reversed(chosen))


def trim(text: str, limit: int) -> str:
    """Cut the middle out of a text so that it takes at most ``limit`` bytes of UTF-8.

    60 % of what remains is its head, the rest its tail, an ellipsis between; a limit that leaves no
    room for both keeps the head alone.
    """
    raw = text.encode()
    if len(raw) <= limit:
        return text
    kept = limit - len(_ELLIPSIS.encode())
    if kept <= 0:
        return raw[:limit].decode(errors="ignore")
    head = kept * 3 // 5
    tail = raw[len(raw) - (kept - head) :]
    return raw[:head].decode(errors="ignore") + _ELLIPSIS + tail.decode(errors="ignore")


def tokens(text: str) -> int:
    """About how many tokens a text is."""
    return len(text.encode()) // _BYTES_PER_TOKEN


def _shortened(turn: Turn, most: int) -> Turn:
    return Turn(turn.role, trim(turn.text, most * _BYTES_PER_TOKEN))


def _with_text(conversation: Conversation) -> Iterator[Turn]:
    """The turns that say something, newest first."""
    for turn in reversed(conversation):
        if turn.text.strip():
            yield Turn(turn.role, encodable(turn.text))
