"""Scores and thresholds of a list of routes."""

from __future__ import annotations

import numpy as np
import pytest

from extproc.core.routes import Route
from extproc.intent.route_vectors import RouteVectors, route_vectors
from extproc.intent.vectors import Vector

USUAL = 0.3


def at(degrees: float) -> Vector:
    """A unit vector in the plane."""
    angle = np.radians(degrees)
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def together(
    *routes: tuple[Vector, list[Vector]], thresholds: tuple[float | None, ...] = ()
) -> RouteVectors:
    own = thresholds or (None,) * len(routes)
    named = [Route(f"r{n}", "", (), threshold=given) for n, given in enumerate(own)]
    return route_vectors(named, [d for d, _ in routes], [e for _, e in routes], USUAL)


def test_without_examples_a_score_is_the_cosine() -> None:
    vectors = together((at(0), []), (at(90), []))
    assert vectors.scores(at(30)) == pytest.approx([np.cos(np.pi / 6), 0.5], abs=1e-6)
    assert vectors.thresholds.tolist() == pytest.approx([USUAL, USUAL])


def test_with_examples_the_nearest_counts_a_third() -> None:
    vectors = together((at(0), [at(60), at(180)]))
    expected = 0.65 * np.cos(np.radians(50)) + 0.35 * np.cos(np.radians(10))
    assert vectors.scores(at(50)) == pytest.approx([expected], abs=1e-6)


def test_a_threshold_of_its_own_stands_whatever_the_examples() -> None:
    examples = [at(0), at(10), at(20)]
    vectors = together((at(0), examples), (at(90), []), thresholds=(0.9, None))
    assert vectors.thresholds.tolist() == pytest.approx([0.9, USUAL])


def test_examples_that_the_usual_threshold_tells_leave_it() -> None:
    near = [at(0), at(10), at(-10)]
    far = [at(170), at(180), at(190)]
    assert together((at(0), near), (at(180), far)).thresholds.tolist() == pytest.approx(
        [USUAL, USUAL]
    )


def test_strangers_above_the_usual_threshold_move_it_up_half_way() -> None:
    near = [at(0), at(5), at(-5)]
    strangers = [at(40), at(45), at(50)]
    vectors = together((at(0), near), (at(45), strangers))
    moved = float(vectors.thresholds[0])
    highest_stranger = float(0.65 * np.cos(np.radians(40)) + 0.35 * np.cos(np.radians(35)))
    lowest_own = float(0.65 * np.cos(np.radians(5)) + 0.35 * np.cos(np.radians(5)))
    optimum = 2 * moved - USUAL
    assert highest_stranger < optimum <= lowest_own + 0.001


def test_examples_below_the_usual_threshold_move_it_down() -> None:
    low = [at(75), at(80), at(85)]
    vectors = together((at(0), low))
    assert float(vectors.thresholds[0]) < USUAL + 1e-6
    alone = 0.65 * np.cos(np.radians(85)) + 0.35 * np.cos(np.radians(5))
    assert float(vectors.thresholds[0]) == pytest.approx((USUAL + min(USUAL, alone - 0.01)) / 2)


def test_a_single_example_counts_by_its_description_alone_when_left_out() -> None:
    vectors = together((at(0), [at(80)]))
    alone = float(np.cos(np.radians(80)))
    assert float(vectors.thresholds[0]) == pytest.approx((USUAL + alone - 0.01) / 2, abs=1e-4)


def test_likeness_of_routes_is_a_symmetric_matrix() -> None:
    likeness = together((at(0), []), (at(60), []), (at(180), [])).similarities()
    assert likeness == pytest.approx(likeness.T)
    assert np.diag(likeness) == pytest.approx([1, 1, 1], abs=1e-6)
    assert likeness[0, 1:] == pytest.approx([0.5, -1], abs=1e-6)
