"""Which routes take what no other one does."""

from __future__ import annotations

import pytest

from extproc.core.routes import Route
from extproc.intent.catch_all import only_takes_the_rest, rest_of, takes_the_rest
from tests.helpers.growth import grows


def route(name: str, description: str, *, fallback: bool = False) -> Route:
    return Route(name, description, (), fallback=fallback)


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("general", "everything else"),
        ("general", ""),
        ("Other", "other requests"),
        ("misc", "anything else"),
        ("everything_else", "all other topics"),
        ("route_9", "requests that do not match any of the above"),
        ("route_9", "what doesn't fit elsewhere, none of the others"),
        ("fast", "catch-all"),
        ("default", "simple questions and everyday requests for a cheap model"),
        ("assistant", "general-purpose assistant for any other request"),
        ("cheap", "simple or general questions"),
    ],
)
def test_nothing_but_the_rest(name: str, description: str) -> None:
    assert takes_the_rest(route(name, description))
    if name != "route_9":
        assert only_takes_the_rest(route(name, description))


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("general questions", "casual conversation and simple queries"),
        ("simple", "simple questions, small talk and facts"),
        ("general", "casual chat"),
        ("cheap", "basic questions that a small model can answer"),
    ],
)
def test_the_rest_and_something_of_its_own(name: str, description: str) -> None:
    assert takes_the_rest(route(name, description))
    assert not only_takes_the_rest(route(name, description))


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("billing", "general questions about billing"),
        ("facts", "general knowledge questions"),
        ("sql", "simple sql queries"),
        ("law", "general legal questions"),
        ("code", "anything about programming"),
        ("coding", "anything that has to do with code"),
        ("chat", "casual conversation and greetings"),
        ("chat", "friendly conversation with no specific task"),
        ("general_counsel", "contracts"),
        ("route_4", "other things"),
        ("其他", "咨询"),
    ],
)
def test_routes_of_their_own(name: str, description: str) -> None:
    assert not takes_the_rest(route(name, description))


def test_who_is_told_to_comes_before_who_says_so() -> None:
    law = route("law", "legal advice")
    chat = route("chat", "small talk and general questions")
    rest = route("misc", "anything else")
    told = route("code", "writing code", fallback=True)
    assert rest_of([law]) is None
    assert rest_of([law, chat]) is chat
    assert rest_of([law, chat, rest]) is rest
    assert rest_of([law, chat, rest, told]) is told


def test_what_has_examples_is_found_by_them() -> None:
    assert not only_takes_the_rest(Route("misc", "anything else", (), examples=("hello",)))


@pytest.mark.parametrize("words", ["simple and ", "not ", "any kind of "])
def test_long_words_of_a_client_take_no_longer(words: str) -> None:
    def telling(size: int) -> None:
        text = words * (size // len(words))
        long = route(text, text)
        for _ in range(20):
            takes_the_rest(long)
            only_takes_the_rest(long)

    assert not grows(telling, 4_000)
