"""Routes that the embedded classifier cannot tell apart, and routes that it can hardly find."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from extproc.core.conversation import Turn
from extproc.core.routes import Route
from extproc.evaluation.answers import Scorer
from extproc.intent.catch_all import only_takes_the_rest, rest_of, says, takes_the_rest

__all__ = ["ALIKE", "CatchAll", "Overlap", "Vague", "catch_alls", "overlaps", "vague"]

ALIKE: Final = 0.75
"""The similarity from which two routes are reported: of the wordings that the classifier was
trained with, seven in ten pairs for one and the same task reach it, and one in a hundred pairs for
different tasks."""

_LEAST_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two routes that are much alike."""

    first: str
    second: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Vague:
    """A route that can hardly be found, and why."""

    route: str
    reason: str


@dataclass(frozen=True, slots=True)
class CatchAll:
    """A route that says of itself that it takes what no other one does, and what comes of it."""

    route: str
    meaning: str


def catch_alls(routes: Sequence[Route]) -> tuple[CatchAll, ...]:
    """The routes that take the rest, or would."""
    rest = rest_of(routes)
    return tuple(
        CatchAll(route.name, _meaning(route, rest)) for route in routes if takes_the_rest(route)
    )


def _meaning(route: Route, rest: Route | None) -> str:
    if rest is not None and route is not rest:
        found = "nothing" if only_takes_the_rest(route) else "likeness alone"
        return f"it says that it takes the rest, but {rest.name} does: {found} leads to it"
    why = "as fallback: true says" if route.fallback else "as its words say"
    alone = ", and nothing else" if only_takes_the_rest(route) else ""
    return f"it takes what no other route matches{alone}, {why}"


def overlaps(
    routes: Sequence[Route], classifier: Scorer, alike: float = ALIKE
) -> tuple[Overlap, ...]:
    """The pairs of routes that the classifier cannot tell apart, the most similar first."""
    if not routes:
        return ()
    matrix = classifier.similarities(routes)
    pairs = (
        Overlap(routes[one].name, routes[other].name, round(float(matrix[one][other]), 3))
        for one in range(len(routes))
        for other in range(one + 1, len(routes))
    )
    found = (pair for pair in pairs if pair.similarity >= alike)
    return tuple(sorted(found, key=lambda pair: -pair.similarity))


def vague(routes: Sequence[Route], classifier: Scorer) -> tuple[Vague, ...]:
    """The routes whose name or description says too little, or that do not even match that."""
    thresholds = classifier.thresholds(routes)
    return tuple(
        Vague(route.name, reason)
        for position, route in enumerate(routes)
        if not only_takes_the_rest(route)
        for reason in _reasons(routes, position, thresholds[position], classifier)
    )


def _reasons(
    routes: Sequence[Route], position: int, threshold: float, classifier: Scorer
) -> Iterator[str]:
    route = routes[position]
    if not says(route.name):
        yield "its name says nothing of what requests are about"
    if len(says(route.description)) < _LEAST_WORDS:
        yield "its description says too little: write what users ask for, in a few words more"
    scores = classifier.scores((Turn("user", route.description),), routes)
    if scores and scores[position] < threshold:
        yield (
            f"its own description, sent as a prompt, scores {scores[position]:.3f}: less than the "
            f"threshold of {threshold:g} that it must reach"
        )
