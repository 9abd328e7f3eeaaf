"""From the scores of routes to an answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from extproc.core.routes import Route
from extproc.intent import Intent
from extproc.intent.cascade import winner
from extproc.intent.catch_all import rest_of
from extproc.intent.vectors import Thresholds, Vector

__all__ = ["intent_from"]


def intent_from(
    scores: Vector, thresholds: Thresholds, routes: Sequence[Route], classifier: str
) -> Intent:
    """The best route that reaches its threshold, else the one that takes the rest, else none; and
    the best of the others.

    Args:
        scores: a score for each route.
        thresholds: the score from which each matches.
        routes: not empty.
        classifier: who scored them.
    """
    best = winner(scores, thresholds)
    chosen: Route | None = routes[best]
    matched = bool(scores[best] >= thresholds[best])
    if not matched:
        chosen = rest_of(routes)
        best = best if chosen is None else routes.index(chosen)
    name, score = None if chosen is None else chosen.name, float(scores[best])
    took_the_rest = chosen is not None and not matched
    if len(routes) == 1:
        return Intent(name, score, classifier=classifier, took_the_rest=took_the_rest)
    rest = scores.copy()
    rest[best] = -2.0
    second = int(np.argmax(rest))
    return Intent(
        name,
        score,
        runner_up=routes[second].name,
        runner_up_score=float(scores[second]),
        classifier=classifier,
        took_the_rest=took_the_rest,
    )
