"""Figures of the packaged classifier: accuracy and CPU, per set and per caution; draws the plot.

    python -m training.tradeoff DEVELOPMENT [--rounds 3] [--plot docs/classification-trade-off.svg]

CPU is that of the calling thread, tokenizing included, with the routes' vectors at hand. The plot
has this processor, and the same as if it were older.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.older_processor import KINDS, run_as
from extproc.intent.cascade import CAUTION, Caution, winner
from extproc.intent.conversation_ids import conversation_ids
from extproc.intent.embedded import EmbeddedClassifier
from extproc.intent.stages import Prompt
from extproc.intent.threshold import THRESHOLD
from training.development import development_sets
from training.figures import Case, best_threshold, figures, table
from training.plot import Curve, Point, plot

__all__ = ["Stage", "measure_stages"]

_SWEPT = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage's scores of every case, and its CPU per case in milliseconds."""

    scores: list[np.ndarray]
    cpu: np.ndarray


def measure_stages(cases: Sequence[Case], rounds: int) -> tuple[Stage, Stage]:
    """Every case by the first stage and by the encoder; the first includes the tokenizing.

    Of ``rounds`` runs the quickest counts, case by case: what else the machine does disturbs some.
    """
    classifier = EmbeddedClassifier()
    measured = [_measured_once(classifier, cases) for _ in range(rounds)]
    first, last = (
        Stage(stages[0].scores, np.min([stage.cpu for stage in stages], axis=0))
        for stages in zip(*measured, strict=True)
    )
    return first, last


def _measured_once(classifier: EmbeddedClassifier, cases: Sequence[Case]) -> tuple[Stage, Stage]:
    stages = classifier.stages
    guesses, answers, quick, slow = [], [], [], []
    for case in cases:
        vectors = classifier._vectors(case.routes)
        began = time.thread_time()
        prompt = Prompt(conversation_ids(stages.tokens, case.conversation))
        guess = stages.guessed(prompt.ids, vectors)
        between = time.thread_time()
        answer = stages.encoded(prompt, vectors)
        ended = time.thread_time()
        guesses.append(guess)
        answers.append(answer)
        quick.append(1000 * (between - began))
        slow.append(1000 * (ended - between))
    return Stage(guesses, np.array(quick)), Stage(answers, np.array(slow))


def cascaded(first: Stage, last: Stage, caution: Caution, threshold: float) -> Stage:
    """What both stages answer together at a caution."""
    scores, cpu = [], first.cpu.copy()
    for nth, guess in enumerate(first.scores):
        thresholds = np.full(len(guess), threshold)
        if caution.clear(guess, thresholds):
            scores.append(guess)
        else:
            scores.append(last.scores[nth])
            cpu[nth] += last.cpu[nth]
    return Stage(scores, cpu)


def accuracy(cases: Sequence[Case], stage: Stage, threshold: float) -> float:
    """Percentage right, including "none"."""
    right = 0
    for case, scores in zip(cases, stage.scores, strict=True):
        best = winner(scores, np.full(len(scores), threshold, np.float32))
        right += (best if scores[best] >= threshold else None) == case.expected
    return 100 * right / len(cases)


def main() -> None:
    """Measure, print, and draw if asked."""
    parser = argparse.ArgumentParser(description="Accuracy and CPU of the packaged classifier.")
    parser.add_argument("development", type=Path)
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    parser.add_argument("--rounds", type=int, default=3, help="the quickest counts")
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--points", type=Path, help="where the plot's points go, as JSON")
    options = parser.parse_args()
    sets = development_sets(options.development)
    stages = {name: measure_stages(cases, options.rounds) for name, cases in sets.items()}
    dev = [name for name in sets if name != "topical"]
    for nth, title in enumerate(("first stage alone", "encoder alone")):
        measured = {}
        for name, cases in sets.items():
            given = iter(stages[name][nth].scores)
            measured[name] = figures(cases, lambda *_, given=given: next(given))
        best = best_threshold([measured[name] for name in dev])
        sys.stdout.write(f"{title}, threshold {options.threshold} (best {best:.2f})\n")
        sys.stdout.write(table({n: measured[n] for n in dev}, options.threshold))
        sys.stdout.write(table({"topical": measured["topical"]}, options.threshold) + "\n")

    def both(caution: Caution, names: Sequence[str]) -> tuple[float, float, float]:
        together = {n: cascaded(*stages[n], caution, options.threshold) for n in names}
        right = np.mean([accuracy(sets[n], together[n], options.threshold) for n in names])
        cpu = np.concatenate([together[n].cpu for n in names])
        return float(cpu.mean()), float(right), float(cpu.max())

    everything = np.concatenate([stages[n][0].cpu + stages[n][1].cpu for n in dev])
    alone = float(np.mean([accuracy(sets[n], stages[n][1], options.threshold) for n in dev]))
    sys.stdout.write(
        f"encoder always: {alone:.1f} at {everything.mean():.2f} ms, "
        f"p99 {np.percentile(everything, 99):.2f}, most {everything.max():.2f}\n"
    )
    points = []
    for size in _SWEPT:
        caution = Caution(size * CAUTION.apart, size * CAUTION.above, size * CAUTION.below)
        cpu, right, _ = both(caution, dev)
        points.append(Point(cpu, right, f"caution x {size:g}"))
        _, topical, _ = both(caution, ["topical"])
        sys.stdout.write(
            f"caution x {size:4.2f}: {right:.1f} at {cpu:.2f} ms, topical {topical:.1f}\n"
        )
    cpu, right, most = both(CAUTION, dev)
    sys.stdout.write(f"packaged {CAUTION}: {right:.1f} at {cpu:.2f} ms, most {most:.2f}\n")
    _, topical, _ = both(CAUTION, ["topical"])
    sys.stdout.write(f"packaged, topical: {topical:.1f}\n")
    curve = Curve(
        "this processor",
        tuple(points),
        Point(cpu, right, "packaged"),
        Point(float(everything.mean()), alone, "encoder always"),
    )
    if options.points is not None:
        options.points.write_text(json.dumps(asdict(curve)))
    if options.plot is not None:
        older = [_older(kind, options.development, options.rounds) for kind in KINDS]
        options.plot.write_text(plot([curve, *older]))


def _older(kind: str, development: Path, rounds: int) -> Curve:
    """The curve of an older processor; see :mod:`benchmarks.older_processor`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "points.json"
        arguments = [str(development), f"--rounds={rounds}", f"--points={file}"]
        run_as(kind, "training.tradeoff", arguments)
        content = json.loads(file.read_text())
    return Curve(
        kind,
        tuple(Point(**point) for point in content["swept"]),
        Point(**content["packaged"]),
        Point(**content["encoder"]),
    )


if __name__ == "__main__":
    main()
