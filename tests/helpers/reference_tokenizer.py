"""BERT's uncased tokenizer written out plainly, from its published description, to compare with.

Clean, space out CJK ideographs, lower, strip accents, split at blanks and punctuation; then take
the longest known piece of every word, again and again (WordPiece).
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

__all__ = ["ReferenceTokenizer"]

_LONGEST_WORD = 100
_IDEOGRAPHS = (
    *((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F)),
    *((0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)),
)


class ReferenceTokenizer:
    """Token ids by the vocabulary of a ``tokenizer.json``."""

    def __init__(self, file: Path) -> None:
        self._vocabulary: dict[str, int] = json.loads(file.read_text())["model"]["vocab"]

    def ids(self, text: str) -> list[int]:
        return [self._vocabulary[piece] for word in _words(text) for piece in self._pieces(word)]

    def _pieces(self, word: str) -> list[str]:
        if len(word) > _LONGEST_WORD:
            return ["[UNK]"]
        pieces, start = [], 0
        while start < len(word):
            prefix = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((e for e in ends if prefix + word[start:e] in self._vocabulary), None)
            if end is None:
                return ["[UNK]"]
            pieces.append(prefix + word[start:end])
            start = end
        return pieces


def _words(text: str) -> Iterator[str]:
    cleaned = "".join(_cleaned(character) for character in text).lower()
    for run in _unaccented(cleaned).split():
        word = ""
        for character in run:
            if _is_punctuation(character):
                if word:
                    yield word
                yield character
                word = ""
            else:
                word += character
        if word:
            yield word


def _cleaned(character: str) -> str:
    code = ord(character)
    if character in "\t\n\r" or unicodedata.category(character) == "Zs":
        return " "
    if code in {0, 0xFFFD} or unicodedata.category(character).startswith("C"):
        return ""
    if any(first <= code <= last for first, last in _IDEOGRAPHS):
        return f" {character} "
    return character


def _unaccented(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn")


def _is_punctuation(character: str) -> bool:
    code = ord(character)
    ascii_signs = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return ascii_signs or unicodedata.category(character).startswith("P")
