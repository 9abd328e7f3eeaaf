"""The first stage: vectors near the encoder's, from words alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from extproc.intent.encoder import Encoder
from extproc.intent.excerpts import excerpts
from extproc.intent.static_vectors import TABLES, StaticVectors, rows_of
from extproc.intent.tokens import END, Tokens, fit
from extproc.intent.vectors import WIDTH
from tests.helpers.handwritten_cases import read_cases


@pytest.fixture(scope="module")
def vectors() -> StaticVectors:
    return StaticVectors()


@pytest.fixture(scope="module")
def ids() -> list[list[int]]:
    tokens = Tokens()
    conversations = {case.conversation for case in read_cases()}
    return [
        fit([tokens.ids(part) for part in excerpts(conversation)])
        for conversation in sorted(conversations, key=str)
    ]


def test_vectors_have_unit_length(vectors: StaticVectors, ids: list[list[int]]) -> None:
    for one in [*ids, [101, 102], [101, *[2003] * 62, 102]]:
        vector = vectors.prompt(one)
        assert vector.shape == (WIDTH,)
        assert vector.dtype == np.float32
        assert np.isclose(vector @ vector, 1, atol=1e-5)


def test_they_point_where_the_encoder_s_do(vectors: StaticVectors, ids: list[list[int]]) -> None:
    encoder = Encoder()
    expected = np.stack([encoder.prompt(one) for one in ids])
    likeness = np.stack([vectors.prompt(one) for one in ids]) @ expected.T
    own = np.diag(likeness)
    assert own.mean() > 0.6
    assert own.mean() > likeness.mean() + 0.4


def test_order_of_words_counts_little_but_turns_count(vectors: StaticVectors) -> None:
    tokens = Tokens()
    code, poem = tokens.ids("write a python function"), tokens.ids("compose a sad poem")
    latest_code, latest_poem = (
        vectors.prompt(fit(parts)) for parts in ([code, poem], [poem, code])
    )
    only_code = vectors.prompt(fit([code]))
    assert latest_code @ only_code > latest_poem @ only_code


def test_what_tells_most_is_kept_in_its_order(vectors: StaticVectors) -> None:
    tokens = Tokens()
    code, poem = tokens.ids("please write the python function"), tokens.ids("or a poem of the sea")
    ids = fit([code, poem])
    kept = vectors.telling(ids, 8)
    assert len(kept) == 8
    assert kept[0] == ids[0]
    assert list(kept).count(END) == 2
    places = [ids.index(one) for one in kept if one != END]
    assert places == sorted(places)
    assert {*tokens.ids("python function")} <= {*kept}
    assert vectors.telling(ids, len(ids)) == ids


def test_the_tables_are_small(tmp_path: Path) -> None:
    assert TABLES.stat().st_size + rows_of(TABLES).stat().st_size < 11_000_000
    with pytest.raises(FileNotFoundError):
        StaticVectors(tmp_path / "missing.npz")
