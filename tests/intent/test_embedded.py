"""The classifier that works out of the box."""

from __future__ import annotations

import importlib.util
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from extproc.config.values import Route
from extproc.dialects.conversation import Conversation, Turn
from extproc.intent import Intent, IntentClassifier, static_vectors
from extproc.intent.embedded import EmbeddedClassifier
from extproc.intent.excerpts import Excerpt
from extproc.intent.static_vectors import PROJECTION, StaticVectors

REASONING = "complex reasoning tasks, multi-step analysis, or detailed explanations"
GENERATION = "generating new code, writing functions, or creating boilerplate"
ROUTES = (
    Route("complex_reasoning", REASONING, ("large",)),
    Route("code_generation", GENERATION, ("small",)),
)
WORDY_ROUTES = (
    Route(
        "code generation",
        "generating new code snippets, functions, or boilerplate based on user prompts",
        (),
    ),
    Route(
        "complex reasoning",
        "deep analysis, mathematical problem solving, and logical reasoning",
        (),
    ),
)
SMALL_TALK = Route("general questions", "casual conversation and simple queries", ())

PROGRAMMING = (
    "Write a Python function that implements binary search",
    "Create a REST API endpoint in Rust using actix-web that handles user registration",
    "Build a React component that renders a sortable data table",
    "Write quicksort in Go",
)
ANALYSIS = "Explain the trade-offs between microservices and monolithic architectures"


def ask(*texts: str) -> Conversation:
    return tuple(
        Turn("assistant" if position % 2 else "user", text) for position, text in enumerate(texts)
    )


@pytest.fixture(scope="module")
def vectors() -> StaticVectors:
    return StaticVectors()


@pytest.fixture
def classifier(vectors: StaticVectors) -> EmbeddedClassifier:
    return EmbeddedClassifier(vectors)


async def test_it_is_an_intent_classifier(classifier: EmbeddedClassifier) -> None:
    anything: IntentClassifier = classifier
    assert (await anything.classify(ask(ANALYSIS), ROUTES)).route == "complex_reasoning"
    await anything.close()
    assert (await anything.classify(ask(ANALYSIS), ROUTES)).route == "complex_reasoning"


@pytest.mark.parametrize("prompt", PROGRAMMING)
async def test_programming_goes_to_code(classifier: EmbeddedClassifier, prompt: str) -> None:
    for routes in (WORDY_ROUTES, (*WORDY_ROUTES, SMALL_TALK)):
        assert (await classifier.classify(ask(prompt), routes)).route == "code generation"
    assert (await classifier.classify(ask(prompt), ROUTES)).route == "code_generation"


async def test_analysis_goes_to_reasoning(classifier: EmbeddedClassifier) -> None:
    for routes in (WORDY_ROUTES, (*WORDY_ROUTES, SMALL_TALK)):
        assert (await classifier.classify(ask(ANALYSIS), routes)).route == "complex reasoning"
    assert (await classifier.classify(ask(ANALYSIS), ROUTES)).route == "complex_reasoning"


@pytest.mark.parametrize("prompt", ["What is the capital of France?", "Hello"])
async def test_neither_matches_neither(classifier: EmbeddedClassifier, prompt: str) -> None:
    intent = await classifier.classify(ask(prompt), ROUTES)
    assert intent.route is None
    assert intent.score is not None
    assert -1 <= intent.score < 0.16


async def test_a_follow_up_is_read_in_its_conversation(classifier: EmbeddedClassifier) -> None:
    conversation = ask(PROGRAMMING[0], "def search(items, wanted): ...", "and the same in Java")
    assert (await classifier.classify(conversation, ROUTES)).route == "code_generation"


@pytest.mark.parametrize("texts", [("",), ("  \n",), ("", "an answer")])
async def test_no_words_no_route(classifier: EmbeddedClassifier, texts: tuple[str, ...]) -> None:
    assert await classifier.classify(ask(*texts), ROUTES) == Intent(None)


async def test_the_same_question_has_the_same_answer(classifier: EmbeddedClassifier) -> None:
    other = EmbeddedClassifier(StaticVectors())
    for prompt in (*PROGRAMMING, ANALYSIS, "Hello"):
        first = await classifier.classify(ask(prompt), ROUTES)
        assert await classifier.classify(ask(prompt), ROUTES) == first
        assert await other.classify(ask(prompt), list(ROUTES)) == first


