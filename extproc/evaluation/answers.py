"""What a classifier answers to cases, and how long that takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from extproc.core.conversation import Conversation
from extproc.core.routes import Route
from extproc.evaluation.cases import Case
from extproc.intent import Intent, IntentClassifier
from extproc.intent.catch_all import only_takes_the_rest
from extproc.intent.users_words import users_words

__all__ = ["Answer", "Scorer", "answers_to"]


class Scorer(Protocol):
    """What the embedded classifier can tell beside its answer."""

    def scores(
        self, conversation: Conversation, routes: Sequence[Route], tools: Sequence[str] = ()
    ) -> tuple[float, ...]:
        """The score of each route, in declared order; empty where no user turn has text."""
        ...

    def thresholds(self, routes: Sequence[Route]) -> tuple[float, ...]:
        """The score from which each route matches."""
        ...

    def similarities(self, routes: Sequence[Route]) -> Any:
        """How like each other the routes are: a square matrix."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """A case and what was answered, in ``seconds``.

    Where the classifier scores routes, ``scores`` has one for each of the case's, else it is empty.
    """

    case: Case
    intent: Intent
    seconds: float
    scores: tuple[float, ...] = ()

    @property
    def right(self) -> bool:
        return self.intent.route == self.case.expected

    @property
    def best(self) -> int | None:
        """The position of the best-scoring route, matched or not, of those that likeness can find;
        None if there are no scores or no such routes."""
        found = [
            place
            for place, _ in enumerate(self.scores)
            if not only_takes_the_rest(self.case.routes[place])
        ]
        return max(found, key=self.scores.__getitem__, default=None)


async def answers_to(
    cases: Iterable[Case],
    classifier: IntentClassifier,
    scorer: Scorer | None,
    clock: Callable[[], float],
    seen: Callable[[], None] = lambda: None,
) -> tuple[Answer, ...]:
    """Put each case to the classifier, one after the other.

    Args:
        cases: the cases.
        classifier: who answers.
        scorer: who gives scores beside; None where the classifier has none.
        clock: the time in seconds.
        seen: called after each answer.

    Raises:
        ClassificationError: no answer could be had.
    """
    answers: list[Answer] = []
    known: tuple[Route, ...] = ()
    for case in cases:
        if scorer is not None and case.routes != known:
            # A configuration's routes are taken in once, so that is no part of an answer's time.
            scorer.similarities(case.routes)
            known = case.routes
        began = clock()
        words = users_words(case.conversation)
        intent = Intent(None)
        if words:
            intent = await classifier.classify(words, case.routes, case.tools)
        seconds = clock() - began
        scores = () if scorer is None else scorer.scores(words, case.routes, case.tools)
        answers.append(Answer(case, intent, seconds, scores))
        seen()
    return tuple(answers)
