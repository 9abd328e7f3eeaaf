"""Routes that the embedded classifier cannot tell apart, and routes that it can hardly find."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from extproc.core.conversation import Turn
from extproc.core.routes import Route
from extproc.evaluation.answers import Scorer

__all__ = ["ALIKE", "Overlap", "Vague", "overlaps", "vague"]

ALIKE: Final = 0.75
"""The similarity from which two routes are reported: of the wordings that the classifier was
trained with, seven in ten pairs for one and the same task reach it, and one in a hundred pairs for
different tasks."""

_LEAST_WORDS: Final = 2
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
# Words that say of no request what it is about.
_EMPTY: Final = frozenset(
    re.findall(
        r"\w+",
        """
        a about all an and any anything are as ask asks asked be by can default do does etc else
        everything fallback for from general generic get give help how i in into is it its kind
        like main me misc miscellaneous model models my new normal not of on or other others
        preference prompt prompts queries query question questions random regular request requests
        rest route routes some something standard stuff such task tasks test that the their them
        these they thing things this to topic topics type use used user users using various want
        wants when where which who with you your
        """,
    )
)


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
        for reason in _reasons(routes, position, thresholds[position], classifier)
    )


def _reasons(
    routes: Sequence[Route], position: int, threshold: float, classifier: Scorer
) -> Iterator[str]:
    route = routes[position]
    if _says(route.name) < 1:
        yield "its name says nothing of what requests are about"
    if _says(route.description) < _LEAST_WORDS:
        yield "its description says too little: write what users ask for, in a few words more"
    scores = classifier.scores((Turn("user", route.description),), routes)
    if scores and scores[position] < threshold:
        yield (
            f"its own description, sent as a prompt, scores {scores[position]:.3f}: less than the "
            f"threshold of {threshold:g} that it must reach"
        )


def _says(text: str) -> int:
    """How many of its words say something; other writings than Latin are not judged."""
    if any(letter.isalpha() and not letter.isascii() for letter in text):
        return _LEAST_WORDS
    words = {word.lower() for word in _WORD.findall(text)}
    return sum(len(word) > 1 and word not in _EMPTY for word in words)
