"""The quick way to token ids: those of the tokenizer, or none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from extproc.intent import tokens
from extproc.intent.wordpiece import WordPieces

FILE = Path(tokens.__file__).with_name("data") / "tokenizer.json"
ASCII = st.text(st.characters(max_codepoint=127), max_size=120)
WORDS = st.lists(
    st.sampled_from(["the", "unhappiest", "x", "##", "[CLS]", "don't", "a_b", "3.14", "QWZX"])
)

TOKENIZER = Tokenizer.from_file(str(FILE))
TOKENIZER.no_truncation()
TOKENIZER.no_padding()
TOKENIZER.encode_special_tokens = True
PIECES = WordPieces(TOKENIZER.get_vocab(), 100)


@given(ASCII | WORDS.map(" ".join) | WORDS.map("".join))
def test_ids_are_the_tokenizer_s(text: str) -> None:
    ids = PIECES.ids(text)
    if ids is not None:
        assert ids == TOKENIZER.encode(text, add_special_tokens=False).ids


@pytest.mark.parametrize("text", ["café", "日本", "a\x07b", "\x00", "a\x7f"])
def test_what_needs_normalising_has_none(text: str) -> None:
    assert PIECES.ids(text) is None


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", []),
        ("ab", [1]),
        ("Abba!", [1, 3, 4]),
        ("abc", [0]),
        ("ba", [0]),
        ("a" * 101, [0]),
    ],
)
def test_the_longest_pieces_are_taken(text: str, ids: list[int]) -> None:
    pieces = WordPieces({"?": 0, "ab": 1, "a": 2, "##ba": 3, "!": 4, "##b": 5}, 0)
    assert pieces.ids(text) == ids
