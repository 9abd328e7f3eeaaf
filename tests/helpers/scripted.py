"""Answers made up for tests of what is computed from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from extproc.core.conversation import Conversation, Turn
from extproc.core.routes import Route
from extproc.evaluation.answers import Answer
from extproc.evaluation.cases import Case
from extproc.intent import Intent

__all__ = ["ROUTES", "ScriptedScorer", "answer"]

ROUTES = (Route("code", "writing code", ("m",)), Route("law", "legal advice", ("m",)))


def answer(
    expected: str | None,
    answered: str | None,
    scores: tuple[float, ...] = (),
    *,
    seconds: float = 0.001,
    routes: Sequence[Route] = ROUTES,
) -> Answer:
    case = Case("[0]", (Turn("user", "Hello"),), tuple(routes), expected)
    return Answer(case, Intent(answered, max(scores, default=None)), seconds, scores)


class ScriptedScorer:
    """A scorer whose scores are those of the words that it was made with."""

    def __init__(
        self,
        scores: dict[str, tuple[float, ...]],
        threshold: float = 0.2,
        similarities: Any = None,
    ) -> None:
        self._scores = scores
        self._threshold = threshold
        self._similarities = similarities
        self.compared: list[Sequence[Route]] = []

    def scores(
        self, conversation: Conversation, routes: Sequence[Route], _: Sequence[str] = ()
    ) -> tuple[float, ...]:
        return self._scores.get(conversation[-1].text, (1.0,) * len(routes))

    def thresholds(self, routes: Sequence[Route]) -> tuple[float, ...]:
        return (self._threshold,) * len(routes)

    def similarities(self, routes: Sequence[Route]) -> Any:
        self.compared.append(routes)
        return np.eye(len(routes)) if self._similarities is None else self._similarities
