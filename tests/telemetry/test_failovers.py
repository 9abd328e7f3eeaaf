"""Which attempts gave way: pairs in any order, with bounded memory."""

from __future__ import annotations

from extproc.telemetry.failovers import Failovers
from tests.helpers.telemetry_events import CLAUDE, MINI, attempt


def test_requests_without_a_failure_take_no_memory() -> None:
    failovers = Failovers()
    for number in range(100):
        assert failovers.told(attempt(request_id=f"{number}")) == []
    assert len(failovers) == 0


def test_a_pair_is_told_of_once() -> None:
    failovers = Failovers()
    first, second = attempt(1, CLAUDE, 429), attempt(2, MINI)
    assert failovers.told(second) == []
    assert failovers.told(first) == [first]
    assert failovers.told(first) == failovers.told(second) == []


def test_memory_is_bounded() -> None:
    failovers = Failovers(capacity=10)
    for number in range(1000):
        failovers.told(attempt(1, CLAUDE, 429, request_id=f"{number}"))
        assert len(failovers) <= 10
    assert failovers.told(attempt(2, MINI, request_id="0")) == []
    assert len(failovers.told(attempt(2, MINI, request_id="999"))) == 1


def test_who_was_only_slower_gave_way_to_nobody() -> None:
    failovers = Failovers()
    lost, won = attempt(1, CLAUDE, 0, lost=True), attempt(2, MINI)
    assert failovers.told(won) == failovers.told(lost) == []
    failed, answered = attempt(1, CLAUDE, 500, request_id="r"), attempt(2, MINI, request_id="r")
    slower = attempt(3, CLAUDE, 0, lost=True, request_id="r")
    assert failovers.told(slower) == failovers.told(answered) == []
    assert failovers.told(failed) == [failed]
