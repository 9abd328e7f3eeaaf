"""Who may ask a router model."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack

import pytest

from extproc.intent import ClassificationError
from extproc.intent.circuit import Circuit, State
from extproc.intent.gate import Gate


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(gate: Gate, reason: str = "timeout") -> None:
    with pytest.raises(ClassificationError) as raised, gate.passage():
        raise ClassificationError(reason, "no answer")
    assert raised.value.reason == reason


def refusal(gate: Gate) -> str:
    with pytest.raises(ClassificationError) as raised, gate.passage():
        raise AssertionError("the gate let a question through")
    return raised.value.reason


def test_so_many_at_once() -> None:
    gate = Gate(2, Clock(), Circuit())
    with ExitStack() as on_their_way:
        on_their_way.enter_context(gate.passage())
        on_their_way.enter_context(gate.passage())
        assert refusal(gate) == "busy"
    with gate.passage():
        pass


def test_being_busy_is_not_held_against_the_server() -> None:
    circuit = Circuit(strikes=1)
    gate = Gate(1, Clock(), circuit)
    with gate.passage():
        for _ in range(10):
            refusal(gate)
    assert circuit.state is State.CLOSED


@pytest.mark.parametrize(
    ("reason", "times"),
    [("timeout", 5), ("status", 5), ("malformed", 5), ("interrupted", 5), ("unreachable", 2)],
)
def test_how_many_failures_open_the_circuit(reason: str, times: int) -> None:
    gate = Gate(8, Clock(), Circuit())
    for _ in range(times):
        fail(gate, reason)
    assert refusal(gate) == "circuit_open"


def test_the_probe_decides(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    gate = Gate(8, clock, Circuit(strikes=2))
    for _ in range(2):
        fail(gate)
    for _ in range(5):
        assert refusal(gate) == "circuit_open"
    clock.now = 1.0
    fail(gate, "status")
    assert refusal(gate) == "circuit_open"
    clock.now = 3.0
    with gate.passage():
        assert refusal(gate) == "circuit_open"
    with gate.passage():
        pass
    assert [record.getMessage() for record in caplog.records] == [
        "the intent router is not asked for 1 s: no answer",
        "the intent router is not asked for 2 s: no answer",
        "the intent router answers again",
    ]


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyError("bug")])
def test_a_question_that_is_given_up_leaves_the_gate(error: BaseException) -> None:
    clock = Clock()
    gate = Gate(1, clock, Circuit(strikes=1))
    with pytest.raises(type(error)), gate.passage():
        raise error
    fail(gate)
    clock.now = 1.0
    with pytest.raises(type(error)), gate.passage():
        raise error
    with gate.passage():
        pass
