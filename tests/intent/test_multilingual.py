"""Prompts that are not English."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from extproc.core.conversation import Turn
from extproc.core.routes import Route
from extproc.intent import ClassificationError
from extproc.intent.embedded import Bounds, EmbeddedClassifier
from extproc.intent.multilingual import NETWORK, LazyMultilingual, MultilingualEncoder
from extproc.intent.names import EMBEDDED, FIRST_STAGE
from extproc.intent.outline import outline
from extproc.intent.quiet_runtime import session
from extproc.intent.vectors import WIDTH, Vector

ROUTES = (
    Route("translation", "translating text from one language into another", ()),
    Route("code_generation", "generating new code, writing functions, or creating boilerplate", ()),
    Route("travel", "trips, flights and hotels", ()),
    Route("cooking", "recipes and meals", ()),
)


@pytest.fixture(scope="module")
def encoder() -> MultilingualEncoder:
    return MultilingualEncoder()


@pytest.fixture(scope="module")
def lazy(encoder: MultilingualEncoder) -> LazyMultilingual:
    return LazyMultilingual(lambda: encoder)


@pytest.mark.parametrize(
    ("prompt", "route"),
    [
        ("Schreib eine Funktion, die Primzahlen findet", "code_generation"),
        ("écris une fonction qui trie une liste en Python", "code_generation"),
        ("¿qué puedo cocinar con arroz y pollo?", "cooking"),
        ("帮我订一张去北京的机票", "travel"),
        ("京都の旅行プランを考えて", "travel"),
        ("पनीर की एक आसान रेसिपी बताओ", "cooking"),
        ("Übersetze diesen Satz ins Französische", "translation"),
        ("escreva uma função que ordene uma lista", "code_generation"),
        ("zoek een goedkoop hotel in Gent", "travel"),
        ("напиши функцию, которая сортирует список", "code_generation"),
        ("부산 호텔을 예약하고 싶어요", "travel"),
        ("ترجم هذه الجملة إلى الفرنسية", "translation"),
        ("Guten Morgen!", None),
    ],
)
async def test_prompts_find_routes_that_are_described_in_english(
    lazy: LazyMultilingual, prompt: str, route: str | None
) -> None:
    classifier = EmbeddedClassifier(multilingual=lazy)
    said = (Turn("user", prompt),)
    intent = await classifier.classify(said, ROUTES)
    assert (intent.route, intent.classifier, intent.fallback) == (route, EMBEDDED, None)
    assert classifier.decide(said, ROUTES) == intent
    await classifier.close()


GERMAN = (
    Route("translation", "Texte aus einer Sprache in eine andere übersetzen", ()),
    Route("code_generation", "neuen Code erzeugen und Funktionen schreiben", ()),
    Route(
        "cooking", "Rezepte und Mahlzeiten", (), examples=("was koche ich heute für die Kinder",)
    ),
)


@pytest.mark.parametrize(
    ("prompt", "route"),
    [
        ("write a function that finds prime numbers", "code_generation"),
        ("a recipe for a quick dinner", "cooking"),
        ("Übersetze diesen Satz ins Französische", "translation"),
        ("¿qué puedo cocinar con arroz y pollo?", "cooking"),
        ("good morning!", None),
    ],
)
async def test_routes_may_be_described_in_other_languages(
    lazy: LazyMultilingual, prompt: str, route: str | None
) -> None:
    said = (Turn("user", prompt),)
    for configured in ((), GERMAN):
        classifier = EmbeddedClassifier(configured=configured, multilingual=lazy)
        assert (await classifier.classify(said, GERMAN)).route == route
        assert classifier.decide(said, GERMAN).route == route
        await classifier.close()


async def test_nobody_waits_for_routes_that_it_must_be_loaded_for(
    encoder: MultilingualEncoder,
) -> None:
    loaded = Event()

    def load() -> MultilingualEncoder:
        loaded.wait(10)
        return encoder

    classifier = EmbeddedClassifier(bounds=Bounds(timeout=0.3), multilingual=LazyMultilingual(load))
    said = (Turn("user", "find me a hotel"),)
    abroad = await classifier.classify(said, GERMAN)
    assert (abroad.classifier, abroad.fallback) == (FIRST_STAGE, "timeout")
    assert (await classifier.classify(said, ROUTES)).fallback is None
    loaded.set()
    await asyncio.sleep(0.1)
    assert (await classifier.classify(said, GERMAN)).fallback is None
    await classifier.close()


def test_english_prompts_load_nothing() -> None:
    def load() -> MultilingualEncoder:
        raise AssertionError("nobody asked for it")

    classifier = EmbeddedClassifier(multilingual=LazyMultilingual(load))
    assert classifier.decide((Turn("user", "find me a hotel"),), ROUTES).route == "travel"


async def test_while_it_loads_nobody_waits_longer_than_the_deadline(
    encoder: MultilingualEncoder,
) -> None:
    loaded = Event()

    def load() -> MultilingualEncoder:
        loaded.wait(10)
        return encoder

    classifier = EmbeddedClassifier(bounds=Bounds(timeout=0.3), multilingual=LazyMultilingual(load))
    said = (Turn("user", "¿qué puedo cocinar con arroz?"),)
    with pytest.raises(ClassificationError) as raised:
        await classifier.classify(said, ROUTES)
    assert raised.value.reason == "timeout"
    english = await classifier.classify((Turn("user", "find me a hotel"),), ROUTES)
    assert english.route == "travel"
    loaded.set()
    await asyncio.sleep(0.1)
    assert (await classifier.classify(said, ROUTES)).route == "cooking"
    await classifier.close()


def test_an_encoder_that_cannot_be_loaded_is_no_answer() -> None:
    def load() -> MultilingualEncoder:
        raise FileNotFoundError("multilingual.onnx")

    classifier = EmbeddedClassifier(multilingual=LazyMultilingual(load))
    with pytest.raises(FileNotFoundError):
        classifier.decide((Turn("user", "où est mon colis ?"),), ROUTES)


@pytest.mark.parametrize(
    "text",
    [
        "γράψε μια συνάρτηση που ταξινομεί μια λίστα",
        "ฉันอยากจองโรงแรม",
        "כתוב לי שיר על הים",
    ],
)
async def test_what_cannot_be_read_matches_nothing(lazy: LazyMultilingual, text: str) -> None:
    classifier = EmbeddedClassifier(multilingual=lazy)
    assert classifier.decide((Turn("user", text),), ROUTES).route is None
    assert set(classifier.scores((Turn("user", text),), ROUTES)) == {0.0}


@pytest.mark.parametrize("text", ["", "\ud83d", "\x00\u202e", "字" * 5000, "🙂" * 300])
def test_any_text_has_a_vector(encoder: MultilingualEncoder, text: str) -> None:
    vector: Vector = encoder.prompt([text, *[text[:100]] * 6])
    assert vector.shape == (WIDTH,)
    assert np.isfinite(vector).all()


async def test_the_first_prompt_is_routed_though_it_must_be_loaded_for_it() -> None:
    classifier = EmbeddedClassifier(bounds=Bounds(timeout=0.5))
    intent = await classifier.classify((Turn("user", "réserve un hôtel à Lyon"),), ROUTES)
    assert (intent.route, intent.fallback) == ("travel", None)
    await classifier.close()


LOADING = """
import re
from pathlib import Path
from extproc.intent.embedded import EmbeddedClassifier
from extproc.intent.multilingual import MultilingualEncoder

def own():
    return int(re.search(r"Anonymous: +(\\d+)", Path("/proc/self/smaps_rollup").read_text())[1])

classifier, before = EmbeddedClassifier(), own()
MultilingualEncoder().prompt(["où est mon colis ?"])
print(own() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux tells it")
def test_most_of_it_is_shared_by_all_workers() -> None:
    told = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, check=True)
    assert int(told.stdout) < 40_000  # KB; 25 MB are usual


def test_the_outline_is_of_this_network() -> None:
    rows = np.linspace(-1, 1, 20 * WIDTH, dtype=np.float32).reshape(1, 20, WIDTH)
    mapped, copied = (session(one).run(None, {"rows": rows}) for one in (outline(NETWORK), NETWORK))
    assert np.array_equal(mapped, copied)
