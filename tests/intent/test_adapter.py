"""The layer that moves prompts' vectors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from extproc.intent.adapter import Adapter
from extproc.intent.encoder import Encoder
from extproc.intent.static_vectors import StaticVectors
from extproc.intent.tokens import Tokens, fit
from extproc.intent.vectors import WIDTH


@pytest.fixture(scope="module")
def ids() -> list[int]:
    return fit([Tokens().ids("make the sidebar collapsible")])


def test_vectors_stay_of_unit_length(ids: list[int]) -> None:
    encoder = Encoder()
    for vector in (encoder.prompt(ids), *encoder.halves(ids)):
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_it_is_laid_over_prompts_and_not_over_routes(ids: list[int]) -> None:
    moved, plain = Encoder(), Encoder(adapter=None)
    assert np.array_equal(moved.prompt(ids), Adapter()(*plain.halves(ids)))
    assert not np.allclose(moved.prompt(ids), plain.prompt(ids), atol=1e-3)
    assert np.array_equal(moved.route(ids), plain.route(ids))


def test_the_first_stage_has_learned_it(ids: list[int]) -> None:
    guess = StaticVectors().prompt(ids)
    assert guess @ Encoder().prompt(ids) > guess @ Encoder(adapter=None).prompt(ids)


def test_without_weights_of_its_own_it_moves_nothing(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing.npz"
    np.savez(
        nothing,
        inward=np.zeros((2 * WIDTH, 2), np.float16),
        bias=np.ones(2, np.float16),
        outward=np.zeros((2, WIDTH), np.float16),
    )
    vector = np.full(WIDTH, WIDTH**-0.5, np.float32)
    assert np.allclose(Adapter(nothing)(vector, -vector), vector)
