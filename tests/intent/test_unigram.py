"""Pieces of text, with the package tokenizers as the oracle."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from extproc.intent.multilingual import PIECES
from extproc.intent.unigram import UNKNOWN, UnigramPieces
from training.trie import write_trie

WRITTEN = Path("training")
NORMALIZER = normalizers.Sequence(
    [
        normalizers.Replace(Regex(r"[\x00-\x20\x7f\u200b-\u200f\u2028-\u202e]+"), " "),
        normalizers.NFKC(),
        normalizers.Replace(Regex(" {2,}"), " "),
    ]
)


def oracle(vocabulary: Sequence[tuple[str, float]]) -> Tokenizer:
    made = Tokenizer(models.Unigram(list(vocabulary), unk_id=UNKNOWN, byte_fallback=False))
    made.normalizer = NORMALIZER
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return made


def packaged_vocabulary() -> list[tuple[str, float]]:
    """What the packaged trie holds, read from its leaves to its root."""
    units = np.load(PIECES)
    children, parents = units["children"].tolist(), units["parent"].tolist()
    spelled: dict[int, bytes] = {0: b""}

    def spelling(unit: int) -> bytes:
        if unit not in spelled:
            parent = parents[unit]
            spelled[unit] = spelling(parent) + bytes([unit - children[parent]])
        return spelled[unit]

    ends = np.flatnonzero(units["piece"] >= 0).tolist()
    found = {int(units["piece"][unit]): unit for unit in ends}
    assert sorted(found) == list(range(len(ends)))
    return [
        (spelling(found[piece]).decode(), float(units["score"][found[piece]]))
        for piece in range(len(ends))
    ]


@pytest.fixture(scope="module")
def packaged() -> UnigramPieces:
    return UnigramPieces(PIECES)


@pytest.fixture(scope="module")
def reference() -> Tokenizer:
    return oracle(packaged_vocabulary())


def translations() -> list[str]:
    files = ("translations.txt", "translations_beyond.txt", "translated_routes.txt")
    lines = [line for name in files for line in (WRITTEN / name).read_text("utf-8").splitlines()]
    return [text for line in lines for text in (line[:480], *line.split(" | "))]


def test_texts_in_every_language_are_cut_as_the_oracle_does(
    packaged: UnigramPieces, reference: Tokenizer
) -> None:
    texts = translations()
    assert len(texts) > 1000
    for text in texts:
        assert packaged.cut(text).pieces == reference.encode(text).ids, text


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "a", " lead", "trail ", "a  \t\n b", "\u200bx", "\x00", "\u2581\u2581a"),
        *(
            "<s> x </s>",
            "ﬃ \uff12 ｶﾞ",
            "字" * 5000,
            "🙂" * 30,
            "a🙂🙂b🙂",
            "\U0010ffff",
            "é e\u0301",
        ),
    ],
)
def test_odd_texts_are_too(packaged: UnigramPieces, reference: Tokenizer, text: str) -> None:
    assert packaged.cut(text).pieces == reference.encode(text).ids


def test_any_vocabulary_is_cut_as_the_oracle_does(tmp_path: Path) -> None:
    chance = random.Random(4)
    letters = "abé字\u2581🙂"
    made = {"".join(chance.choices(letters, k=chance.randint(1, 5))) for _ in range(300)}
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = [(piece, 0.0) for piece in special]
    vocabulary += [(piece, -chance.randint(1, 4000) / 256) for piece in sorted(made)]
    write_trie(vocabulary, tmp_path / "pieces.npy")
    ours, theirs = UnigramPieces(tmp_path / "pieces.npy"), oracle(vocabulary)
    for _ in range(300):
        text = "".join(chance.choices(letters + " x", k=chance.randint(1, 40)))
        assert ours.cut(text).pieces == theirs.encode(text).ids, text


def test_characters_that_no_piece_has_are_counted(packaged: UnigramPieces) -> None:
    cut = packaged.cut("hotel \U0001b000\U0001b001 \U0001b002")
    assert cut.pieces.count(UNKNOWN) == 2
    assert (cut.unknown, cut.written) == (3, 10)


def test_without_a_vocabulary_there_is_no_tokenizer(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        UnigramPieces(tmp_path / "missing.npy")
