"""The classifier that works out of the box."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from extproc.core.conversation import Conversation, Turn
from extproc.core.routes import Route
from extproc.intent import ClassificationError, Intent, IntentClassifier
from extproc.intent.embedded import Bounds, EmbeddedClassifier
from extproc.intent.encoder import Encoder
from extproc.intent.encoder_queue import PLACES, Lane
from extproc.intent.names import EMBEDDED, FIRST_STAGE
from extproc.intent.static_vectors import StaticVectors
from extproc.intent.threshold import THRESHOLD
from extproc.intent.vectors import Vector
from tests.helpers.handwritten_cases import Case, read_cases

MODEL_CARD = Path(__file__).parent.parent.parent / "docs" / "model-card.md"
CASES = read_cases()

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
def encoder() -> Encoder:
    return Encoder()


@pytest.fixture(scope="module")
def first_stage() -> StaticVectors:
    return StaticVectors()


@pytest.fixture
def classifier(encoder: Encoder, first_stage: StaticVectors) -> EmbeddedClassifier:
    return EmbeddedClassifier(encoder=encoder, first_stage=first_stage)


async def test_it_is_an_intent_classifier() -> None:
    anything: IntentClassifier = EmbeddedClassifier()
    intent = await anything.classify(ask(ANALYSIS), ROUTES)
    assert intent.route == "complex_reasoning"
    assert intent.classifier == EMBEDDED
    await anything.close()
    assert await anything.classify(ask(ANALYSIS), ROUTES) == intent


@pytest.mark.parametrize("prompt", PROGRAMMING)
async def test_programming_goes_to_code(classifier: EmbeddedClassifier, prompt: str) -> None:
    for routes in (WORDY_ROUTES, (*WORDY_ROUTES, SMALL_TALK)):
        assert (await classifier.classify(ask(prompt), routes)).route == "code generation"
    intent = await classifier.classify(ask(prompt), ROUTES)
    assert intent.route == "code_generation"
    assert intent.runner_up == "complex_reasoning"
    assert intent.score is not None
    assert intent.runner_up_score is not None
    assert intent.score > intent.runner_up_score + 0.3


async def test_analysis_goes_to_reasoning(classifier: EmbeddedClassifier) -> None:
    for routes in (WORDY_ROUTES, (*WORDY_ROUTES, SMALL_TALK)):
        assert (await classifier.classify(ask(ANALYSIS), routes)).route == "complex reasoning"
    assert (await classifier.classify(ask(ANALYSIS), ROUTES)).route == "complex_reasoning"


@pytest.mark.parametrize("prompt", ["What is the capital of France?", "Hello"])
async def test_neither_matches_neither(classifier: EmbeddedClassifier, prompt: str) -> None:
    intent = await classifier.classify(ask(prompt), ROUTES)
    assert intent.route is None
    assert intent.score is not None
    assert -1 <= intent.score < THRESHOLD


def right(classifier: EmbeddedClassifier, case: Case) -> tuple[bool, bool]:
    """Whether the best route is the expected one, and whether the decision is."""
    scores = classifier.scores(case.conversation, case.routes)
    best = case.routes[int(np.argmax(scores))].name
    return best == case.expected, classifier.decide(
        case.conversation, case.routes
    ).route == case.expected


def test_the_weights_reach_the_model_card_s_figures(classifier: EmbeddedClassifier) -> None:
    stated = re.search(
        r"(\d+) of (\d+) have the right route first, (\d+) of (\d+) are decided right",
        MODEL_CARD.read_text(),
    )
    assert stated is not None
    forced, inside, decided, every = map(int, stated.groups())
    answers = [right(classifier, case) for case in CASES]
    assert len(CASES) == every
    assert sum(case.expected is not None for case in CASES) == inside
    assert sum(first for first, _ in answers) >= forced
    assert sum(decision for _, decision in answers) >= decided


async def test_a_follow_up_is_read_in_its_conversation(classifier: EmbeddedClassifier) -> None:
    conversation = ask(PROGRAMMING[0], "def search(items, wanted): ...", "now make it faster")
    assert (await classifier.classify(conversation, ROUTES)).route == "code_generation"


async def test_a_new_intent_leaves_the_old_behind(classifier: EmbeddedClassifier) -> None:
    conversation = ask(PROGRAMMING[0], "def search(items, wanted): ...", ANALYSIS)
    assert (await classifier.classify(conversation, ROUTES)).route == "complex_reasoning"


@pytest.mark.parametrize("texts", [(), ("",), ("  \n",), ("", "an answer"), ("\u200b\x00",)])
async def test_no_words_no_route(classifier: EmbeddedClassifier, texts: tuple[str, ...]) -> None:
    assert await classifier.classify(ask(*texts), ROUTES) == Intent(None, classifier=EMBEDDED)
    assert classifier.decide(ask(*texts), ROUTES) == Intent(None, classifier=EMBEDDED)
    assert classifier.scores(ask(*texts), ROUTES) == ()


async def test_the_same_question_has_the_same_answer_in_any_company(
    classifier: EmbeddedClassifier,
) -> None:
    alone = [classifier.decide(case.conversation, case.routes) for case in CASES]
    other = EmbeddedClassifier()
    crowd = (other.classify(case.conversation, case.routes) for case in reversed(CASES))
    assert list(reversed(await asyncio.gather(*crowd))) == alone


def test_a_route_s_score_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    classifier = EmbeddedClassifier(encoder=encoder, caution=None)
    for prompt in (*PROGRAMMING, ANALYSIS):
        together = classifier.scores(ask(prompt), (*ROUTES, *WORDY_ROUTES, SMALL_TALK))
        single = [classifier.scores(ask(prompt), [route])[0] for route in (*ROUTES, *WORDY_ROUTES)]
        assert together[:4] == pytest.approx(single, abs=1e-6)


def test_scores_agree_with_the_decision(classifier: EmbeddedClassifier) -> None:
    for case in CASES:
        scores = classifier.scores(case.conversation, case.routes)
        intent = classifier.decide(case.conversation, case.routes)
        assert len(scores) == len(case.routes)
        ranked = sorted(scores, reverse=True)
        assert (intent.score, intent.runner_up_score) == (ranked[0], ranked[1])
        assert (intent.route is not None) == (ranked[0] >= classifier.thresholds(case.routes)[0])


def test_a_single_route_has_no_runner_up(classifier: EmbeddedClassifier) -> None:
    intent = classifier.decide(ask(PROGRAMMING[0]), ROUTES[1:])
    assert intent.route == "code_generation"
    assert intent.runner_up is None
    assert intent.runner_up_score is None


async def test_of_equals_the_first_wins(classifier: EmbeddedClassifier) -> None:
    twins = (Route("a", GENERATION, ("x",)), Route("a", GENERATION, ("y",)))
    assert (await classifier.classify(ask(PROGRAMMING[0]), twins)).route == "a"


def test_the_threshold_is_the_packaged_one_the_given_one_or_the_route_s_own(
    encoder: Encoder, first_stage: StaticVectors
) -> None:
    strict = EmbeddedClassifier(0.99, encoder=encoder, first_stage=first_stage)
    assert EmbeddedClassifier().thresholds(ROUTES) == pytest.approx((THRESHOLD, THRESHOLD))
    assert strict.thresholds(ROUTES) == pytest.approx((0.99, 0.99))
    assert strict.decide(ask(PROGRAMMING[0]), ROUTES).route is None
    lenient = (ROUTES[0], Route("code_generation", GENERATION, (), threshold=-1.0))
    assert strict.thresholds(lenient) == pytest.approx((0.99, -1.0))
    assert strict.decide(ask("Hello"), lenient).route == "code_generation"


def test_examples_attract_what_the_description_does_not(classifier: EmbeddedClassifier) -> None:
    plain = Route("team_42", "requests of team 42", ())
    taught = Route("team_42", "requests of team 42", (), examples=("what is for lunch today",))
    question = ask("what is for lunch on Monday")
    assert classifier.scores(question, [taught]) > classifier.scores(question, [plain])
    assert classifier.thresholds([taught]) != classifier.thresholds([plain])


def test_likeness_of_routes(classifier: EmbeddedClassifier) -> None:
    likeness = classifier.similarities((*ROUTES, *WORDY_ROUTES))
    assert likeness.shape == (4, 4)
    assert np.allclose(np.diag(likeness), 1, atol=1e-5)
    assert likeness[0, 3] > likeness[0, 1]
    assert likeness[1, 2] > likeness[1, 3]


@pytest.mark.parametrize(
    "text",
    ["lorem ipsum " * 87_400, "x" * 1_048_576, "文" * 349_525, "\U0001f701" * 262_144],
    ids=["words", "one word", "ideographs", "symbols"],
)
def test_of_a_long_text_only_its_ends_are_read(
    monkeypatch: pytest.MonkeyPatch, classifier: EmbeddedClassifier, text: str
) -> None:
    read: list[str] = []
    ids = classifier.stages.tokens.ids

    def noted(given: str) -> list[int]:
        read.append(given)
        return ids(given)

    monkeypatch.setattr(classifier.stages.tokens, "ids", noted)
    classifier.decide(ask(text), ROUTES)
    assert sum(map(len, read)) < 2000


async def test_text_that_utf8_cannot_carry_is_classified(classifier: EmbeddedClassifier) -> None:
    routes = (Route("odd \udc80", "\ud800 " + GENERATION, ()),)
    assert (await classifier.classify(ask(f"{PROGRAMMING[0]} \ud83d"), routes)).route is not None


class Waiting(Encoder):
    """Answers once somebody on the event loop says so."""

    def __init__(self) -> None:
        super().__init__()
        self.allowed = threading.Event()

    def prompt(self, ids: Sequence[int]) -> Vector:
        assert self.allowed.wait(20), "the event loop was blocked"
        return super().prompt(ids)

    def route(self, ids: Sequence[int]) -> Vector:
        assert self.allowed.wait(20), "the event loop was blocked"
        return super().route(ids)


async def test_the_loop_goes_on_while_the_encoder_runs() -> None:
    encoder = Waiting()
    classifier = EmbeddedClassifier(encoder=encoder, caution=None)
    asked = asyncio.create_task(classifier.classify(ask(PROGRAMMING[0]), ROUTES))
    await asyncio.sleep(0.05)
    assert not asked.done()
    encoder.allowed.set()
    assert (await asked).route == "code_generation"
    await classifier.close()


async def test_closing_ends_the_thread() -> None:
    classifier = EmbeddedClassifier(caution=None)
    before = set(threading.enumerate())
    await classifier.classify(ask(PROGRAMMING[0]), ROUTES)
    started = set(threading.enumerate()) - before
    assert [thread.name for thread in started] == ["encoder_0"]
    await classifier.close()
    for thread in started:
        thread.join(10)
        assert not thread.is_alive()


class Counting(Encoder):
    """Counts what is encoded."""

    def __init__(self) -> None:
        super().__init__()
        self.routes = 0

    def route(self, ids: Sequence[int]) -> Vector:
        self.routes += 1
        return super().route(ids)


async def test_routes_are_encoded_once_per_list(first_stage: StaticVectors) -> None:
    encoder = Counting()
    classifier = EmbeddedClassifier(encoder=encoder, first_stage=first_stage)
    for _ in range(3):
        await classifier.classify(ask("Hello"), ROUTES)
        await classifier.classify(ask("Hello"), tuple(reversed(ROUTES)))
    assert encoder.routes == 2
    assert len(classifier._lists) == 2

    for turn in range(200):
        classifier.decide(ask("Hello"), [Route(f"route {turn}", "a task", ())])
    assert encoder.routes == 202
    classifier.decide(ask("Hello"), [Route("route 199", "a task", ())])
    assert encoder.routes == 202
    assert len(classifier._lists) == 128, "the oldest lists are forgotten"


@pytest.mark.parametrize(
    "routes",
    [
        [Route(f"route {number}", "a task", ()) for number in range(65)],
        [Route("long", "word " * 10_000, ())],
        [Route("taught", "", (), examples=("word " * 10_000,))],
    ],
    ids=["many", "long", "examples"],
)
async def test_outsized_lists_are_not_kept(
    classifier: EmbeddedClassifier, routes: list[Route]
) -> None:
    await classifier.classify(ask(ANALYSIS), ROUTES)
    expected = await classifier.classify(ask(ANALYSIS), routes)
    assert await classifier.classify(ask(ANALYSIS), routes) == expected
    assert len(classifier._lists) == 1


async def test_nothing_is_asked_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the embedded classifier opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    intent = await EmbeddedClassifier().classify(ask(PROGRAMMING[0]), ROUTES)
    assert intent.route == "code_generation"


def inline(name: str, routes: int) -> list[Route]:
    """Routes that a client brings along, each with an example: two runs of the encoder a route."""
    return [
        Route(f"{name} {n}", f"the task {n} of {name}", (), examples=(f"do {n} of {name}",))
        for n in range(routes)
    ]


class Gated(Encoder):
    """Encodes prompts or routes only once it may; counts both."""

    def __init__(self) -> None:
        super().__init__()
        self.prompts_allowed = threading.Event()
        self.routes_allowed = threading.Event()
        self.started = 0

    def prompt(self, ids: Sequence[int]) -> Vector:
        self.started += 1
        assert self.prompts_allowed.wait(20)
        return super().prompt(ids)

    def route(self, ids: Sequence[int]) -> Vector:
        self.started += 1
        assert self.routes_allowed.wait(20)
        return super().route(ids)

    def open(self) -> None:
        self.prompts_allowed.set()
        self.routes_allowed.set()


@pytest.fixture
def gated() -> Iterator[Gated]:
    encoder = Gated()
    yield encoder
    encoder.open()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0)


@pytest.mark.parametrize("configured", [False, True])
async def test_when_the_encoder_is_late_the_first_stage_answers(
    gated: Gated, first_stage: StaticVectors, *, configured: bool
) -> None:
    gated.routes_allowed.set()
    classifier = EmbeddedClassifier(
        configured=ROUTES if configured else (),
        bounds=Bounds(timeout=0.5, threads=2),
        encoder=gated,
        first_stage=first_stage,
        caution=None,
    )
    classifier.thresholds(ROUTES)
    intent = await classifier.classify(ask(PROGRAMMING[0]), ROUTES)
    assert (intent.route, intent.classifier) == ("code_generation", FIRST_STAGE)
    assert intent.fallback == "timeout"
    gated.open()
    await until(lambda: classifier._queue._free == 2)
    classifier._bounds = Bounds()  # however slow this machine is
    intent = await classifier.classify(ask(PROGRAMMING[0]), ROUTES)
    assert (intent.route, intent.classifier) == ("code_generation", EMBEDDED)
    assert intent.fallback is None
    await classifier.close()


@pytest.mark.parametrize("configured", [False, True])
async def test_the_first_stage_reads_routes_itself_that_the_encoder_has_not(
    gated: Gated, first_stage: StaticVectors, *, configured: bool
) -> None:
    classifier = EmbeddedClassifier(
        configured=ROUTES if configured else (),
        bounds=Bounds(timeout=0.5, threads=2),
        encoder=gated,
        first_stage=first_stage,
    )
    intent = await classifier.classify(ask(PROGRAMMING[0]), ROUTES)
    assert (intent.route, intent.classifier) == ("code_generation", FIRST_STAGE)
    assert intent.fallback == "timeout"
    gated.open()
    await classifier.close()


async def test_where_not_even_the_first_stage_has_a_thread_it_is_an_error(
    gated: Gated, first_stage: StaticVectors
) -> None:
    classifier = EmbeddedClassifier(
        bounds=Bounds(timeout=0.01), encoder=gated, first_stage=first_stage
    )
    with pytest.raises(ClassificationError) as raised:
        await classifier.classify(ask(PROGRAMMING[0]), ROUTES)
    assert raised.value.reason == "timeout"
    assert str(raised.value) == "no answer within 0.01 s"
    assert [classifier._queue.waiting(lane) for lane in Lane] == [0, 0, 0]
    await classifier.close()


async def test_routes_with_too_many_texts_are_not_encoded(first_stage: StaticVectors) -> None:
    counting = Counting()
    classifier = EmbeddedClassifier(
        configured=ROUTES, bounds=Bounds(texts=3), encoder=counting, first_stage=first_stage
    )
    await classifier.classify(ask(ANALYSIS), ROUTES)
    assert counting.routes == 2
    many = (*ROUTES, Route("lunch", "what is for lunch", (), examples=("soup", "bread")))
    intent = await classifier.classify(ask(PROGRAMMING[0]), many)
    assert (intent.route, intent.classifier) == ("code_generation", FIRST_STAGE)
    assert intent.fallback == "too_many_texts"
    assert counting.routes == 2
    allowed = await classifier.classify(ask(PROGRAMMING[0]), WORDY_ROUTES)
    assert (allowed.route, allowed.classifier) == ("code generation", EMBEDDED)
    assert counting.routes == 4
    await classifier.close()


async def test_configured_routes_have_no_limit_and_are_never_forgotten(
    first_stage: StaticVectors,
) -> None:
    counting = Counting()
    configured = [*ROUTES, *inline("more", 70)]
    classifier = EmbeddedClassifier(
        configured=configured, bounds=Bounds(texts=3), encoder=counting, first_stage=first_stage
    )
    assert (await classifier.classify(ask(PROGRAMMING[0]), configured)).classifier == EMBEDDED
    assert counting.routes == 72
    for turn in range(200):
        classifier.decide(ask("Hello"), [Route(f"route {turn}", "a task", ())])
    assert (await classifier.classify(ask(PROGRAMMING[0]), configured)).classifier == EMBEDDED
    assert counting.routes == 272
    await classifier.close()


async def test_where_too_many_wait_the_first_stage_answers(
    gated: Gated, first_stage: StaticVectors
) -> None:
    gated.routes_allowed.set()
    classifier = EmbeddedClassifier(encoder=gated, first_stage=first_stage, caution=None)
    classifier.thresholds(ROUTES)
    waiting = [
        asyncio.create_task(classifier.classify(ask(PROGRAMMING[0]), ROUTES)) for _ in range(PLACES)
    ]
    await until(lambda: classifier._queue.waiting(Lane.INLINE) == PLACES)
    intent = await classifier.classify(ask(PROGRAMMING[0]), ROUTES)
    assert (intent.route, intent.classifier) == ("code_generation", FIRST_STAGE)
    assert intent.fallback == "busy"
    gated.open()
    assert {intent.classifier for intent in await asyncio.gather(*waiting)} == {EMBEDDED}
    await classifier.close()


class Runs(Encoder):
    """Counts all that is encoded."""

    count = 0

    def prompt(self, ids: Sequence[int]) -> Vector:
        self.count += 1
        return super().prompt(ids)

    def route(self, ids: Sequence[int]) -> Vector:
        self.count += 1
        return super().route(ids)


async def test_others_are_served_while_costly_requests_queue(first_stage: StaticVectors) -> None:
    encoder = Runs()
    classifier = EmbeddedClassifier(
        configured=ROUTES, encoder=encoder, first_stage=first_stage, caution=None
    )
    await classifier.classify(ask(ANALYSIS), ROUTES)
    hostile = [
        asyncio.create_task(classifier.classify(ask(ANALYSIS), inline(f"client {n}", 64)))
        for n in range(8)
    ]
    await until(lambda: encoder.count > 10)

    async def others_runs(question: str, routes: Sequence[Route], own: int) -> int:
        """How many runs of the encoder went to others while a question was answered."""
        before = encoder.count
        intent = await classifier.classify(ask(question), routes)
        assert (intent.classifier, intent.fallback) == (EMBEDDED, None)
        return encoder.count - before - own

    for number in range(20):
        assert await others_runs(f"{PROGRAMMING[0]} {number}", ROUTES, 1) <= 2
    assert await others_runs(PROGRAMMING[0], WORDY_ROUTES, 3) <= 2, "few inline routes go first"
    assert not any(task.done() for task in hostile)

    for task in hostile:
        task.cancel()
    await asyncio.wait(hostile)
    assert classifier._queue.waiting(Lane.INLINE) == 0
    await until(lambda: classifier._queue._free == 1)
    assert encoder.count < 200, "what is given up is not encoded"
    await classifier.close()


async def test_a_list_of_megabytes_is_answered_by_the_first_stage(
    first_stage: StaticVectors,
) -> None:
    encoder = Runs()
    classifier = EmbeddedClassifier(
        bounds=Bounds(texts=64), encoder=encoder, first_stage=first_stage
    )
    large = [*ROUTES, *(Route("a" * 100_000, "b c " * 25_000, ()) for _ in range(100))]
    intent = await classifier.classify(ask(PROGRAMMING[0]), large)
    assert (intent.route, intent.fallback) == ("code_generation", "too_many_texts")
    assert encoder.count == 0
    await classifier.close()


REST = Route("general", "everything else", ())


@pytest.mark.parametrize("prompt", ["Good morning!", "who sang Purple Rain", "is a tomato a fruit"])
def test_what_no_route_matches_goes_to_the_one_that_takes_the_rest(prompt: str) -> None:
    classifier = EmbeddedClassifier()
    told = Route("law", "legal advice", (), fallback=True)
    code = PROGRAMMING[0]
    for asked, routes, route, took_the_rest in (
        (prompt, ROUTES, None, False),
        (prompt, (REST, *ROUTES), "general", True),
        (prompt, (REST,), "general", True),
        (prompt, (*ROUTES, told), "law", True),
        (code, (REST, *ROUTES), "code_generation", False),
    ):
        intent = classifier.decide(ask(asked), routes)
        assert (intent.route, intent.took_the_rest) == (route, took_the_rest)
