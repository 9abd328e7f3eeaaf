"""Which threshold would have been best for some cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from extproc.core.routes import Route
from extproc.evaluation.answers import Answer
from extproc.intent.cascade import winner
from extproc.intent.catch_all import rest_of
from extproc.intent.route_vectors import settled_threshold

__all__ = ["Suggestion", "suggestion"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A threshold, and the accuracy that it would have had."""

    threshold: float
    accuracy: float


def suggestion(answers: Sequence[Answer]) -> Suggestion | None:
    """The threshold that makes most answers right: the middle of the widest such range of scores.

    Routes with a threshold of their own keep it.

    Returns:
        None where the answers cannot tell: there are no scores, or no cases with a route, or none
        without one.
    """
    bests = [(answer, answer.best) for answer in answers]
    free = [
        (answer, answer.case.routes[best], answer.scores[best])
        for answer, best in bests
        if best is not None and settled_threshold(answer.case.routes[best]) is None
    ]
    kinds = {answer.case.expected == _rest(answer) for answer, _, _ in free}
    if kinds != {True, False}:
        return None
    scores = np.array([score for _, _, score in free])
    order = np.argsort(scores)
    scores = scores[order]
    named = np.array([best.name == answer.case.expected for answer, best, _ in free])[order]
    none = np.array([answer.case.expected == _rest(answer) for answer, _, _ in free])[order]
    # From below all scores (every best route matches) to above all of them (none does).
    right = (
        np.concatenate(([0], np.cumsum(none)))
        + named.sum()
        - np.concatenate(([0], np.cumsum(named)))
    )
    edges = np.concatenate(([-1.0], scores, [1.0]))
    widths = np.diff(edges)
    # Between equal scores no threshold fits.
    possible = np.where(widths > 0, right, -1)
    best = max(range(len(possible)), key=lambda index: (possible[index], widths[index]))
    threshold = round(float(edges[best] + edges[best + 1]) / 2, 3)
    return Suggestion(threshold, _accuracy(answers, threshold))


def _accuracy(answers: Sequence[Answer], threshold: float) -> float:
    """The share of answers that would be right, all other things being equal."""
    return sum(_would_be_right(answer, threshold) for answer in answers) / len(answers)


def _would_be_right(answer: Answer, threshold: float) -> bool:
    if not answer.scores:
        return answer.right
    routes = answer.case.routes
    scores = np.array(answer.scores, np.float32)
    thresholds = np.array([_threshold_of(route, threshold) for route in routes])
    best = winner(scores, thresholds)
    name = routes[best].name if scores[best] >= thresholds[best] else _rest(answer)
    return name == answer.case.expected


def _rest(answer: Answer) -> str | None:
    """Who has what no route matches: a route that takes the rest, or none."""
    rest = rest_of(answer.case.routes)
    return None if rest is None else rest.name


def _threshold_of(route: Route, usual: float) -> float:
    settled = settled_threshold(route)
    return usual if settled is None else settled
