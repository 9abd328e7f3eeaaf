"""Which prompts are English."""

from __future__ import annotations

import pytest
import yaml

from extproc.intent.languages import describes_in_english, is_english
from tests.helpers.growth import grows, grows_with_the_square
from tests.helpers.handwritten_cases import read_cases


def prompts(pytestconfig: pytest.Config) -> dict[str, list[str]]:
    file = pytestconfig.rootpath / "training" / "development_data" / "languages.yaml"
    sets = yaml.safe_load(file.read_text())["sets"]
    return {
        name: [text for texts in kinds.values() for text in texts] for name, kinds in sets.items()
    }


LATER = ("portuguese", "italian", "dutch", "russian", "korean", "arabic")
"""What was written when the rest had been settled."""


def test_the_development_sets(pytestconfig: pytest.Config) -> None:
    for language, texts in prompts(pytestconfig).items():
        wrong = [text for text in texts if is_english(text) != (language == "english")]
        assert len(wrong) <= (1 if language in LATER else 0)


def test_the_handwritten_cases_are_english() -> None:
    texts = [case.conversation[-1].text for case in read_cases()]
    assert [text for text in texts if not is_english(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "def f(x): return [y for y in x]",
        "SELECT id FROM orders WHERE total > 10",
        "NullPointerException",
        "café menu ideas",
        "translate 'wo ist der Bahnhof' into English please",
        "explain the word 猫",
        "🙂",
        "las vegas in a day",
        "what is 12 plus 30 minus 7",
        "VAT invoice for ACME",
    ],
)
def test_what_is_in_doubt_is_english(text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Danke",
        "où est-ce ?",
        "¿y ahora?",
        "これを直して main.py",
        "привет",
        "bonsoir",
        "l'imprimante",
        "was kostet das",
        "is een mondelinge overeenkomst bindend?",
        "buenas noches",
    ],
)
def test_short_ones_that_are_not(text: str) -> None:
    assert not is_english(text)


def test_descriptions_of_the_development_sets(pytestconfig: pytest.Config) -> None:
    folder = pytestconfig.rootpath / "training" / "development_data"
    abroad = (folder / "routes_abroad.txt").read_text(encoding="utf-8").splitlines()[1:]
    texts = [text for line in abroad for text in line.split(" | ")[1:]]
    assert len(texts) == 209
    assert sum(map(describes_in_english, texts)) <= 2
    settled = [text for line in abroad for text in line.split(" | ")[1:5]]
    assert [text for text in settled if describes_in_english(text)] == []
    english = [
        description
        for file in folder.glob("*.yaml")
        for listed in yaml.safe_load(file.read_text(encoding="utf-8"))["lists"]
        for description in listed["routes"].values()
    ]
    assert [text for text in english if not describes_in_english(text)] == []
    for doubtful in ("plots of y over x and the like", "questions about e commerce", ""):
        assert describes_in_english(doubtful)


def test_a_long_text_takes_no_longer() -> None:
    def telling(size: int) -> None:
        text = "ö" * size
        for _ in range(20):
            is_english(text)

    assert not grows(telling, 1_000)


def test_a_long_word_takes_no_longer() -> None:
    def telling(size: int) -> None:
        for _ in range(200):
            assert describes_in_english("a" * size)

    assert not grows_with_the_square(telling, 50)
