"""Figures of the packaged classifier on what people really send: agents, documents, languages.

    python -m training.real_use [--encoder FILE] [--first-stage FILE] [--threshold 0.14] [--show]

The sets are hand-written (``development_data/*.yaml``): prompts by what is wanted, lists of routes,
and for each list which route has what. None of the prompts is among the training data. Those of
``held_out/`` have not even chosen anything.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from extproc.core.conversation import Turn
from extproc.core.routes import Route
from extproc.intent.cascade import CAUTION
from extproc.intent.embedded import EmbeddedClassifier
from extproc.intent.encoder import WEIGHTS, Encoder
from extproc.intent.static_vectors import TABLES, StaticVectors
from extproc.intent.threshold import THRESHOLD
from training.development import HELD_OUT, topical_cases
from training.figures import Case
from training.traces import log_lines

__all__ = [
    "RealCase",
    "Shares",
    "abroad",
    "by_subject",
    "courtesies_abroad",
    "flips",
    "real_cases",
    "shares",
    "surrounded",
]

_FOLDER = Path(__file__).with_name("development_data")
_MATERIAL = 15_000

_COURTESIES = (
    "Hi there,\n\n{}",
    "Hello! {}",
    "hey, {}",
    "Good morning, I hope you are well. {}",
    "please {}",
    "{} please",
    "{}\n\nThanks!",
    "{} Thank you so much in advance!",
    "{}\n\nBest regards,\nAnna Lindqvist",
    "Dear all,\n\n{}\n\nCheers,\nTom",
    "{}\n\n--\nMaria Costa\nHead of Operations, Acme Ltd.",
    "Hey! Could you do me a favour? {} Thx :)",
)


@dataclass(frozen=True, slots=True)
class RealCase:
    """A prompt, the routes, the right one's name (None: none), and the names of the tools."""

    prompt: str
    routes: tuple[Route, ...]
    expected: str | None
    tools: tuple[str, ...] = ()


def real_cases() -> dict[str, list[RealCase]]:
    """Every set, those that were held out behind the others; those of agents a second time, with
    tools."""
    sets: dict[str, list[RealCase]] = {}
    for file in (*sorted(_FOLDER.glob("*.yaml")), *sorted(HELD_OUT.glob("*.yaml"))):
        content = yaml.safe_load(file.read_text())
        for name, kinds in content["sets"].items():
            sets[name] = list(_cases(content["lists"], kinds))
            if "tools" in content:
                tools = tuple(content["tools"])
                sets[f"{name}, with tools"] = list(_cases(content["lists"], kinds, tools))
    return sets


def abroad() -> dict[str, list[RealCase]]:
    """English prompts, and those of another language, over routes described in that language."""
    content = yaml.safe_load((_FOLDER / "languages.yaml").read_text(encoding="utf-8"))
    lines = (_FOLDER / "routes_abroad.txt").read_text(encoding="utf-8").splitlines()
    languages = [language.strip().lower() for language in lines[0].split(" | ")[1:]]
    rows = [line.split(" | ") for line in lines[1:]]
    sets: dict[str, list[RealCase]] = {}
    for column, language in enumerate(languages, start=1):
        lists = [{"routes": {}, "expect": listed["expect"]} for listed in content["lists"]]
        for row in rows:
            place, name = row[0].split()
            lists[int(place)]["routes"][name] = row[column]
        for spoken in ("english", language):
            prompts = content["sets"][spoken]
            sets[f"{spoken}, routes in {language}"] = list(_cases(lists, prompts))
    return sets


def by_subject() -> dict[str, list[RealCase]]:
    """The topical sets in the same form."""
    sets = {"topical": topical_cases()}
    sets["topical, held out"] = topical_cases(HELD_OUT / "topical.txt")
    return {name: [_real(case) for case in cases] for name, cases in sets.items()}


def _real(case: Case) -> RealCase:
    expected = None if case.expected is None else case.routes[case.expected].name
    return RealCase(case.conversation[-1].text, case.routes, expected)


def _cases(
    lists: Iterable[dict[str, Any]], kinds: dict[str, list[str]], tools: tuple[str, ...] = ()
) -> Iterator[RealCase]:
    for listed in lists:
        routes = tuple(Route(name, text, ()) for name, text in listed["routes"].items())
        for kind, expected in listed["expect"].items():
            for prompt in kinds.get(kind, ()):
                yield RealCase(prompt, routes, expected, tools)


def surrounded() -> dict[str, Callable[[str], Iterator[str]]]:
    """Ways to put a prompt that change nothing about what is wanted."""
    materials = _materials()

    def courtesies(prompt: str) -> Iterator[str]:
        return (courtesy.format(prompt) for courtesy in _COURTESIES)

    def before(prompt: str) -> Iterator[str]:
        return (f"{prompt}\n\n{material}" for material in materials)

    def behind(prompt: str) -> Iterator[str]:
        return (f"{material}\n\n{prompt}" for material in materials)

    return {"courtesies": courtesies, "before documents": before, "behind documents": behind}


