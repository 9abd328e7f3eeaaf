"""How long the answers of routes are, as it is learned."""

from __future__ import annotations

import pytest

from extproc.observer.output_lengths import OutputLengths


@pytest.fixture
def lengths() -> OutputLengths:
    return OutputLengths(frozenset(("code", "chat")))


def test_nothing_is_known_of_a_route_that_has_not_answered(lengths: OutputLengths) -> None:
    assert lengths.current() == {}


def test_the_first_answer_counts_whole(lengths: OutputLengths) -> None:
    lengths.answered("code", 400)
    assert lengths.current() == {"code": 400.0}


def test_later_answers_move_the_average_a_little(lengths: OutputLengths) -> None:
    lengths.answered("code", 400)
    lengths.answered("code", 500)
    assert lengths.current() == {"code": 405.0}
    lengths.answered("code", 0)
    assert lengths.current() == {"code": 384.8}


def test_the_average_comes_to_what_answers_have_become(lengths: OutputLengths) -> None:
    lengths.answered("code", 1000)
    for _ in range(100):
        lengths.answered("code", 10)
    assert 10 <= lengths.current()["code"] < 20


def test_equal_answers_leave_the_average_where_it_is(lengths: OutputLengths) -> None:
    for _ in range(50):
        lengths.answered("code", 123)
    assert lengths.current() == {"code": 123.0}


def test_routes_are_learned_apart(lengths: OutputLengths) -> None:
    lengths.answered("code", 900)
    lengths.answered("chat", 0)
    assert lengths.current() == {"code": 900.0, "chat": 0.0}


def test_a_route_that_a_client_brought_along_is_not_learned(lengths: OutputLengths) -> None:
    for number in range(10):
        lengths.answered(f"inline {number}", 100)
    assert lengths.current() == {}


def test_what_was_current_does_not_change(lengths: OutputLengths) -> None:
    lengths.answered("code", 400)
    before = lengths.current()
    lengths.answered("code", 500)
    lengths.answered("chat", 1)
    assert before == {"code": 400.0}
