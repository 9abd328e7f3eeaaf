"""The development sets: those of a folder, and a topical one, written by hand.

The topical one has subjects as routes. Whoever routes by subject asks little of a fine-tuned
encoder and must not lose by it: the published weights do well here, and are the bar. Another one,
held out, has made no choice.
"""

from __future__ import annotations

import random
from pathlib import Path

from extproc.core.conversation import Turn
from extproc.core.routes import Route
from training.figures import Case, read_cases
from training.sources import read_sections

__all__ = ["HELD_OUT", "development_sets", "topical_cases"]

HELD_OUT = Path(__file__).with_name("held_out")
"""Sets that measure what others have chosen."""

_FILE = Path(__file__).with_name("development_data") / "topical.txt"
_SEED = 7
_NONE_SHARE = 0.25
_SIZES = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20)


def development_sets(folder: Path) -> dict[str, list[Case]]:
    """The sets of ``folder`` and the hand-written topical one."""
    sets = {file.stem: read_cases(file) for file in sorted(folder.glob("*.jsonl"))}
    return sets | {"topical": topical_cases()}


def topical_cases(file: Path = _FILE) -> list[Case]:
    """Every request twice, each time with another list of 2 to 20 subjects; a quarter lack its
    own, and a quarter of the lists have names only."""
    sections = read_sections(file)
    chance = random.Random(_SEED)
    cases = []
    for row, (_, _, prompts) in enumerate(sections):
        others = [other for other in range(len(sections)) if other != row]
        for prompt in [*prompts, *prompts]:
            size = chance.choice(_SIZES)
            none = chance.random() < _NONE_SHARE
            listed = chance.sample(others, size if none else size - 1) + ([] if none else [row])
            chance.shuffle(listed)
            named = chance.random() < 0.25
            labels = [sections[place][1] for place in listed]
            routes = tuple(
                Route(label.names[0], "" if named else label.descriptions[0], ())
                for label in labels
            )
            expected = None if none else listed.index(row)
            cases.append(Case((Turn("user", prompt),), routes, expected))
    return cases
