"""A list of routes as the encoder sees it: vectors, examples, and the score from which each counts.

A route's score is the likeness of the conversation to its description; one with ``examples`` has
0.65 of that plus 0.35 of the likeness to its nearest example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from extproc.core.routes import Route
from extproc.intent.catch_all import only_takes_the_rest
from extproc.intent.vectors import Thresholds, Vector

__all__ = ["OUT_OF_REACH", "RouteVectors", "route_vectors", "settled_threshold"]

OUT_OF_REACH: Final = 2.0
"""The threshold of a route that takes only what no other one matches."""

_DESCRIPTION_SHARE = np.float32(0.65)
_EXAMPLE_SHARE = np.float32(0.35)


@dataclass(frozen=True, slots=True)
class RouteVectors:
    """``descriptions`` has a row per route; ``examples`` a matrix per route, of no rows if none."""

    descriptions: Vector
    examples: tuple[Vector, ...]
    thresholds: Thresholds

    def scores(self, prompt: Vector) -> Vector:
        """The score of every route."""
        return _scores(self.descriptions, self.examples, prompt)

    def similarities(self) -> Vector:
        """The likeness of every route's description to every other's."""
        return self.descriptions @ self.descriptions.T


def route_vectors(
    routes: Sequence[Route],
    descriptions: Sequence[Vector],
    examples: Sequence[Sequence[Vector]],
    threshold: float,
    *,
    by_examples: bool = True,
) -> RouteVectors:
    """Put the vectors of a list of routes together.

    A route with examples but no threshold of its own has one moved half-way to what would tell its
    examples, each left out in turn, best from the other routes' (leave-one-out).

    Args:
        routes: not empty.
        descriptions: the vector of each route's description.
        examples: the vectors of each route's examples.
        threshold: for routes that set none themselves.
        by_examples: whether examples move thresholds, for which each is compared with every other.
    """
    rows = np.stack(descriptions)
    none = np.zeros((0, rows.shape[1]), np.float32)
    given = tuple(np.stack(some) if some else none for some in examples)
    thresholds = [
        _threshold(route, place, rows, given if by_examples else (none,) * len(given), threshold)
        for place, route in enumerate(routes)
    ]
    return RouteVectors(rows, given, np.array(thresholds))


def settled_threshold(route: Route) -> float | None:
    """The threshold of a route whatever the usual one is; None where it goes by that."""
    if route.threshold is not None:
        return route.threshold
    return OUT_OF_REACH if only_takes_the_rest(route) else None


def _scores(descriptions: Vector, examples: Sequence[Vector], prompt: Vector) -> Vector:
    scores: Vector = descriptions @ prompt
    for place, given in enumerate(examples):
        if len(given):
            nearest = (given @ prompt).max()
            scores[place] = _DESCRIPTION_SHARE * scores[place] + _EXAMPLE_SHARE * nearest
    return scores


def _threshold(
    route: Route, place: int, descriptions: Vector, examples: Sequence[Vector], usual: float
) -> float:
    settled = settled_threshold(route)
    if settled is not None:
        return settled
    own = examples[place]
    if not len(own):
        return usual
    description = descriptions[place : place + 1]
    inside = [
        _scores(description, [np.delete(own, nth, axis=0)], example)[0]
        for nth, example in enumerate(own)
    ]
    outside = [
        _scores(description, [own], example)[0]
        for other, given in enumerate(examples)
        if other != place
        for example in given
    ]
    return (usual + _nearest_best(np.array(inside), np.array(outside), usual)) / 2


def _nearest_best(inside: Vector, outside: Vector, usual: float) -> float:
    # Between two scores all thresholds are as good; of the best ones, the nearest to the usual
    # moves no further than the examples ask for.
    edges = np.unique(np.concatenate([inside, outside]).astype(np.float64))
    between = (edges[1:] + edges[:-1]) / 2
    candidates = np.concatenate([[usual], edges[:1] - 0.01, between, edges[-1:] + 0.01])
    found = (inside[None, :] >= candidates[:, None]).mean(axis=1)
    passed = (outside[None, :] < candidates[:, None]).mean(axis=1) if len(outside) else 1.0
    gains = found + passed
    best = candidates[gains >= gains.max() - 1e-9]
    return float(best[np.argmin(np.abs(best - usual))])
