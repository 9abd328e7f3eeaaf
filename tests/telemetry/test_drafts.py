"""Requests under way: each is told of once, when there is nothing more to wait for."""

from __future__ import annotations

from itertools import permutations

import pytest

from extproc.core.records import Attempt, Completion, DecisionRecord
from extproc.telemetry.drafts import Drafts
from extproc.telemetry.receipt import PricedAttempt, Receipt
from tests.helpers.set_clock import SetClock
from tests.helpers.telemetry_events import (
    CLAUDE,
    MINI,
    REQUEST,
    attempt,
    completion,
    decision,
)

Event = DecisionRecord | Attempt | Completion


def tell(drafts: Drafts, *events: Event) -> Drafts:
    for event in events:
        match event:
            case DecisionRecord():
                drafts.decided(event)
            case Attempt():
                drafts.add(event.request_id, PricedAttempt(event))
            case Completion():
                drafts.add(event.request_id, event)
    return drafts


def attempts_of(receipt: Receipt) -> list[Attempt]:
    return [entry.attempt for entry in receipt.attempts]


FAILED, ANSWERED = attempt(1, CLAUDE, 429), attempt(2, MINI)
EVENTS: tuple[Event, ...] = (decision(), FAILED, ANSWERED, completion(2))


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_a_request_is_finished_once_and_when_all_is_told(order: tuple[int, ...]) -> None:
    drafts = Drafts(SetClock())
    for index in order[:-1]:
        tell(drafts, EVENTS[index])
        assert drafts.take_finished() == []
    tell(drafts, EVENTS[order[-1]])
    (receipt,) = drafts.take_finished()
    assert (receipt.decision, receipt.completion) == (EVENTS[0], EVENTS[3])
    assert attempts_of(receipt) == [FAILED, ANSWERED]
    assert drafts.take_finished(stragglers=True) == []
    assert len(drafts) == 0


def test_a_request_without_attempts_is_finished_at_its_end() -> None:
    drafts = tell(Drafts(SetClock()), decision(), completion(0, None))
    assert len(drafts.take_finished()) == 1


def test_a_missing_attempt_is_waited_for_and_then_given_up() -> None:
    time = SetClock()
    drafts = tell(Drafts(time), decision(), FAILED, completion(2))
    time.now = 4.0
    assert drafts.take_finished() == []
    tell(drafts, completion(2))
    time.now = 5.0
    (receipt,) = drafts.take_finished()
    assert attempts_of(receipt) == [FAILED]
    assert receipt.cost_usd is None


def test_at_the_end_nothing_that_has_ended_is_waited_for() -> None:
    under_way = decision("another")
    drafts = tell(Drafts(SetClock()), decision(), under_way, FAILED, completion(2))
    assert [each.decision for each in drafts.take_finished(stragglers=True)] == [EVENTS[0]]
    assert len(drafts) == 1


def test_a_decision_told_again_starts_anew() -> None:
    drafts = tell(Drafts(SetClock()), decision(), ANSWERED, decision(route="chat"), completion(0))
    (receipt,) = drafts.take_finished()
    assert (receipt.decision.route, receipt.attempts) == ("chat", ())


def test_requests_of_which_nobody_tells_the_end_leave_after_an_hour() -> None:
    time = SetClock()
    drafts = tell(Drafts(time), decision())
    time.now = 3600.0
    tell(drafts, decision("another"))
    assert drafts.take_finished() == []
    time.now = 3601.0
    (receipt,) = drafts.take_finished()
    assert (receipt.decision.request_id, receipt.completion) == (REQUEST, None)
    assert len(drafts) == 1


def test_of_too_many_the_oldest_leave_as_they_stand() -> None:
    drafts = tell(Drafts(SetClock(), most=2), *(decision(str(number)) for number in range(5)))
    assert [each.decision.request_id for each in drafts.take_finished()] == ["0", "1", "2"]
    assert len(drafts) == 2


def test_what_is_told_after_the_end_goes_where_the_request_is_remembered() -> None:
    drafts = Drafts(SetClock())
    draft = drafts.decided(decision())
    tell(drafts, completion(0))
    assert len(drafts.take_finished()) == 1
    drafts.add(REQUEST, PricedAttempt(ANSWERED), draft)
    assert attempts_of(draft.receipt()) == [ANSWERED]
    assert drafts.take_finished(stragglers=True) == []


def test_the_waiting_room_is_bounded_in_time() -> None:
    time = SetClock()
    drafts = tell(Drafts(time, patience=30), attempt(request_id="lost"), attempt())
    time.now = 29.0
    assert len(drafts.decided(decision()).attempts) == 1
    time.now = 31.0
    tell(drafts, attempt(request_id="another"))
    assert drafts.decided(decision("lost", "c" * 32)).attempts == {}


def test_the_waiting_room_is_bounded_in_number() -> None:
    drafts = Drafts(SetClock(), most_events=40)
    for number in range(1000):
        tell(drafts, attempt(request_id=f"request {number}"))
    assert len(drafts._waiting) == 40


def test_a_copy_is_waited_for_and_is_none_of_the_attempts() -> None:
    time = SetClock()
    drafts = Drafts(time)
    copied, copy = decision(shadow=CLAUDE), attempt(0, CLAUDE)
    tell(drafts, copied, attempt(1, MINI), completion(1))
    time.now = 29.0
    assert drafts.take_finished() == []
    tell(drafts, copy)
    (receipt,) = drafts.take_finished()
    assert [one.number for one in attempts_of(receipt)] == [1]
    assert receipt.shadow == PricedAttempt(copy)
    assert drafts.resumed(receipt).receipt() == receipt


def test_a_copy_is_not_waited_for_for_ever() -> None:
    time = SetClock()
    drafts = tell(Drafts(time), decision(shadow=CLAUDE), attempt(1, MINI), completion(1))
    time.now = 30.0
    (receipt,) = drafts.take_finished()
    assert receipt.shadow is None


@pytest.mark.parametrize(
    ("answered", "end", "lost"),
    [
        ((), completion(2, None, 0), False),  # its client left
        ((), completion(2, None, 504), False),  # its time ran out
        ((attempt(2, MINI),), completion(2, MINI), True),
        ((attempt(2, MINI),), completion(2, None, 502), True),  # a guard refused the answer
    ],
)
def test_an_attempt_is_lost_only_to_one_that_was_answered(
    answered: tuple[Attempt, ...], end: Completion, lost: bool
) -> None:
    """Envoy says the same of all that it gives up."""
    given_up = attempt(1, CLAUDE, 0, hedged=True, lost=True)
    others = answered or (attempt(2, MINI, 0, hedged=True, lost=True),)
    (receipt,) = tell(Drafts(SetClock()), decision(), given_up, *others, end).take_finished()
    first, second = attempts_of(receipt)
    assert (first.lost, first.outcome.costs) == (lost, lost)
    assert not second.lost
