"""From excerpts of a conversation, or a route, to the token ids that the encoder reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer

from extproc.core.encodable import encodable
from extproc.intent.excerpts import clip
from extproc.intent.wordpiece import WordPieces

__all__ = [
    "CONVERSATION_TOKENS",
    "END",
    "PROMPT_TOKENS",
    "ROUTE_TOKENS",
    "VOCABULARY",
    "Tokens",
    "fit",
    "route_text",
    "tools_text",
]

PROMPT_TOKENS = 48
"""What the encoder reads of a single turn, its start and end tokens included."""

CONVERSATION_TOKENS = 64
"""What it reads of several: 48 cost two points on conversations, nothing on single turns."""

ROUTE_TOKENS = 64
"""What the encoder reads of a route."""

END = 102
"""Ends a turn."""

VOCABULARY = Path(__file__).with_name("data") / "tokenizer.json"
_START = 101
_UNKNOWN = 100

_ROUTE_CHARACTERS = 1400
_READ_CHARACTERS = 2 * _ROUTE_CHARACTERS
_EARLIER_SHARE = 3 / 8
_EARLIER_TURN = 24
_PREVIOUS_TURN = 40
_TOOLS_CHARACTERS = 160
_TOOLS_TOKENS = 16
_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-./]+")


class Tokens:
    """The tokenizer of the encoder, for texts already clipped to a bounded length."""

    def __init__(self, file: Path = VOCABULARY) -> None:
        """Load the vocabulary (once per process: about 15 MB and 80 ms).

        Raises:
            Exception: the file is missing or is no tokenizer.
        """
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        # What a user types is text, even "[SEP]".
        self._tokenizer.encode_special_tokens = True
        self._pieces = WordPieces(self._tokenizer.get_vocab(), _UNKNOWN)

    def ids(self, text: str) -> list[int]:
        """The ids of ``text``, without start and end; the caller bounds its length."""
        plain = self._pieces.ids(text)
        if plain is not None:
            return plain
        # Half of a surrogate pair would make the tokenizer raise.
        ids: list[int] = self._tokenizer.encode(encodable(text), add_special_tokens=False).ids
        return ids

    def route(self, name: str, description: str) -> list[int]:
        """A route's ids, start and end included."""
        ids = self.ids(clip(route_text(name, description), _ROUTE_CHARACTERS))
        return [_START, *_clipped(ids, ROUTE_TOKENS - 2), END]


def route_text(name: str, description: str) -> str:
    """A route as the encoder reads it: its name in words, then its description."""
    # Neither is read whole: a client may send megabytes of it.
    words = " ".join(_WORD_STARTS.sub(" ", clip(name, _READ_CHARACTERS)).split())
    read = clip(description, _READ_CHARACTERS)
    return f"{words}: {read}" if read.strip() else words


def tools_text(names: Iterable[str]) -> str:
    """Names of tools as the encoder reads them: in words, as many as fit; empty if there are none.

    Args:
        names: in the request's order.
    """
    words = ", ".join(" ".join(_WORD_STARTS.sub(" ", name[:64]).split()) for name in names)
    return f"tools: {words[:_TOOLS_CHARACTERS]}" if words.strip(" ,") else ""


def fit(
    parts: Sequence[Sequence[int]], limit: int | None = None, tools: Sequence[int] = ()
) -> list[int]:
    """Join the ids of a conversation's excerpts, the last user turn first, the tools' names last.

    Earlier turns may have three eighths of the room, more if the last turn leaves it; every turn
    that is too long keeps its beginning and its end.

    Args:
        parts: the ids of each excerpt; not empty.
        limit: how many ids at most; None for what suits the number of turns.
        tools: the ids of :func:`tools_text`, of which the first sixteen are read.
    """
    if limit is None:
        limit = PROMPT_TOKENS if len(parts) == 1 and not tools else CONVERSATION_TOKENS
    if tools:
        tail = [*tools[:_TOOLS_TOKENS], END]
        return [*fit(parts, limit - len(tail)), *tail]
    room = limit - 2
    wanted = sum(min(len(part), _earlier(nth)) + 1 for nth, part in enumerate(parts[1:]))
    reserved = min(wanted, int(room * _EARLIER_SHARE))
    joined = [_START, *_clipped(parts[0], room - reserved)]
    for nth, part in enumerate(parts[1:]):
        left = limit - 2 - len(joined)
        if left < 1:
            break
        joined += [END, *_clipped(part, min(left, _earlier(nth)))]
    return [*joined, END]


def _earlier(nth: int) -> int:
    return _EARLIER_TURN if nth else _PREVIOUS_TURN


def _clipped(ids: Sequence[int], limit: int) -> Sequence[int]:
    if len(ids) <= limit:
        return ids
    tail = limit * 2 // 5
    return [*ids[: limit - tail], *ids[len(ids) - tail :]]