def courtesies_abroad() -> dict[str, Callable[[str], Iterator[str]]]:
    """The same by language, in other languages than English."""
    found: dict[str, list[str]] = {}
    file = _FOLDER / "courtesies_abroad.txt"
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        language, text = line.split(" | ")
        found.setdefault(language, []).append(text.replace("\\n", "\n"))

    def put(courtesies: Sequence[str]) -> Callable[[str], Iterator[str]]:
        return lambda prompt: (courtesy.format(prompt) for courtesy in courtesies)

    return {language: put(courtesies) for language, courtesies in found.items()}


def _materials() -> list[str]:
    root = Path(__file__).parents[1]
    prose = "\n".join(file.read_text() for file in sorted((root / "docs").glob("*.md")))
    code = "\n".join(file.read_text() for file in sorted((root / "extproc" / "core").glob("*.py")))
    chance = random.Random(5)
    logs = "\n".join(log_lines(chance) for _ in range(200))
    return [prose[:_MATERIAL], code[:_MATERIAL], logs[:_MATERIAL]]


@dataclass(frozen=True, slots=True)
class Shares:
    """Percentages of cases: decided ``right``; best route right where there is one (``forced``);
    sent to a ``wrong`` route. ``misses`` are those decided otherwise, with what was decided."""

    right: float
    forced: float
    wrong: float
    misses: tuple[tuple[RealCase, str | None], ...]


def shares(classifier: EmbeddedClassifier, cases: Sequence[RealCase]) -> Shares:
    """Put cases to a classifier."""
    answers = _answers(classifier, cases)
    own = [(case, best) for case, _, best in answers if case.expected is not None]
    forced = sum(best == case.expected for case, best in own)
    misses = tuple((case, route) for case, route, _ in answers if route != case.expected)
    return Shares(
        100 - 100 * len(misses) / len(cases),
        100 * forced / len(own) if own else 100.0,
        100 * sum(route is not None for _, route in misses) / len(cases),
        misses,
    )


def _answers(
    classifier: EmbeddedClassifier, cases: Sequence[RealCase]
) -> list[tuple[RealCase, str | None, str]]:
    found = []
    for case in cases:
        turns = (Turn("user", case.prompt),)
        scores = classifier.scores(turns, case.routes, case.tools)
        best = max(range(len(scores)), key=scores.__getitem__) if scores else 0
        route = classifier.decide(turns, case.routes, case.tools).route
        found.append((case, route, case.routes[best].name))
    return found


def flips(
    classifier: EmbeddedClassifier, prompts: Sequence[RealCase], put: Callable[[str], Iterator[str]]
) -> tuple[int, int]:
    """How many ways of putting prompts lead to another route, and of how many."""
    flipped = total = 0
    for case in prompts:
        alone = classifier.decide((Turn("user", case.prompt),), case.routes).route
        for text in put(case.prompt):
            flipped += classifier.decide((Turn("user", text),), case.routes).route != alone
            total += 1
    return flipped, total


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The classifier on what people really send.")
    parser.add_argument("--encoder", type=Path, default=WEIGHTS)
    parser.add_argument("--first-stage", type=Path, default=TABLES)
    parser.add_argument("--encoder-alone", action="store_true")
    parser.add_argument("--threshold", type=float, default=THRESHOLD)
    parser.add_argument("--sets", nargs="+", help="only these")
    parser.add_argument("--show", action="store_true", help="print what is wrong")
    options = parser.parse_args()
    classifier = EmbeddedClassifier(
        options.threshold,
        encoder=Encoder(options.encoder),
        first_stage=StaticVectors(options.first_stage),
        caution=None if options.encoder_alone else CAUTION,
    )
    out = sys.stdout
    sets = real_cases() | by_subject() | abroad()
    out.write(f"{'':22}cases  right  forced  wrong route\n")
    for name, cases in sets.items():
        if options.sets and name not in options.sets:
            continue
        found = shares(classifier, cases)
        out.write(
            f"{name:22}{len(cases):5}{found.right:7.1f}{found.forced:8.1f}{found.wrong:8.1f}\n"
        )
        for case, route in found.misses if options.show else ():
            out.write(f"    {case.expected} | {route} | {case.prompt[:70]!r}\n")
    asked = [*sets["agent"][::7], *sets["english"][::4]]
    for name, put in surrounded().items():
        if options.sets and name not in options.sets:
            continue
        flipped, total = flips(classifier, asked, put)
        out.write(f"{name}: {100 * flipped / total:.1f} % of {total} take another route\n")
    for language, put in courtesies_abroad().items():
        name = f"courtesies, {language}"
        if options.sets and name not in options.sets:
            continue
        flipped, total = flips(classifier, sets[language], put)
        out.write(f"{name}: {100 * flipped / total:.1f} % of {total} take another route\n")


if __name__ == "__main__":
    main()
