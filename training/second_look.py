"""What a second look at close calls gives, and what the published model's scores give, mixed in.

    python -m training.second_look DEVELOPMENT [--every 1]

A second look decides between the encoder's two best routes where they are close, never whether one
matches. Prompts are parted into two halves; what is chosen on one is measured on the other, and the
other way round, so that no prompt is measured by what it has chosen. The held-out sets choose
nothing. Nothing of this is in the package: the model card has the rows and says why.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np

from extproc.core.conversation import Turn
from extproc.intent.threshold import THRESHOLD
from extproc.intent.vectors import Vector
from training.development import HELD_OUT, development_sets, topical_cases
from training.figures import Case, Figures, figures
from training.looks import LATE_INTERACTION, PUBLISHED, Answer, Looks, networks
from training.real_use import RealCase, real_cases

__all__ = ["Candidate", "held", "mixed", "second_look"]

_WIDTHS = (0.03, 0.06, 0.1, 0.2)
_WEIGHTS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0)
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
_THRESHOLDS = tuple((np.arange(8, 25) / 100).tolist())
_APART = ("topical", "agent")
_HELD_OUT = ("topical, held out", "agent, held out")

Sets: TypeAlias = Mapping[str, Sequence[Answer]]
Scoring: TypeAlias = Callable[[Answer], Vector]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to score an answer's routes anew."""

    label: str
    scores: Scoring


def second_look(answer: Answer, look: str, width: float, weight: float) -> Vector:
    """The scores, those of the two best routes exchanged if the look prefers the second enough.

    Args:
        answer: the case.
        look: which look.
        width: how close the two must be.
        weight: by what the look's preference is multiplied before it is set against the scores'.
    """
    if not answer.close(width):
        return answer.scores
    best, second = answer.best_two()
    seen = answer.looks[look]
    lead = answer.scores[best] - answer.scores[second] + weight * (seen[best] - seen[second])
    return answer.scores if lead >= 0 else _exchanged(answer, best, second)


def mixed(answer: Answer, look: str, share: float, threshold: float) -> Vector:
    """The encoder's scores mixed with ``share`` of a look's, moved so that ``threshold`` is where
    the packaged one was."""
    if answer.settled:
        return answer.scores
    scores: Vector = (1 - share) * answer.scores + share * answer.looks[look]
    return scores + np.float32(THRESHOLD - threshold)


def held(sets: Sets, candidates: Sequence[Candidate]) -> Candidate:
    """Choose the best candidate on either half, by the mean accuracy of the sets that
    are not held out.

    Returns:
        One that scores each half by the other's choice; its label has both.
    """
    chosen = []
    for half in (0, 1):
        part = {
            name: [answer for answer in answers if answer.half == half]
            for name, answers in sets.items()
            if name not in _HELD_OUT
        }
        means = [_mean(_measured(part, candidate.scores).values()) for candidate in candidates]
        chosen.append(candidates[int(np.argmax(means))])
    label = ", ".join(dict.fromkeys(candidate.label for candidate in chosen))
    return Candidate(label, lambda answer: chosen[1 - answer.half].scores(answer))


def _measured(sets: Sets, scores: Scoring) -> dict[str, Figures]:
    found = {}
    for name, answers in sets.items():
        given = map(scores, answers)
        cases = [answer.case for answer in answers]
        found[name] = figures(cases, lambda *_, given=given: next(given).tolist())
    return found


def _mean(measured: Iterable[Figures]) -> float:
    return float(np.mean([one.accuracy(THRESHOLD) for one in measured]))


def _row(title: str, sets: Sets, scores: Scoring) -> str:
    found = _measured(sets, scores)
    apart = [found.pop(name) for name in (*_APART, *_HELD_OUT)]
    forced = float(np.mean([one.forced for one in found.values()]))
    shares = [f"{forced:.1f} / {_mean(found.values()):.1f}"]
    shares += [f"{one.forced:.1f} / {one.accuracy(THRESHOLD):.1f}" for one in apart]
    return f"{title:62}" + "".join(f"{share:>18}" for share in shares)


def _close_calls(sets: Sets, width: float, scores: Scoring) -> str:
    every = [a for name, answers in sets.items() if name not in _HELD_OUT for a in answers]
    close = {"close": [answer for answer in every if answer.close(width)]}
    ways: tuple[Scoring, ...] = (lambda answer: answer.scores, scores, _decided_right)
    before, after, most = (_mean(_measured(close, way).values()) for way in ways)
    share = 100 * len(close["close"]) / len(every)
    return f"   {share:.0f} % are close, right {before:.1f} -> {after:.1f}, at most {most:.1f}"


def _decided_right(answer: Answer) -> Vector:
    best, second = answer.best_two()
    return _exchanged(answer, best, second) if answer.case.expected == second else answer.scores


def _exchanged(answer: Answer, best: int, second: int) -> Vector:
    scores = answer.scores.copy()
    scores[[best, second]] = scores[[second, best]]
    return scores


def _looking(look: str, width: float) -> list[Candidate]:
    return [
        Candidate(f"{weight:g}", partial(second_look, look=look, width=width, weight=weight))
        for weight in _WEIGHTS
    ]


def _mixing(shares: Sequence[float], thresholds: Sequence[float]) -> list[Candidate]:
    return [
        Candidate(f"{share:g} at {at:g}", partial(mixed, look=PUBLISHED, share=share, threshold=at))
        for share in shares
        for at in thresholds
    ]


def _rows(sets: Sets) -> Iterator[str]:
    titles = ("seven sets", *_APART, *_HELD_OUT)
    yield f"{'forced / accuracy':62}" + "".join(f"{title:>18}" for title in titles)
    yield _row("as packaged", sets, lambda answer: answer.scores)
    for look in (*LATE_INTERACTION, PUBLISHED):
        for width in _WIDTHS:
            chosen = held(sets, _looking(look, width))
            row = _row(f"{look}, within {width}, weight {chosen.label}", sets, chosen.scores)
            yield row + _close_calls(sets, width, chosen.scores)
    for shares in ((0.0,), (0.3,), _SHARES):
        for thresholds in ((THRESHOLD,), _THRESHOLDS):
            chosen = held(sets, _mixing(shares, thresholds))
            yield _row(f"published scores mixed in: {chosen.label}", sets, chosen.scores)


def _case(real: RealCase) -> Case:
    names = [route.name for route in real.routes]
    expected = None if real.expected is None else names.index(real.expected)
    return Case((Turn("user", real.prompt),), real.routes, expected)


def main() -> None:
    """Look at every case in every way, and print what each way gives."""
    parser = argparse.ArgumentParser(description="What a second look gives.")
    parser.add_argument("development", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take each nth case only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        looks = Looks(*networks(Path(folder)))
    cases = development_sets(options.development)
    cases["topical, held out"] = topical_cases(HELD_OUT / "topical.txt")
    for name in ("agent", "agent, held out"):
        cases[name] = [_case(real) for real in real_cases()[name]]
    sets = {name: [looks.answer(case) for case in cases[name][:: options.every]] for name in cases}
    for row in _rows(sets):
        sys.stdout.write(f"{row}\n")
        sys.stdout.flush()
    for what, took in looks.milliseconds.items():
        sys.stdout.write(f"{what}: {np.mean(took):.3f} ms of CPU in the mean\n")


if __name__ == "__main__":
    main()
