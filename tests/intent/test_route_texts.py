"""The texts of a list of routes."""

from __future__ import annotations

import numpy as np
import pytest

from extproc.core.routes import Route
from extproc.intent.route_texts import (
    RouteText,
    count_texts,
    list_key,
    more_texts_than,
    parted,
    route_texts,
)
from extproc.intent.tokens import Tokens, fit

PLAIN = Route("plain", "a task", ())
TAUGHT = Route("taught", "another", (), examples=("one", "\u200b", "two"))


def test_examples_follow_their_route() -> None:
    assert list(route_texts([PLAIN, TAUGHT])) == [
        RouteText(PLAIN),
        RouteText(TAUGHT),
        *(RouteText(None, example) for example in TAUGHT.examples),
    ]
    assert count_texts([PLAIN, TAUGHT]) == 5


@pytest.mark.parametrize(("limit", "more"), [(0, True), (4, True), (5, False), (6, False)])
def test_whether_there_are_more_than_a_limit(limit: int, *, more: bool) -> None:
    assert more_texts_than(limit, [PLAIN, TAUGHT]) is more


def test_the_ids_of_a_text() -> None:
    tokens = Tokens()
    assert RouteText(PLAIN).ids(tokens) == tuple(tokens.route("plain", "a task"))
    assert RouteText(None, "one").ids(tokens) == tuple(fit([tokens.ids("one")]))
    assert RouteText(None, "\u200b").ids(tokens) == ()


def test_vectors_are_parted_as_texts_are_joined() -> None:
    vectors = [np.array([float(place)], np.float32) for place in range(5)]
    read = [*vectors[:3], None, vectors[4]]
    descriptions, examples = parted([PLAIN, TAUGHT], read)
    assert descriptions == vectors[:2]
    assert examples == [[], [vectors[2], vectors[4]]]


def test_a_key_holds_what_vectors_depend_on() -> None:
    other = Route("plain", "a task", ("other", "models"))
    assert list_key([PLAIN]) == list_key([other])
    assert list_key([PLAIN]) != list_key([Route("plain", "a task", (), threshold=0.1)])
