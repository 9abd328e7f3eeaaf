"""Which pieces of multilingual-e5-small's vocabulary are kept: those that the commonest words of
the languages to read are cut into.

A word whose piece is missing is cut into smaller ones, which say less. By how frequent pieces are
in general, as the vocabulary itself orders them, half of those kept would be of languages that
nobody asked for, and those that French or Dutch need would be missing.

How frequent words are is told by the package wordfreq.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence

import wordfreq
from tokenizers import Tokenizer

__all__ = ["kept_pieces"]

_SPECIAL = 4
"""The pieces that the vocabulary begins with are no words."""

_WHOLE_SCRIPTS = {
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "KATAKANA-HIRAGANA",
    "HANGUL",
    "FULLWIDTH",
    "IDEOGRAPHIC",
}
"""Whose pieces are all kept: they go across words, or are few."""

_WELL, _FAIRLY, _SOMEWHAT = 0.99, 0.98, 0.9
_COVERED = {
    **dict.fromkeys(("de", "fr", "es", "pt", "it", "nl", "hi", "ru", "ar"), _WELL),
    "en": _FAIRLY,
    **dict.fromkeys(("pl", "tr", "sv", "cs", "da", "ro", "uk"), _SOMEWHAT),
}
"""How much of what is written in a language, by pieces, is written with those that are kept.
English is read by another encoder, but stands in texts of other languages."""

_WORDS = 100_000
_CAPITAL_SHARE = 0.3
"""Of words, as wordfreq does not tell in which there is a capital."""


def kept_pieces(pieces: Sequence[str], tokenizer: Tokenizer) -> list[int]:
    """The ids of the pieces that are kept.

    Args:
        pieces: all there are.
        tokenizer: cuts words into them.
    """
    kept = set(range(_SPECIAL))
    for place, piece in enumerate(pieces[_SPECIAL:], start=_SPECIAL):
        if {_script(letter) for letter in piece if letter.isalpha()} <= _WHOLE_SCRIPTS:
            kept.add(place)
    for language, share in _COVERED.items():
        kept |= _commonest(_uses(language, tokenizer), share)
    return sorted(kept)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split()[0]


def _uses(language: str, tokenizer: Tokenizer) -> Mapping[int, float]:
    """How often each piece is used in a language."""
    frequencies: dict[str, float] = wordfreq.get_frequency_dict(language)
    words = sorted(frequencies, key=lambda word: (-frequencies[word], word))[:_WORDS]
    uses: defaultdict[int, float] = defaultdict(float)
    for written, share in ((words, 1.0), ([word.capitalize() for word in words], _CAPITAL_SHARE)):
        cut = tokenizer.encode_batch(written, add_special_tokens=False)
        for word, encoded in zip(words, cut, strict=True):
            for piece in encoded.ids:
                uses[piece] += share * frequencies[word]
    return uses


def _commonest(uses: Mapping[int, float], share: float) -> set[int]:
    """The fewest pieces that are so much of all that is used."""
    missing = share * sum(uses.values())
    found = set()
    for piece in sorted(uses, key=lambda piece: (-uses[piece], piece)):
        if missing <= 0:
            break
        found.add(piece)
        missing -= uses[piece]
    return found
