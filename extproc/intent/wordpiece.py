"""Token ids of ASCII text, several times as fast as the tokenizer finds them.

Most of what is classified is ASCII, which needs no normalising but lower case, and most of its
words are one piece of the vocabulary: a look into a table for each word instead of a tokenizer's
general machinery.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

__all__ = ["WordPieces"]

_WORD: Final = re.compile(r"[a-z0-9]+|[!-/:-@\[-`{-~]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Such characters join what is beside them."""

_CONTINUING: Final = "##"
_LONGEST_WORD: Final = 100


class WordPieces:
    """BERT's word pieces: of every word the longest one that is known, then of the rest."""

    def __init__(self, vocabulary: Mapping[str, int], unknown: int) -> None:
        """
        Args:
            vocabulary: the ids of all pieces; those that go on within a word begin with ``##``.
            unknown: the id of a word that has no pieces.
        """
        self._beginnings: dict[str, int] = {}
        self._continuations: dict[str, int] = {}
        for piece, number in vocabulary.items():
            if piece.startswith(_CONTINUING) and piece != _CONTINUING:
                self._continuations[piece[len(_CONTINUING) :]] = number
            else:
                self._beginnings[piece] = number
        self._longest = max(map(len, vocabulary), default=0)
        self._unknown = unknown

    def ids(self, text: str) -> list[int] | None:
        """The ids of a text, None if it needs normalising."""
        if not text.isascii() or _CONTROL.search(text):
            return None
        ids: list[int] = []
        for word in _WORD.findall(text.lower()):
            whole = self._beginnings.get(word)
            if whole is None:
                ids += self._pieces(word)
            else:
                ids.append(whole)
        return ids

    def _pieces(self, word: str) -> list[int]:
        if len(word) > _LONGEST_WORD:
            return [self._unknown]
        pieces: list[int] = []
        table, start = self._beginnings, 0
        while start < len(word):
            longest = min(len(word), start + self._longest)
            known = (end for end in range(longest, start, -1) if word[start:end] in table)
            end = next(known, start)
            if end == start:
                return [self._unknown]
            pieces.append(table[word[start:end]])
            table, start = self._continuations, end
        return pieces
