"""Who may ask a router model."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack

import pytest

from extproc.intent import ClassificationError
from extproc.intent.bulkhead import Bulkhead
from extproc.intent.circuit_breaker import CircuitBreaker, State


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(bulkhead: Bulkhead, reason: str = "timeout") -> None:
    with pytest.raises(ClassificationError) as raised, bulkhead.passage():
        raise ClassificationError(reason, "no answer")
    assert raised.value.reason == reason


def refusal(bulkhead: Bulkhead) -> str:
    with pytest.raises(ClassificationError) as raised, bulkhead.passage():
        raise AssertionError("the bulkhead let a question through")
    return raised.value.reason


def test_so_many_at_once() -> None:
    bulkhead = Bulkhead(2, Clock(), CircuitBreaker())
    with ExitStack() as on_their_way:
        on_their_way.enter_context(bulkhead.passage())
        on_their_way.enter_context(bulkhead.passage())
        assert refusal(bulkhead) == "busy"
    with bulkhead.passage():
        pass


def test_being_busy_is_not_held_against_the_server() -> None:
    circuit = CircuitBreaker(strikes=1)
    bulkhead = Bulkhead(1, Clock(), circuit)
    with bulkhead.passage():
        for _ in range(10):
            refusal(bulkhead)
    assert circuit.state is State.CLOSED


@pytest.mark.parametrize(
    ("reason", "times"),
    [("timeout", 5), ("status", 5), ("malformed", 5), ("interrupted", 5), ("unreachable", 2)],
)
def test_how_many_failures_open_the_circuit(reason: str, times: int) -> None:
    bulkhead = Bulkhead(8, Clock(), CircuitBreaker())
    for _ in range(times):
        fail(bulkhead, reason)
    assert refusal(bulkhead) == "circuit_open"


def test_the_probe_decides(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    bulkhead = Bulkhead(8, clock, CircuitBreaker(strikes=2))
    for _ in range(2):
        fail(bulkhead)
    for _ in range(5):
        assert refusal(bulkhead) == "circuit_open"
    clock.now = 1.0
    fail(bulkhead, "status")
    assert refusal(bulkhead) == "circuit_open"
    clock.now = 3.0
    with bulkhead.passage():
        assert refusal(bulkhead) == "circuit_open"
    with bulkhead.passage():
        pass
    assert [record.getMessage() for record in caplog.records] == [
        "the intent router is not asked for 1 s: no answer",
        "the intent router is not asked for 2 s: no answer",
        "the intent router answers again",
    ]


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyError("bug")])
def test_a_question_that_is_given_up_leaves_the_gate(error: BaseException) -> None:
    clock = Clock()
    bulkhead = Bulkhead(1, clock, CircuitBreaker(strikes=1))
    with pytest.raises(type(error)), bulkhead.passage():
        raise error
    fail(bulkhead)
    clock.now = 1.0
    with pytest.raises(type(error)), bulkhead.passage():
        raise error
    with bulkhead.passage():
        pass
