"""The classifier that asks a router model: slow, wrong, dead, or well."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from cachetools import TTLCache

from extproc.core.conversation import Conversation, Turn
from extproc.core.routes import Route
from extproc.intent import ClassificationError, Intent, IntentClassifier
from extproc.intent.arch_router_prompt import ARCH_ROUTER
from extproc.intent.bulkhead import Bulkhead
from extproc.intent.circuit_breaker import CircuitBreaker
from extproc.intent.completions import Completions
from extproc.intent.orchestrator_prompt import PLANO_ORCHESTRATOR
from extproc.intent.prompt_format import PromptFormat
from extproc.intent.router_model import RouterModel
from tests.helpers.router_server import Reply, RouterServer, always, answering, response, serving

ROUTES = (Route("code", "writing code", ("small",)), Route("law", "legal advice", ("large",)))
TALK = (Turn("user", "Write quicksort in Go"),)


def talk(number: int) -> Conversation:
    """Conversations that differ, so that no answer is remembered."""
    return (Turn("user", f"question {number}"),)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def asking(
    url: str,
    *,
    deadline: float = 5.0,
    format_: PromptFormat = ARCH_ROUTER,
    concurrency: int = 8,
    cache: int = 8,
    clock: Clock | None = None,
) -> AsyncIterator[RouterModel]:
    now = clock or Clock()
    classifier = RouterModel(
        Completions(url, "the-model", {}, deadline),
        format_,
        Bulkhead(concurrency, now, CircuitBreaker()),
        TTLCache(cache, 60.0, now),
    )
    try:
        yield classifier
    finally:
        await classifier.close()


async def reason(classifier: IntentClassifier, conversation: Conversation = TALK) -> str:
    with pytest.raises(ClassificationError) as caught:
        await classifier.classify(conversation, ROUTES)
    return caught.value.reason


async def silence(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


@pytest.mark.parametrize("format_", [ARCH_ROUTER, PLANO_ORCHESTRATOR], ids=lambda each: each.name)
@pytest.mark.parametrize(
    ("content", "route", "others"),
    [
        ('{"route": "code"}', "code", ()),
        ('{"route": ["code"]}', "code", ()),
        ("{'route': ['x', 'law', 'code']}", "law", ("code",)),
        ('{"route": "other"}', None, ()),
        ('{"route": []}', None, ()),
        ("", None, ()),
    ],
)
async def test_answers_of_either_form_whichever_was_asked_for(
    format_: PromptFormat, content: str, route: str | None, others: tuple[str, ...]
) -> None:
    async with (
        serving(answering(content)) as server,
        asking(server.url, format_=format_) as classifier,
    ):
        intent = await classifier.classify(TALK, ROUTES)
        assert intent == Intent(route, others=others, classifier=format_.name)
    (body,) = server.bodies
    assert body["messages"] == [{"role": "user", "content": format_.fill(TALK, ROUTES)}]


@pytest.mark.parametrize("content", ['{"route": "other"}', '{"route": "law"}'])
async def test_what_it_names_no_route_for_goes_to_the_one_that_takes_the_rest(content: str) -> None:
    routes = (*ROUTES, Route("general", "everything else", ()))
    async with serving(answering(content)) as server, asking(server.url) as classifier:
        intent = await classifier.classify(TALK, routes)
        assert intent.route == ("law" if "law" in content else "general")
        assert intent.took_the_rest == ("law" not in content)
        again = await classifier.classify(TALK, routes)
        assert again == intent


async def test_the_context_length_is_the_configured_one() -> None:
    long = (Turn("user", "how " * 9000),)
    async with serving(answering("code")) as server:
        bulkhead = Bulkhead(1, Clock(), CircuitBreaker())
        completions = Completions(server.url, "m", {}, 5.0)
        answers: TTLCache[bytes, Intent] = TTLCache(1, 60.0, Clock())
        classifier = RouterModel(completions, ARCH_ROUTER, bulkhead, answers, 700)
        await classifier.classify(long, ROUTES)
        await classifier.close()
    (body,) = server.bodies
    assert body["messages"][0]["content"] == ARCH_ROUTER.fill(long, ROUTES, 700)


@pytest.mark.parametrize("turns", [(), (Turn("user", " "),), (Turn("assistant", "Hello"),)])
async def test_nothing_is_asked_about_nothing(turns: Conversation) -> None:
    async with serving(always(b"")) as server, asking(server.url) as classifier:
        assert await classifier.classify(turns, ROUTES) == Intent(None)
        assert server.bodies == []


async def test_using_an_answer_does_not_make_it_younger() -> None:
    clock = Clock()
    async with serving(answering("code")) as server, asking(server.url, clock=clock) as classifier:
        await classifier.classify(TALK, ROUTES)
        clock.now = 59.9
        await classifier.classify(TALK, ROUTES)
        assert len(server.bodies) == 1
        clock.now = 60.0
        await classifier.classify(TALK, ROUTES)
        assert len(server.bodies) == 2


async def test_the_answer_not_used_for_longest_gives_way() -> None:
    async with serving(answering("code")) as server, asking(server.url, cache=2) as classifier:
        for number in (1, 2, 1, 3):
            await classifier.classify(talk(number), ROUTES)
        assert len(server.bodies) == 3
        for number in (1, 3):
            await classifier.classify(talk(number), ROUTES)
        assert len(server.bodies) == 3
        await classifier.classify(talk(2), ROUTES)
        assert len(server.bodies) == 4


async def test_the_same_question_is_asked_once() -> None:
    clock = Clock()
    async with (
        serving(answering('{"route": "code"}')) as server,
        asking(server.url, clock=clock) as classifier,
    ):
        for _ in range(3):
            assert (await classifier.classify(TALK, ROUTES)).route == "code"
        assert len(server.bodies) == 1
        other_models = (Route("code", "writing code", ("any",)), ROUTES[1])
        assert (await classifier.classify(TALK, other_models)).route == "code"
        assert len(server.bodies) == 1, "the models of a route are not part of the question"
        await classifier.classify(TALK, ROUTES[::-1])
        await classifier.classify((*TALK, Turn("assistant", "no")), ROUTES)
        assert len(server.bodies) == 3
        clock.now = 60.0
        await classifier.classify(TALK, ROUTES)
        assert len(server.bodies) == 4


async def test_turns_that_are_not_sent_do_not_tell_questions_apart() -> None:
    turns = tuple(talk(number)[0] for number in range(16))
    async with (
        serving(answering("code")) as server,
        asking(server.url, format_=PLANO_ORCHESTRATOR) as classifier,
    ):
        await classifier.classify((Turn("user", "long ago"), *turns), ROUTES)
        await classifier.classify((Turn("user", "even longer ago"), *turns), ROUTES)
        assert len(server.bodies) == 1


async def test_failures_are_not_remembered() -> None:
    async with (
        serving(answering("I would rather not say")) as server,
        asking(server.url) as classifier,
    ):
        assert await reason(classifier) == "malformed"
        server.reply = answering('{"route": "law"}')
        assert (await classifier.classify(TALK, ROUTES)).route == "law"


async def test_without_a_cache_every_question_is_asked() -> None:
    async with (
        serving(answering("code")) as server,
        asking(server.url, cache=0) as classifier,
    ):
        for _ in range(3):
            await classifier.classify(TALK, ROUTES)
        assert len(server.bodies) == 3


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (silence, "timeout"),
        (always(response(b"{}", "500 Oops")), "status"),
        (answering("I would rather not say"), "malformed"),
        (always(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "interrupted"),
    ],
    ids=["slow", "failing", "wrong", "odd"],
)
async def test_a_router_that_keeps_failing_is_left_alone_and_tried_again(
    reply: Reply, expected: str
) -> None:
    clock = Clock()
    async with (
        serving(reply) as server,
        asking(server.url, deadline=0.5 if reply is silence else 10.0, clock=clock) as classifier,
    ):
        reasons = [await reason(classifier, talk(number)) for number in range(7)]
        assert reasons == [*[expected] * 5, "circuit_open", "circuit_open"]
        assert len(server.bodies) == 5
        clock.now = 1.0
        server.reply = answering('{"route": "law"}')
        assert (await classifier.classify(TALK, ROUTES)).route == "law"
        assert (await classifier.classify(talk(8), ROUTES)).route == "law"


async def test_a_dead_router_is_left_alone_sooner() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1/chat/completions"
        async with asking(url) as classifier:
            reasons = [await reason(classifier) for _ in range(3)]
            assert reasons == ["unreachable", "unreachable", "circuit_open"]


async def test_what_is_known_is_answered_while_the_circuit_is_open() -> None:
    async with serving(answering('{"route": "code"}')) as server, asking(server.url) as classifier:
        await classifier.classify(TALK, ROUTES)
        server.reply = always(response(b"", "500 Oops"))
        for number in range(5):
            assert await reason(classifier, talk(number)) == "status"
        assert await reason(classifier, talk(9)) == "circuit_open"
        assert (await classifier.classify(TALK, ROUTES)).route == "code"


async def test_only_so_many_questions_at_once() -> None:
    arrived, let_go = asyncio.Semaphore(0), asyncio.Event()

    async def reply(writer: asyncio.StreamWriter) -> None:
        arrived.release()
        await let_go.wait()
        await answering('{"route": "code"}')(writer)

    async with serving(reply) as server, asking(server.url, concurrency=2) as classifier:
        waiting = [
            asyncio.create_task(classifier.classify(talk(number), ROUTES)) for number in (1, 2)
        ]
        for _ in waiting:
            await arrived.acquire()
        assert await reason(classifier, talk(3)) == "busy"
        let_go.set()
        assert [intent.route for intent in await asyncio.gather(*waiting)] == ["code", "code"]
        assert (await classifier.classify(talk(3), ROUTES)).route == "code"
        assert server.connections == 2, "connections are used again"


async def test_a_request_that_is_given_up_frees_its_place() -> None:
    arrived = asyncio.Event()

    async def reply(_: asyncio.StreamWriter) -> None:
        arrived.set()
        await asyncio.sleep(30)

    server: RouterServer
    async with serving(reply) as server, asking(server.url, concurrency=1) as classifier:
        task = asyncio.create_task(classifier.classify(TALK, ROUTES))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        server.reply = answering('{"route": "code"}')
        assert (await classifier.classify(TALK, ROUTES)).route == "code"
