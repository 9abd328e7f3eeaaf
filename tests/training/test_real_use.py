"""The package keeps to what the model card says of prompts that people really send."""

from __future__ import annotations

import re

import pytest

from extproc.intent.embedded import EmbeddedClassifier
from training.real_use import abroad, courtesies_abroad, flips, real_cases, shares, surrounded

SETS = real_cases() | abroad()
SIX = ("german", "french", "spanish", "chinese", "japanese", "hindi")
BEYOND = ("portuguese", "italian", "dutch", "russian", "korean", "arabic")
DESCRIBED = ("german", "french", "spanish", "chinese")
LANGUAGES = {
    "as packaged": SIX,
    "as packaged, languages that chose no weight": BEYOND,
    "English prompts": [f"english, routes in {language}" for language in DESCRIBED],
    "prompts of the same language": [f"{each}, routes in {each}" for each in DESCRIBED],
}
ROWS = {
    "agent": r"`agent`: ",
    "agent, with tools": r"the same with the names",
    "catch_all": r"`catch_all`: ",
    "closings": r"`closings`: ",
    "logs": r"`logs`: ",
    "hostile": r"`hostile`: ",
    "english": r"`english`, ",
    "agent, held out": r"agents: 75 prompts",
    "english, held out": r"English \| 49",
}


@pytest.fixture(scope="module")
def classifier() -> EmbeddedClassifier:
    return EmbeddedClassifier()


@pytest.fixture(scope="module")
def card(pytestconfig: pytest.Config) -> str:
    return (pytestconfig.rootpath / "docs" / "model-card.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ROWS)
def test_sets(classifier: EmbeddedClassifier, card: str, name: str) -> None:
    row = re.search(rf"^\| {ROWS[name]}.*\| (\d+) / \S+ / (\d+) \|$", card, re.MULTILINE)
    assert row is not None
    right, wrong = map(int, row.groups())
    found = shares(classifier, SETS[name])
    assert (round(found.right) >= right, round(found.wrong) <= wrong) == (True, True)


@pytest.mark.parametrize("name", LANGUAGES)
def test_languages(classifier: EmbeddedClassifier, card: str, name: str) -> None:
    row = re.search(rf"^\| {name} \|( \d+ / \d+ / \d+ \|)+$", card, re.MULTILINE)
    assert row is not None
    stated = [int(right) for right in re.findall(r"(\d+) / \d+ / \d+", row[0])]
    found = [round(shares(classifier, SETS[name]).right) for name in LANGUAGES[name]]
    assert all(here >= there for here, there in zip(found, stated, strict=True))


def test_courtesies_lead_nowhere_else(classifier: EmbeddedClassifier) -> None:
    asked = [*SETS["agent"][::14], *SETS["english"][::8]]
    flipped, total = flips(classifier, asked, surrounded()["courtesies"])
    assert flipped <= total // 100


def test_courtesies_of_other_languages_lead_nowhere_else(classifier: EmbeddedClassifier) -> None:
    flipped = total = 0
    for language, put in courtesies_abroad().items():
        found = flips(classifier, SETS[language][5::28], put)
        flipped, total = flipped + found[0], total + found[1]
    assert flipped <= total // 50
