"""The packaged encoder: unit vectors that depend on their own text and nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from extproc.intent.encoder import WEIGHTS, Encoder
from extproc.intent.outline import outline
from extproc.intent.quiet_runtime import onnxruntime
from extproc.intent.tokens import Tokens, fit
from extproc.intent.vectors import WIDTH

TEXTS = (
    "Write a Python function that implements binary search",
    "hello",
    "😀 请 résumé \x00",
    "why is my pod evicted " * 40,
    "x",
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture(scope="module")
def ids() -> list[list[int]]:
    tokens = Tokens()
    return [fit([tokens.ids(text)]) for text in TEXTS]


def test_vectors_have_unit_length(encoder: Encoder, ids: list[list[int]]) -> None:
    for one in ids:
        for vector in (encoder.prompt(one), encoder.route(one)):
            assert vector.shape == (WIDTH,)
            assert vector.dtype == np.float32
            assert np.isclose(vector @ vector, 1, atol=1e-5)


def test_a_prompt_and_a_route_of_the_same_words_differ(
    encoder: Encoder, ids: list[list[int]]
) -> None:
    assert encoder.prompt(ids[0]) @ encoder.route(ids[0]) < 0.999


def test_a_vector_does_not_depend_on_what_ran_before(
    encoder: Encoder, ids: list[list[int]]
) -> None:
    first = [encoder.prompt(one) for one in ids]
    again = [encoder.prompt(one) for one in reversed(ids)][::-1]
    fresh = Encoder()
    assert np.array_equal(first, again)
    assert np.array_equal(first, [fresh.prompt(one) for one in ids])


def test_a_vector_does_not_depend_on_neighbours_in_other_threads(
    encoder: Encoder, ids: list[list[int]]
) -> None:
    alone = [encoder.prompt(one) for one in ids]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(encoder.prompt, ids * 10))
    assert np.array_equal(alone * 10, together)


def test_a_vector_does_not_depend_on_the_number_of_threads(ids: list[list[int]]) -> None:
    encoder = Encoder(adapter=None)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 4
    session = onnxruntime.InferenceSession(
        str(WEIGHTS), options, providers=["CPUExecutionProvider"]
    )
    for one in ids:
        given = {"ids": np.array(one, np.int64), "kind": np.array(0, np.int64)}
        assert np.array_equal(session.run(None, given)[0], encoder.prompt(one))


def test_the_outline_is_of_these_weights(tmp_path: Path, ids: list[list[int]]) -> None:
    alone = tmp_path / "encoder.onnx"
    alone.symlink_to(WEIGHTS)
    assert outline(WEIGHTS).exists()
    assert not outline(alone).exists()
    mapped, copied = (Encoder(weights, adapter=None) for weights in (WEIGHTS, alone))
    for one in ids:
        assert np.array_equal(mapped.halves(one), copied.halves(one))
        assert np.array_equal(mapped.route(one), copied.route(one))


def test_an_outline_that_is_elsewhere_is_left_alone(tmp_path: Path, ids: list[list[int]]) -> None:
    weights, elsewhere = tmp_path / "encoder.onnx", tmp_path / "elsewhere"
    weights.symlink_to(WEIGHTS)
    elsewhere.write_bytes(outline(WEIGHTS).read_bytes())
    outline(weights).symlink_to(elsewhere)
    linked, packaged = (Encoder(one, adapter=None) for one in (weights, WEIGHTS))
    assert np.array_equal(linked.route(ids[0]), packaged.route(ids[0]))


def test_the_encoder_is_small() -> None:
    assert WEIGHTS.stat().st_size < 24_000_000


def test_without_weights_there_is_no_encoder(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"missing\.onnx"):
        Encoder(tmp_path / "missing.onnx")
