"""When a server that fails is left alone, and when it is tried again."""

from __future__ import annotations

import pytest

from extproc.intent.circuit_breaker import CircuitBreaker, State


def state(circuit: CircuitBreaker) -> State:
    """Asked anew: of an attribute the type checker believes that it stays what it was."""
    return circuit.state


def leave(circuit: CircuitBreaker, now: float = 0.0) -> int:
    given = circuit.admit(now)
    assert given is not None
    return given


def fail(circuit: CircuitBreaker, now: float = 0.0, strikes: int = 1) -> None:
    circuit.failed(leave(circuit, now), now, strikes)


def opened(now: float = 0.0) -> CircuitBreaker:
    circuit = CircuitBreaker(strikes=1)
    fail(circuit, now)
    assert state(circuit) is State.OPEN
    return circuit


def test_failures_in_a_row_open_it() -> None:
    circuit = CircuitBreaker()
    for _ in range(4):
        fail(circuit)
    assert state(circuit) is State.CLOSED
    fail(circuit)
    assert state(circuit) is State.OPEN
    assert circuit.admit(0.99) is None


def test_a_success_between_starts_the_count_anew() -> None:
    circuit = CircuitBreaker()
    for _ in range(3):
        for _ in range(4):
            fail(circuit)
        circuit.succeeded(leave(circuit))
    assert state(circuit) is State.CLOSED


def test_heavy_failures_open_it_sooner() -> None:
    circuit = CircuitBreaker()
    fail(circuit, strikes=3)
    assert state(circuit) is State.CLOSED
    fail(circuit, strikes=3)
    assert state(circuit) is State.OPEN


def test_after_the_pause_a_single_probe() -> None:
    circuit = opened()
    probe = leave(circuit, 1.0)
    assert state(circuit) is State.PROBING
    assert circuit.admit(100.0) is None, "one at a time"
    circuit.succeeded(probe)
    assert state(circuit) is State.CLOSED
    assert leave(circuit) == leave(circuit)


def test_failed_probes_double_the_pause_up_to_a_bound() -> None:
    circuit = opened()
    now, pauses = 0.0, []
    for _ in range(7):
        pauses.append(circuit.pause)
        assert circuit.admit(now + circuit.pause - 0.01) is None
        now += circuit.pause
        fail(circuit, now)
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_recovery_makes_the_next_pause_short_again() -> None:
    circuit = opened()
    fail(circuit, 1.0)
    assert circuit.pause == 2
    circuit.succeeded(leave(circuit, 3.0))
    assert circuit.pause == 1
    fail(circuit, 3.0)
    assert (circuit.state, circuit.admit(3.99)) == (State.OPEN, None)
    assert circuit.admit(4.0) is not None


@pytest.mark.parametrize("good", [True, False])
def test_what_comes_back_late_changes_nothing(good: bool) -> None:
    circuit = CircuitBreaker(strikes=1)
    late = leave(circuit)
    fail(circuit)

    def come_back() -> None:
        if good:
            circuit.succeeded(late)
        else:
            circuit.failed(late, 0.9)
        circuit.abandoned(late)

    come_back()
    assert (circuit.state, circuit.admit(0.99)) == (State.OPEN, None)
    probe = leave(circuit, 1.0)
    come_back()
    assert state(circuit) is State.PROBING
    circuit.succeeded(probe)
    come_back()
    assert state(circuit) is State.CLOSED


def test_a_probe_that_nobody_waits_for_is_no_verdict() -> None:
    circuit = opened()
    circuit.abandoned(leave(circuit, 1.0))
    assert state(circuit) is State.OPEN
    circuit.succeeded(leave(circuit, 1.0))
    assert state(circuit) is State.CLOSED


def test_giving_up_is_no_failure() -> None:
    circuit = CircuitBreaker(strikes=1)
    circuit.abandoned(leave(circuit))
    assert state(circuit) is State.CLOSED
