"""How right a classifier's answers are, in figures from 0 to 1; None is "cannot be told"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from extproc.evaluation.answers import Answer
from extproc.intent.catch_all import only_takes_the_rest

__all__ = ["Figures", "RouteFigures", "auroc", "figures"]


@dataclass(frozen=True, slots=True)
class RouteFigures:
    """One route, or None for none of them.

    ``expected`` counts its cases, ``answered`` the answers that named it, ``both`` those that were
    right to.
    """

    route: str | None
    expected: int
    answered: int
    both: int

    @property
    def precision(self) -> float | None:
        """The share of the answers naming it that are right."""
        return self.both / self.answered if self.answered else None

    @property
    def recall(self) -> float | None:
        """The share of its cases that are answered right."""
        return self.both / self.expected if self.expected else None


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one evaluation.

    ``accuracy`` is the share of cases answered right, "none" included. ``forced_accuracy`` is the
    share of the cases with a route whose best-scoring route is the right one, whatever its score;
    cases of a route that only takes the rest are not among them.
    ``auroc`` is how well the best score tells cases with a route from those without, or of such a
    route: the chance that one of the former scores higher. ``confusion`` counts (expected,
    answered). ``p50`` and ``p99`` are milliseconds for one answer.
    """

    cases: int
    accuracy: float
    forced_accuracy: float | None
    auroc: float | None
    p50: float
    p99: float
    confusion: Mapping[tuple[str | None, str | None], int]
    routes: tuple[RouteFigures, ...]

    @property
    def none(self) -> RouteFigures:
        """The figures of "none"."""
        return self.routes[-1]

    def as_json(self) -> dict[str, Any]:
        """The figures that are compared from one evaluation to the next."""
        return {
            "cases": self.cases,
            "forced_accuracy": self.forced_accuracy,
            "accuracy": self.accuracy,
            "null_precision": self.none.precision,
            "null_recall": self.none.recall,
            "auroc": self.auroc,
            "latency_ms": {"p50": self.p50, "p99": self.p99},
        }


def figures(answers: Sequence[Answer]) -> Figures:
    """The figures of some answers, at least one."""
    confusion = Counter((answer.case.expected, answer.intent.route) for answer in answers)
    milliseconds = [1000 * answer.seconds for answer in answers]
    p50, p99 = np.percentile(milliseconds, (50, 99))
    return Figures(
        cases=len(answers),
        accuracy=sum(answer.right for answer in answers) / len(answers),
        forced_accuracy=_forced(answers),
        auroc=_auroc_of_none(answers),
        p50=round(float(p50), 3),
        p99=round(float(p99), 3),
        confusion=confusion,
        routes=_by_route(answers, confusion),
    )


def auroc(higher: Sequence[float], lower: Sequence[float]) -> float | None:
    """The chance that one of ``higher`` exceeds one of ``lower``; ties count half.

    It is the area under the ROC curve (Mann and Whitney's U, divided by the number of pairs).
    """
    if not higher or not lower:
        return None
    ordered = np.sort(np.asarray(lower))
    below = np.searchsorted(ordered, higher, side="left")
    not_above = np.searchsorted(ordered, higher, side="right")
    return float((below + not_above).sum()) / (2 * len(higher) * len(lower))


def _forced(answers: Sequence[Answer]) -> float | None:
    hits = [
        answer.case.routes[answer.best].name == answer.case.expected
        for answer in answers
        if answer.best is not None and not _has_the_rest(answer)
    ]
    return sum(hits) / len(hits) if hits else None


def _has_the_rest(answer: Answer) -> bool:
    """Whether the case is for no route, or for one that likeness does not find."""
    expected = answer.case.expected
    return expected is None or any(
        route.name == expected and only_takes_the_rest(route) for route in answer.case.routes
    )


def _auroc_of_none(answers: Sequence[Answer]) -> float | None:
    scored = [
        (answer.scores[answer.best], _has_the_rest(answer))
        for answer in answers
        if answer.best is not None
    ]
    return auroc(
        [score for score, has_the_rest in scored if not has_the_rest],
        [score for score, has_the_rest in scored if has_the_rest],
    )


def _by_route(
    answers: Sequence[Answer], confusion: Mapping[tuple[str | None, str | None], int]
) -> tuple[RouteFigures, ...]:
    """Every route that could be answered, in the order in which they come up; none is the last."""
    names = dict.fromkeys(route.name for answer in answers for route in answer.case.routes)
    expected: Counter[str | None] = Counter()
    answered: Counter[str | None] = Counter()
    for (right, given), count in confusion.items():
        expected[right] += count
        answered[given] += count
    return tuple(
        RouteFigures(name, expected[name], answered[name], confusion.get((name, name), 0))
        for name in (*names, None)
    )
