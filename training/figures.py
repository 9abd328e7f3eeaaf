"""How well scores of routes do on sets of labelled conversations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from extproc.core.conversation import Conversation, Turn
from extproc.core.routes import Route
from extproc.evaluation.figures import auroc

__all__ = ["Case", "Figures", "Scores", "figures", "read_cases", "table"]

Scores: TypeAlias = Callable[[Conversation, Sequence[Route]], Sequence[float]]
"""One score per route, in order; none if the conversation has no text."""

_THRESHOLDS = np.arange(-20, 100) / 100


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation, its routes, and the place of the expected one (None: none of them)."""

    conversation: Conversation
    routes: tuple[Route, ...]
    expected: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """Percentages: best route right where there is one; right including "none", per threshold;
    and how well the best score tells "none" apart (area under the ROC curve)."""

    forced: float
    accuracies: np.ndarray
    auroc: float

    def accuracy(self, threshold: float) -> float:
        """Share right including "none" at ``threshold``."""
        return float(self.accuracies[int(np.argmin(np.abs(_THRESHOLDS - threshold)))])


def read_cases(file: Path) -> list[Case]:
    """Read ``{"messages": [...], "routes": [...], "expected": name | null}`` lines."""
    return [_case(json.loads(line)) for line in file.read_text().splitlines()]


def _case(line: dict[str, Any]) -> Case:
    turns = tuple(
        Turn(message["role"], message["content"])
        for message in line["messages"]
        if message["role"] in {"user", "assistant"}
    )
    routes = tuple(Route(route["name"], route["description"], ()) for route in line["routes"])
    names = [route.name for route in routes]
    expected = line["expected"]
    return Case(turns, routes, None if expected is None else names.index(expected))


def figures(cases: Iterable[Case], scores: Scores) -> Figures:
    """Measure ``scores`` on ``cases``."""
    best, right, none = [], [], []
    for case in cases:
        given = np.asarray(scores(case.conversation, case.routes))
        top = int(np.argmax(given)) if len(given) else -1
        best.append(float(given[top]) if len(given) else -1.0)
        right.append(top == case.expected)
        none.append(case.expected is None)
    score, correct, outside = np.array(best), np.array(right), np.array(none)
    matched = score[None, :] >= _THRESHOLDS[:, None]
    accuracies = 100 * np.where(matched, correct, outside).mean(axis=1)
    forced = float(100 * correct[~outside].mean())
    share = auroc(score[~outside].tolist(), score[outside].tolist())
    if share is None:
        return Figures(forced, accuracies, float("nan"))
    return Figures(forced, accuracies, 100 * share)


def best_threshold(measured: Iterable[Figures]) -> float:
    """The threshold with the best mean accuracy."""
    mean = np.mean([one.accuracies for one in measured], axis=0)
    return float(_THRESHOLDS[int(np.argmax(mean))])


def table(measured: Mapping[str, Figures], threshold: float) -> str:
    """The figures as lines of text."""
    lines = [f"{'':22}forced  accuracy  own best  AUROC"]
    for name, one in measured.items():
        lines.append(
            f"{name:22}{one.forced:6.1f}{one.accuracy(threshold):10.1f}"
            f"{one.accuracies.max():10.1f}{one.auroc:7.1f}"
        )
    forced = np.mean([one.forced for one in measured.values()])
    accuracy = np.mean([one.accuracy(threshold) for one in measured.values()])
    return "\n".join([*lines, f"{'mean':22}{forced:6.1f}{accuracy:10.1f}"]) + "\n"
