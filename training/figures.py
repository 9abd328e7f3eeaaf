"""How well an intent classifier does on sets of labelled conversations."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extproc.config.values import Route
from extproc.dialects.conversation import Turn
from extproc.intent import IntentClassifier
from extproc.intent.embedded import THRESHOLD

__all__ = ["report"]

_MEASURED_ONLY = "clinc_unseen_intent"


@dataclass(frozen=True, slots=True)
class Answer:
    """The best route and its score beside the expected route (None: none)."""

    route: str | None
    score: float
    expected: str | None


def report(folder: Path, classifier: IntentClassifier, threshold: float = THRESHOLD) -> str:
    """Figures per ``.jsonl`` file of ``folder``, as lines of text.

    Args:
        folder: each line ``{"messages": [...], "routes": [...], "expected": name | null}``.
        classifier: one that always names its best route, whatever the score.
        threshold: the score from which a route counts as matched; beside it the best one for the
            sets (but the one of unseen domains, which no constant may be tuned on) is reported.
    """
    sets = {path.stem: _answers(path, classifier) for path in sorted(folder.glob("*.jsonl"))}
    tuned = [answers for name, answers in sets.items() if name != _MEASURED_ONLY]
    candidates = [float(step) / 100 for step in range(61)]
    best = max(candidates, key=lambda t: float(np.mean([_accuracy(a, t) for a in tuned])))
    lines = [f"{'':22}forced  accuracy at {threshold:.2f}  at {best:.2f}"]
    rows = [(name, _figures(answers, threshold, best)) for name, answers in sets.items()]
    mean = np.mean([figures for name, figures in rows if name != _MEASURED_ONLY], axis=0)
    rows.append(("mean of tuned sets", tuple(mean)))
    lines += [f"{name:22}{f:6.1f}{a:18.1f}{b:9.1f}" for name, (f, a, b) in rows]
    near = [best + step / 100 for step in range(-4, 5)]
    plateau = (f"{t:.2f}: {np.mean([_accuracy(a, t) for a in tuned]):.1f}" for t in near)
    return "\n".join([*lines, "accuracy by threshold  " + "  ".join(plateau)]) + "\n"


def _figures(answers: Sequence[Answer], threshold: float, best: float) -> tuple[float, ...]:
    return _forced(answers), _accuracy(answers, threshold), _accuracy(answers, best)


def _forced(answers: Sequence[Answer]) -> float:
    inside = [answer.route == answer.expected for answer in answers if answer.expected is not None]
    return 100 * sum(inside) / len(inside)


def _accuracy(answers: Sequence[Answer], threshold: float) -> float:
    right = [(a.route if a.score >= threshold else None) == a.expected for a in answers]
    return 100 * sum(right) / len(right)


def _answers(path: Path, classifier: IntentClassifier) -> list[Answer]:
    return asyncio.run(_classify(path.read_text().splitlines(), classifier))


async def _classify(lines: Sequence[str], classifier: IntentClassifier) -> list[Answer]:
    answers = []
    for line in lines:
        case = json.loads(line)
        turns = tuple(
            Turn(message["role"], message["content"])
            for message in case["messages"]
            if message["role"] in {"user", "assistant"}
        )
        routes = [Route(route["name"], route["description"], ()) for route in case["routes"]]
        intent = await classifier.classify(turns, routes)
        answers.append(Answer(intent.route, intent.score or 0.0, case["expected"]))
    return answers