async def test_of_equals_the_first_wins(classifier: EmbeddedClassifier) -> None:
    twins = (Route("a", GENERATION, ("x",)), Route("a", GENERATION, ("y",)))
    assert (await classifier.classify(ask(PROGRAMMING[0]), twins)).route == "a"


@pytest.mark.parametrize(
    "text",
    ["lorem ipsum " * 87_400, "x" * 1_048_576, " " * 1_048_576, "\U0001f701" * 262_144],
    ids=["words", "one word", "blank", "symbols"],
)
async def test_a_megabyte_takes_no_longer_than_a_page(
    classifier: EmbeddedClassifier, text: str
) -> None:
    await classifier.classify(ask("warm up"), ROUTES)
    began = time.perf_counter()
    await classifier.classify(ask(text), ROUTES)
    assert time.perf_counter() - began < 0.1


async def test_text_that_utf8_cannot_carry_is_classified(classifier: EmbeddedClassifier) -> None:
    routes = (Route("odd \udc80", "\ud800 " + GENERATION, ()),)
    assert (await classifier.classify(ask(f"{PROGRAMMING[0]} \ud83d"), routes)).route is not None


async def test_routes_are_embedded_once_per_list(
    vectors: StaticVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = EmbeddedClassifier(vectors)
    embedded: list[str] = []
    route_vector = StaticVectors.route

    def counted(self: StaticVectors, name: str, description: str) -> static_vectors.Vector:
        embedded.append(name)
        return route_vector(self, name, description)

    monkeypatch.setattr(StaticVectors, "route", counted)
    for _ in range(3):
        await classifier.classify(ask("Hello"), ROUTES)
        await classifier.classify(ask("Hello"), tuple(reversed(ROUTES)))
    assert len(embedded) == 4

    for turn in range(200):
        await classifier.classify(ask("Hello"), [Route(f"route {turn}", "a task", ())])
    embedded.clear()
    await classifier.classify(ask("Hello"), [Route("route 199", "a task", ())])
    assert embedded == []
    await classifier.classify(ask("Hello"), ROUTES)
    assert embedded == ["complex_reasoning", "code_generation"], "the oldest lists are forgotten"


@pytest.mark.parametrize(
    "routes",
    [
        [Route(f"route {number}", "a task", ()) for number in range(65)],
        [Route("long", "word " * 10_000, ())],
    ],
    ids=["many", "long"],
)
async def test_outsized_lists_are_not_kept(
    classifier: EmbeddedClassifier, routes: list[Route]
) -> None:
    await classifier.classify(ask(ANALYSIS), ROUTES)
    expected = await classifier.classify(ask(ANALYSIS), routes)
    assert await classifier.classify(ask(ANALYSIS), routes) == expected
    assert classifier._remembered.cache_info().currsize == 1


async def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the embedded classifier opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    intent = await EmbeddedClassifier(StaticVectors()).classify(ask(PROGRAMMING[0]), ROUTES)
    assert intent.route == "code_generation"


def test_without_wordllama_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(FileNotFoundError, match="wordllama"):
        StaticVectors()


def test_vectors_have_unit_length(vectors: StaticVectors) -> None:
    query = vectors.query([Excerpt("Write a poem", 1.0), Excerpt("about the sea", 0.5)])
    route = vectors.route("creative-writing", "poems and stories")
    assert np.isclose(query @ query, 1)
    assert np.isclose(route @ route, 1)
    assert not vectors.query([]).any()
    assert not vectors.query([Excerpt("", 1.0)]).any()


def test_underscores_and_hyphens_are_spaces(vectors: StaticVectors) -> None:
    plain = vectors.route("creative writing", "poems")
    assert np.array_equal(plain, vectors.route("creative_writing", "poems"))
    assert np.array_equal(plain, vectors.route("creative-writing", "poems"))


def test_what_was_learned_is_small(vectors: StaticVectors) -> None:
    assert PROJECTION.stat().st_size < 500_000
    assert len(vectors.tokens("word " * 5000)) == 512


def test_without_training_likeness_is_the_plain_cosine(tmp_path: Path) -> None:
    published = StaticVectors(None)
    rows = published.table[published.tokens("poems")].astype(np.float32).sum(axis=0)
    other = published.table[published.tokens("poems: verse")].astype(np.float32).sum(axis=0)
    cosine = rows @ other / np.linalg.norm(rows) / np.linalg.norm(other)
    likeness = published.query([Excerpt("poems", 1.0)]) @ published.route("poems", "verse")
    assert np.isclose(likeness, cosine)
    with pytest.raises(FileNotFoundError):
        StaticVectors(tmp_path / "missing.npz")
