"""``dragoman eval``: put cases to a configuration's classifier, and say how it did."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from extproc.core.config import Config
from extproc.evaluation.answers import Answer, answers_to
from extproc.evaluation.cases import Case, read_cases
from extproc.evaluation.figures import figures
from extproc.evaluation.overlap import catch_alls, overlaps, vague
from extproc.evaluation.progress import LateProgress
from extproc.evaluation.report import evaluation_report, overlap_report
from extproc.evaluation.screen import Screen
from extproc.evaluation.threshold import suggestion
from extproc.intent.choice import classifier_for, embedded_classifier

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What is to be found out about a configuration's routes.

    Attributes:
        cases: a file of cases; None looks at the routes alone.
        overlap: whether the routes are compared with each other.
        embedded: whether the embedded classifier answers, whatever is configured.
        as_json: whether figures are printed as JSON, and nothing else.
        least: the accuracy, from 0 to 1, below which the configuration fails.
        misses: how many wrong answers are shown.
    """

    cases: Path | None
    overlap: bool = False
    embedded: bool = False
    as_json: bool = False
    least: float = 0.0
    misses: int = 50


async def evaluate(
    config: Config,
    environment: Mapping[str, str],
    wanted: Evaluation,
    screen: Screen,
    clock: Callable[[], float] = time.perf_counter,
) -> int:
    """Find it out and print it.

    Args:
        config: the configuration.
        environment: where the credential of a router model is.
        wanted: what is to be found out.
        screen: where it is printed.
        clock: the time in seconds.

    Returns:
        The exit code: 1 if less than ``wanted.least`` of the cases are answered right.

    Raises:
        CasesError: the cases cannot be used.
    """
    found: dict[str, Any] = {}
    code = 0
    if wanted.overlap:
        found |= _compare(config, wanted, screen)
    if wanted.cases is not None:
        cases = read_cases(wanted.cases, config.routes)
        with LateProgress(len(cases), screen.errors, clock) as progress:
            answers = await _ask(config, environment, wanted, clock, cases, progress.step)
        result = figures(answers)
        found |= result.as_json()
        code = 0 if result.accuracy >= wanted.least else 1
        if not wanted.as_json:
            report = evaluation_report(answers, result, suggestion(answers), misses=wanted.misses)
            screen.output.print(report)
            if code:
                screen.errors.print(
                    f"accuracy {result.accuracy:.3f} is below the {wanted.least:g} asked for"
                )
    if wanted.as_json:
        screen.json(found)
    return code


async def _ask(
    config: Config,
    environment: Mapping[str, str],
    wanted: Evaluation,
    clock: Callable[[], float],
    cases: Sequence[Case],
    step: Callable[[], None],
) -> tuple[Answer, ...]:
    if wanted.embedded or config.intent.router is None:
        embedded = embedded_classifier(config)
        return await answers_to(cases, embedded, embedded, clock, step)
    # Nothing remembered: each case tells how long an answer takes.
    intent = replace(config.intent, cache_entries=0)
    classifier = classifier_for(replace(config, intent=intent), environment)
    try:
        return await answers_to(cases, classifier, None, clock, step)
    finally:
        await classifier.close()


def _compare(config: Config, wanted: Evaluation, screen: Screen) -> dict[str, Any]:
    embedded = embedded_classifier(config)
    alike, unclear = overlaps(config.routes, embedded), vague(config.routes, embedded)
    taking = catch_alls(config.routes)
    if not wanted.as_json:
        screen.output.print(overlap_report(alike, unclear, taking))
    return {
        "overlaps": [asdict(pair) for pair in alike],
        "vague": [asdict(each) for each in unclear],
        "catch_alls": [asdict(each) for each in taking],
    }
