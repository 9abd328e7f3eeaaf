"""Receipts: joined whatever the order, bounded, and honest about money."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from extproc.core.records import Attempt, Completion, DecisionRecord
from extproc.core.usage import Usage
from extproc.ranking.snapshot import Price, Snapshot
from extproc.telemetry.receipt import Receipt
from extproc.telemetry.receipts import Receipts
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    MINI_COST,
    REQUEST,
    SNAPSHOT,
    TRACE,
    attempt,
    completion,
    decision,
)

Event = DecisionRecord | Attempt | Completion


def receipts(kept: int = 100, snapshot: Snapshot = SNAPSHOT, **how: Any) -> Receipts:
    return Receipts(kept, lambda: snapshot, **how)


def tell(kept: Receipts, *events: Event) -> Receipts:
    for event in events:
        match event:
            case DecisionRecord():
                kept.decided(event)
            case Attempt():
                kept.attempted(event)
            case Completion():
                kept.completed(event)
    return kept


def the_receipt(*events: Event, snapshot: Snapshot = SNAPSHOT) -> Receipt:
    (receipt,) = tell(receipts(snapshot=snapshot), *events).find(TRACE)
    return receipt


EVENTS: tuple[Event, ...] = (
    decision(),
    attempt(1, CLAUDE, 429),
    attempt(2, MINI),
    completion(2),
)


@pytest.mark.parametrize("order", [*permutations(range(4))])
def test_events_join_in_any_order(order: tuple[int, ...]) -> None:
    receipt = the_receipt(*(EVENTS[index] for index in order))
    assert receipt.decision == EVENTS[0]
    assert [entry.attempt for entry in receipt.attempts] == [EVENTS[1], EVENTS[2]]
    assert receipt.completion == EVENTS[3]
    assert receipt.answered_by == MINI
    assert receipt.cost_usd == pytest.approx(MINI_COST)


def test_a_receipt_fills_as_events_come() -> None:
    kept = tell(receipts(), decision())
    (receipt,) = kept.find(TRACE)
    assert (receipt.attempts, receipt.completion, receipt.answered_by) == ((), None, None)
    tell(kept, attempt())
    assert kept.find(TRACE)[0].answered_by == MINI


def test_an_attempt_told_twice_counts_once() -> None:
    receipt = the_receipt(decision(), attempt(), attempt())
    assert len(receipt.attempts) == 1
    assert receipt.cost_usd == pytest.approx(MINI_COST)


def test_a_decision_told_again_takes_the_place_of_the_first() -> None:
    kept = tell(receipts(), decision(), decision(trace_id="b" * 32))
    assert len(kept) == 1
    assert kept.find(TRACE) == ()
    assert len(kept.find("b" * 32)) == 1


def test_what_nobody_decided_is_no_receipt() -> None:
    kept = tell(receipts(), attempt(), completion())
    assert len(kept) == 0
    assert kept.find(TRACE) == ()


def numbered(number: int, trace_id: str | None = None) -> DecisionRecord:
    return decision(f"request {number}", trace_id or f"{number:032x}")


def test_the_oldest_receipts_leave() -> None:
    kept = receipts(kept=10)
    for number in range(1000):
        tell(kept, numbered(number))
        assert len(kept) == min(number + 1, 10)
    assert kept.find(f"{989:032x}") == ()
    assert [r.decision.request_id for r in kept.latest(2)] == ["request 999", "request 998"]
    assert len(kept._decided._traces) == 10


def test_nothing_is_kept_if_nothing_may_be_but_what_has_ended_is_told() -> None:
    kept = tell(receipts(kept=0), *EVENTS)
    assert len(kept) == len(kept._decided._traces) == 0
    assert [receipt.decision for receipt in kept.take_finished()] == [EVENTS[0]]


def test_several_requests_of_one_trace() -> None:
    kept = tell(receipts(), *(numbered(number, TRACE) for number in range(3)), numbered(9))
    by_trace = [receipt.decision.request_id for receipt in kept.find(TRACE)]
    assert by_trace == ["request 2", "request 1", "request 0"]
    by_request = [receipt.decision.request_id for receipt in kept.find("request 1")]
    assert by_request == ["request 1", "request 2", "request 0"]


@pytest.mark.parametrize("key", [TRACE, TRACE.upper(), REQUEST])
def test_what_a_receipt_is_found_by(key: str) -> None:
    other_request = decision("0")
    assert len(tell(receipts(), other_request).find(key)) == 1


def test_the_latest_are_filtered() -> None:
    kept = tell(
        receipts(),
        decision("1", "a" * 32, route="chat"),
        decision("2", "b" * 32),
        decision("3", "b" * 32, candidates=()),
        decision("4", "c" * 32, route=None),
    )

    def found(**filters: str) -> list[str]:
        return [receipt.decision.request_id for receipt in kept.latest(10, **filters)]

    assert found() == ["4", "3", "2", "1"]
    assert found(route="code") == ["3", "2"]
    assert found(route="code", model=LARGE) == ["2"]
    assert found(trace_id="b" * 32) == ["3", "2"]
    assert found(model="nobody") == []
    assert [receipt.decision.request_id for receipt in kept.latest(1)] == ["4"]


ANSWERED = attempt()


@pytest.mark.parametrize(
    ("used", "price", "cost"),
    [
        (Usage(1000, 200, 400), Price(0.15, 0.60, 0.075), MINI_COST),
        (Usage(1000, 200), Price(0.15, 0.60), (1000 * 0.15 + 200 * 0.60) / 1e6),
        (Usage(1000, 200, 0), Price(0.15, 0.60), (1000 * 0.15 + 200 * 0.60) / 1e6),
        (Usage(1000, 200), Price(0, 0), 0.0),
        (Usage(1000, 200, 400), Price(0.15, 0.60), None),
        (Usage(1000, None), Price(0.15, 0.60), None),
        (Usage(None, 200), Price(0.15, 0.60), None),
        (Usage(), Price(0.15, 0.60), None),
        (Usage(1000, 200, 400), None, None),
    ],
)
def test_what_an_attempt_costs(used: Usage, price: Price | None, cost: float | None) -> None:
    snapshot = Snapshot(prices={} if price is None else {MINI: price})
    receipt = the_receipt(decision(), replace(ANSWERED, usage=used), snapshot=snapshot)
    assert receipt.attempts[0].cost_usd == pytest.approx(cost)
    assert receipt.cost_usd == pytest.approx(cost)


def test_an_attempt_is_priced_when_it_is_told_of() -> None:
    prices = [Price(1, 1), Price(5, 5)]
    kept = Receipts(10, lambda: Snapshot(prices={MINI: prices[0]}))
    used = Usage(1_000_000, 0)
    tell(kept, attempt(usage=used))
    prices.pop(0)
    tell(kept, decision())
    assert kept.find(TRACE)[0].cost_usd == 1.0


@pytest.mark.parametrize(
    ("told", "cost", "input_tokens"),
    [
        ((attempt(1, LARGE, 503), attempt(2)), MINI_COST, 1000),
        ((attempt(1, LARGE, 503, usage=Usage(10, 0)), attempt(2)), MINI_COST + 25e-6, 1010),
        ((attempt(1, LARGE, 503), attempt(2, CLAUDE)), None, 1000),
        ((attempt(1, MINI), attempt(2, CLAUDE)), None, 2000),
        ((attempt(1, MINI), attempt(2, MINI, usage=Usage())), None, None),
        ((attempt(1, MINI, flags="UC", usage=Usage()), attempt(2, MINI)), None, None),
        ((attempt(1, MINI, 429), attempt(2, LARGE, 500)), None, None),
        ((), None, None),
    ],
)
def test_what_a_request_costs(
    told: tuple[Attempt, ...], cost: float | None, input_tokens: int | None
) -> None:
    receipt = the_receipt(decision(), *told)
    assert receipt.cost_usd == pytest.approx(cost)
    assert receipt.usage.input_tokens == input_tokens


@pytest.mark.parametrize(("attempts", "known"), [(1, True), (2, False)])
def test_totals_are_unknown_while_an_attempt_is_missing(attempts: int, known: bool) -> None:
    receipt = the_receipt(decision(), attempt(), completion(attempts))
    assert (receipt.cost_usd is not None) is known
    assert (receipt.usage.output_tokens is not None) is known


@pytest.mark.parametrize(
    ("told", "answered_by"),
    [
        ((attempt(1, CLAUDE, 500), attempt(2, MINI)), MINI),
        ((attempt(1, CLAUDE, 500),), None),
        ((attempt(1, CLAUDE, 500), completion(1, CLAUDE, 500)), CLAUDE),
        ((completion(0, None, 400),), None),
    ],
)
def test_who_answered(told: tuple[Event, ...], answered_by: str | None) -> None:
    assert the_receipt(decision(), *told).answered_by == answered_by


def test_changes_since_a_revision_the_last_one_first() -> None:
    receipts = Receipts(10, lambda: SNAPSHOT)
    for name in ("a", "b", "c"):
        receipts.decided(decision(name))
    seen = receipts.revision
    assert [receipt.decision.request_id for _, receipt in receipts.changed_since(0)] == [*"cba"]
    receipts.attempted(attempt(request_id="a"))
    assert [receipt.decision.request_id for _, receipt in receipts.changed_since(seen)] == ["a"]
    assert list(receipts.changed_since(receipts.revision)) == []


def test_what_is_forgotten_has_not_changed() -> None:
    receipts = Receipts(2, lambda: SNAPSHOT)
    for number in range(5):
        receipts.decided(decision(f"{number}"))
    assert [receipt.decision.request_id for _, receipt in receipts.changed_since(0)] == ["4", "3"]
