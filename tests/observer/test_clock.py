from __future__ import annotations

import pytest

from extproc.observer.clock import Clock


class Machine:
    """A machine's two clocks."""

    def __init__(self) -> None:
        self.day = 1_700_000_000.0
        self.steady = 500.0

    def passes(self, seconds: float) -> None:
        self.day += seconds
        self.steady += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.day, lambda: self.steady)


@pytest.mark.parametrize("step", [-7200.0, 7200.0])
def test_time_goes_on_as_ever_when_the_clock_is_set(step: float) -> None:
    machine = Machine()
    clock = machine.clock()
    began = clock.now()
    machine.passes(10)
    machine.day += step
    machine.passes(5)
    assert clock.now() - began == 15
    assert clock.time_of_day(clock.now() + 60) == machine.day + 60


def test_what_is_heard_late_happened_when_it_did() -> None:
    machine = Machine()
    clock = machine.clock()
    ended = machine.day
    machine.passes(0.25)
    assert clock.heard(ended) == 500.0


@pytest.mark.parametrize("ended", [-7200.0, 3.0])
def test_what_cannot_have_happened_then_happened_now(ended: float) -> None:
    machine = Machine()
    assert machine.clock().heard(machine.day + ended) == 500.0


def test_a_time_of_day_stays_what_it_is_though_the_clocks_differ_a_little() -> None:
    machine = Machine()
    clock = machine.clock()
    told = clock.time_of_day(600.0)
    for _ in range(9):
        machine.passes(1)
        machine.day += 0.1
        assert clock.time_of_day(600.0) == told
    machine.day += 0.2
    assert clock.time_of_day(600.0) == pytest.approx(told + 1.1)
