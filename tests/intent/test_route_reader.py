"""Routes as vectors, in steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from extproc.core.routes import Route
from extproc.intent.encoder import Encoder
from extproc.intent.multilingual import LazyMultilingual
from extproc.intent.route_reader import RouteReader
from extproc.intent.stages import Stages
from extproc.intent.static_vectors import StaticVectors
from extproc.intent.tokens import Tokens, fit
from extproc.intent.vectors import Vector
from tests.helpers.handwritten_cases import read_cases

THRESHOLD = 0.14
ROUTES = (
    Route("team_42", "requests of team 42", (), examples=("Write quicksort", "\u200b", "Lunch?")),
    Route("law", "legal advice", ()),
)


class Counting(Encoder):
    """Counts its runs."""

    runs = 0

    def prompt(self, ids: Sequence[int]) -> Vector:
        self.runs += 1
        return super().prompt(ids)

    def route(self, ids: Sequence[int]) -> Vector:
        self.runs += 1
        return super().route(ids)


@pytest.fixture
def encoder() -> Counting:
    return Counting()


@pytest.fixture(scope="module")
def first_stage() -> StaticVectors:
    return StaticVectors()


@pytest.fixture
def reader(encoder: Encoder, first_stage: StaticVectors) -> RouteReader:
    return RouteReader(Stages(Tokens(), first_stage, encoder, LazyMultilingual(), None), THRESHOLD)


def test_each_step_is_one_run_at_most(encoder: Counting, reader: RouteReader) -> None:
    reading = reader.encoding(ROUTES)
    counted = []
    for step in reading.steps:
        before = encoder.runs
        step()
        counted.append(encoder.runs - before)
    assert counted == [1, 1, 0, 1, 1]
    vectors = reading.vectors()
    assert encoder.runs == 4
    assert vectors.descriptions.shape == (2, 384)
    assert [len(given) for given in vectors.examples] == [2, 0]
    assert vectors.thresholds[0] != vectors.thresholds[1] == THRESHOLD


def test_a_text_read_lately_takes_no_run(encoder: Counting, reader: RouteReader) -> None:
    for step in reader.encoding(ROUTES).steps[:3]:
        step()
    assert encoder.runs == 2
    reader.encoding(ROUTES).at_once()
    assert encoder.runs == 4
    reader.forget()
    reader.encoding(ROUTES).at_once()
    assert encoder.runs == 8


def test_the_first_stage_asks_no_encoder(encoder: Counting, reader: RouteReader) -> None:
    many = [Route(f"route {number}", "a task", (), examples=("one",)) for number in range(40)]
    reading = reader.guessing([*ROUTES, *many])
    assert len(reading.steps) == 3
    vectors = reading.at_once()
    assert encoder.runs == 0
    assert vectors.descriptions.shape == (42, 384)
    assert [len(given) for given in vectors.examples] == [2, 0, *[1] * 40]
    assert vectors.thresholds.tolist() == [THRESHOLD] * 42


def test_how_well_the_first_stage_reads_routes(
    reader: RouteReader, first_stage: StaticVectors
) -> None:
    tokens, cases = Tokens(), read_cases()
    right = 0
    for case in cases:
        vectors = reader.guessing(case.routes).at_once()
        texts = [turn.text for turn in reversed(case.conversation) if turn.role == "user"]
        scores = vectors.scores(first_stage.prompt(fit([tokens.ids(text) for text in texts])))
        best = int(np.argmax(scores))
        decided = case.routes[best].name if scores[best] >= THRESHOLD else None
        right += decided == case.expected
    assert len(cases) == 78
    assert right >= 69
