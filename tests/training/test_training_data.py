"""The training data of this repository: well-formed, repeatable, and apart from what measures."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from extproc.intent.tokens import ROUTE_TOKENS, Tokens
from tests.helpers.handwritten_cases import read_cases
from training import sources
from training.agents import handwritten
from training.batches import TRAINED_TOKENS, draw
from training.development import topical_cases
from training.figures import Case, figures
from training.real_use import abroad, by_subject, real_cases
from training.sources import OPEN, RIGHT, WRONG, Source, read_sections, read_sources
from training.supplement import supplement
from training.wordings import ALIASES, AREAS

HANDWRITTEN = sorted((Path(sources.__file__).parent / "handwritten").glob("*.txt"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in small."""
    place = tmp_path_factory.mktemp("data")
    tables = {
        "llm_tasks": {label: [f"requests of {label}"] for label in ALIASES},
        "clinc_intents": {"balance": "check the balance", "alarm": "set an alarm"},
        "clinc_domains": {"banking": "accounts: balances, bills", "utility": "alarms"},
        "clinc_confusable": [["balance", "alarm"]],
        "sgd_services": {"Hotels_1": ["Book a room"], "Hotels_2": ["Stay"], "Buses_1": ["Ride"]},
    }
    rows: dict[str, list[dict[str, Any]]] = {
        "llm_tasks": [{"text": "sum this up", "positive": ["summarization"], "ambiguous": ["sql"]}],
        "clinc": [{"text": "wake me", "intent": "alarm", "domain": "utility"}],
        "clinc_outside": [{"text": "who are the beatles"}],
        "sgd": [{"text": "a room [SEP] hello [SEP] Hi!", "service": "Hotels_1"}],
        "topics": [{"text": "is salmon healthy", "positive": ["help with salmon"]}],
    }
    (place / "descriptions.json").write_text(json.dumps(tables))
    for name, lines in rows.items():
        (place / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines))
    return place


@pytest.fixture(scope="module")
def read(folder: Path) -> dict[str, Source]:
    return {source.name: source for source in read_sources(folder, Tokens())}


@pytest.mark.parametrize("file", HANDWRITTEN, ids=lambda file: file.stem)
def test_every_handwritten_label_has_names_descriptions_and_prompts(file: Path) -> None:
    found = read_sections(file)
    assert len(found) > 40
    for section, label, prompts in found:
        assert section
        assert label.names
        assert label.descriptions
        assert len(prompts) >= 3
    if file.stem in AREAS:
        assert {section for section, _, _ in found} == set(AREAS[file.stem])


def test_what_measures_is_not_trained_on() -> None:
    trained = {text.lower() for file in HANDWRITTEN for text in file.read_text().splitlines()}
    trained |= {row["text"].lower() for row in supplement(0, 3000)}
    trained |= {text.lower() for prompts in handwritten().values() for text in prompts}
    sets = real_cases() | by_subject()
    # Greetings and thanks have the same words everywhere.
    measured = {
        case.prompt.lower() for name in sets for case in sets[name] if len(case.prompt.split()) > 2
    }
    measured |= {case.conversation[-1].text.lower() for case in read_cases()}
    assert len(measured) > 250
    assert not measured & trained


def test_translations_are_not_measured_with() -> None:
    folder = Path(sources.__file__).parent
    rows = {
        name: [
            line.split(" | ")
            for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()
            if not line.startswith("#")
        ]
        for name in ("translations", "translations_beyond", "translated_routes")
    }
    assert {name: {len(row) for row in found} for name, found in rows.items()} == {
        "translations": {7},
        "translations_beyond": {7},
        "translated_routes": {10},
    }
    trained = {_letters(text) for found in rows.values() for row in found for text in row}
    sets = real_cases() | by_subject() | abroad()
    # Greetings and thanks, of which the set of closings is made, have the same words everywhere.
    measured = {case.prompt for name in sets if name != "closings" for case in sets[name]}
    measured |= {route.description for cases in abroad().values() for route in cases[0].routes}
    assert len(measured) > 1000
    assert [text for text in measured if _letters(text) in trained] == []


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def test_judgements_are_right_wrong_or_open(read: dict[str, Source]) -> None:
    tasks = read["tasks"]
    labels = list(ALIASES)
    assert tasks.judgements[0, labels.index("summarization")] == RIGHT
    assert tasks.judgements[0, labels.index("sql")] == OPEN
    assert tasks.judgements[0, labels.index("hr")] == WRONG
    assert read["intents"].judgements.tolist() == [[WRONG, RIGHT], *[[WRONG, WRONG]] * 5]
    assert read["services"].judgements.tolist() == [[RIGHT, OPEN, WRONG]]
    for file in HANDWRITTEN:
        judged = read[file.stem].judgements
        assert ((judged == RIGHT).sum(axis=1) == 1).all()
        assert ((judged == WRONG).sum(axis=1) >= 3).all()
    assert OPEN in read["subjects"].judgements


@pytest.mark.parametrize("file", ["fields", "walks_of_life"])
def test_where_all_labels_exclude_each_other_none_is_there_twice(
    file: str, read: dict[str, Source]
) -> None:
    source = read[file]
    assert OPEN not in source.judgements
    names = [name for label in source.labels for name in label.names]
    assert len(set(names)) == len(names)


def test_batches_are_bounded_and_repeatable(read: dict[str, Source]) -> None:
    every, tokens = list(read.values()), Tokens()
    for seed in range(20):
        batch = draw(every, tokens, random.Random(seed))
        again = draw(every, tokens, random.Random(seed))
        assert batch.prompts == again.prompts
        assert batch.routes == again.routes
        assert np.array_equal(batch.judgements, again.judgements)
        assert batch.judgements.shape == (len(batch.prompts), len(batch.routes))
        assert max(map(len, batch.prompts)) <= TRAINED_TOKENS
        assert max(map(len, batch.routes)) <= ROUTE_TOKENS


def test_figures_count_what_is_right_with_and_without_none() -> None:
    cases = [case for case in topical_cases() if case.expected is not None][:3]
    outside = [Case(cases[0].conversation, cases[0].routes, None)]

    def perfect(*_: object) -> list[float]:
        case = next(pending)
        chosen = [0.1] * len(case.routes)
        if case.expected is not None:
            chosen[case.expected] = 0.5
        return chosen

    pending = iter([*cases, *outside])
    measured = figures([*cases, *outside], perfect)
    assert (measured.forced, measured.auroc) == (100, 100)
    assert measured.accuracy(0.3) == 100
    assert measured.accuracy(0.05) == 75
    assert measured.accuracy(0.6) == 25
