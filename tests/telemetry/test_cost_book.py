"""Costs add up by time, route and model, and so does what they would have been elsewhere."""

from __future__ import annotations

import pytest

from extproc.core.records import Attempt, Completion, DecisionRecord
from extproc.core.usage import Usage
from extproc.ranking.snapshot import Price, Snapshot
from extproc.telemetry.cost_book import STEP, Cell, Comparison, CostBook, Figures
from extproc.telemetry.counterfactuals import Counterfactuals, Instead
from extproc.telemetry.labels import Labels
from extproc.telemetry.receipt import Receipt
from extproc.telemetry.receipts import Receipts
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    MINI_COST,
    NOW,
    SNAPSHOT,
    attempt,
    completion,
    configuration,
    cost_book,
    decision,
)

Event = DecisionRecord | Attempt | Completion
AT = int(NOW)
DEAR = Snapshot(prices={MINI: Price(1, 1, 1), LARGE: Price(2, 2, 2), CLAUDE: Price(4, 4, 4)})
ROUND = Usage(600_000, 400_000)


def finished(*events: Event, snapshot: Snapshot = SNAPSHOT) -> list[Receipt]:
    receipts = Receipts(10, lambda: snapshot)
    for event in events:
        match event:
            case DecisionRecord():
                receipts.decided(event)
            case Attempt():
                receipts.attempted(event)
            case Completion():
                receipts.completed(event)
    return receipts.take_finished(stragglers=True)


def known(book: CostBook, since: float = 0) -> dict[Cell, Figures]:
    return dict(book.since(since))


def test_a_request_counts_for_its_time_its_route_and_its_model() -> None:
    book = cost_book()
    book.add(finished(decision(at=NOW + 100), attempt(), completion()))
    (cell, figures), *others = book.since(0)
    assert others == []
    assert cell == Cell(AT, "code", MINI)
    assert (figures.requests, figures.without_cost) == (1, 0)
    assert figures.cost_usd == pytest.approx(MINI_COST)
    told = {kind: count for kind, count in figures.tokens.items() if count}
    assert told == {"input_tokens": 1000, "output_tokens": 200, "cached_tokens": 400}


def test_each_attempt_counts_for_its_own_model() -> None:
    book = cost_book(DEAR)
    told = (
        decision(),
        attempt(1, LARGE, 200, flags="UC", usage=ROUND),
        attempt(2, CLAUDE, usage=ROUND),
        completion(2, CLAUDE),
    )
    book.add(finished(*told, snapshot=DEAR))
    found = {cell.model: figures for cell, figures in book.since(0)}
    assert {model: figures.cost_usd for model, figures in found.items()} == {
        LARGE: 2.0,
        CLAUDE: 4.0,
    }
    assert {model: figures.requests for model, figures in found.items()} == {
        LARGE: 0,
        CLAUDE: 1,
    }
    # All of it would have been one attempt at the route's first model, which is the default, too.
    assert found[CLAUDE].instead == {each: Comparison(1, 6.0, 1.0) for each in Instead}


def test_what_is_not_known_is_counted_and_compared_with_nothing() -> None:
    book = cost_book()
    book.add(finished(decision(), attempt(1, CLAUDE), completion(1, CLAUDE)))
    (figures,) = known(book).values()
    assert (figures.requests, figures.without_cost, figures.cost_usd) == (1, 1, 0.0)
    assert figures.instead == {each: Comparison() for each in Instead}


def test_what_no_provider_was_sent_costs_nothing() -> None:
    book = cost_book()
    book.add(finished(decision(decision_only=True), completion(0, None)))
    assert known(book) == {}


def test_figures_add_up() -> None:
    book = cost_book()
    for number in range(3):
        request_id = str(number)
        told = (
            decision(request_id, route=None),
            attempt(request_id=request_id),
            completion(request_id=request_id),
        )
        book.add(finished(*told))
    ((cell, figures),) = book.since(0)
    assert cell.route == "none"
    assert figures.requests == 3
    assert figures.cost_usd == pytest.approx(3 * MINI_COST)
    assert figures.instead[Instead.DEFAULT_MODEL].requests == 3
    assert figures.instead[Instead.FIRST_MODEL].requests == 0
    total = Figures()
    total.add(figures)
    total.add(figures)
    assert (total.requests, total.tokens["input_tokens"]) == (6, 6000)
    assert total.instead[Instead.DEFAULT_MODEL].requests == 6


def of(at: float, model: str = MINI) -> list[Receipt]:
    return finished(decision(at=at), attempt(1, model), completion(1, model))


def test_only_a_while_is_known() -> None:
    book = CostBook(
        Labels(configuration()),
        Counterfactuals(configuration(), lambda: SNAPSHOT),
        longest=2 * STEP,
    )
    for step in range(5):
        book.add(of(NOW + step * STEP))
    assert [cell.at for cell in known(book)] == [AT + step * STEP for step in (2, 3, 4)]
    assert [cell.at for cell in known(book, AT + 4 * STEP - 1)] == [AT + 3 * STEP, AT + 4 * STEP]


def test_what_comes_too_late_is_forgotten_at_once() -> None:
    config = configuration()
    book = CostBook(Labels(config), Counterfactuals(config, lambda: SNAPSHOT), longest=STEP)
    book.add(of(NOW))
    book.add(of(NOW - 10 * STEP))
    book.add(of(NOW + STEP))
    assert [cell.at for cell in known(book)] == [AT, AT + STEP]


def test_there_are_only_so_many_figures() -> None:
    config = configuration()
    book = CostBook(Labels(config), Counterfactuals(config, lambda: SNAPSHOT), most=4)
    for step in range(10):
        book.add(of(NOW + step * STEP))
        book.add(of(NOW + step * STEP, LARGE))
        assert len(book) <= 6
    assert known(book)[Cell(AT + 9 * STEP, "code", LARGE)].requests == 1


@pytest.mark.parametrize(
    ("events", "costs"),
    [
        (
            (decision(route="chat"), attempt(usage=ROUND), completion()),
            {Instead.FIRST_MODEL: 2.0, Instead.DEFAULT_MODEL: 1.0},
        ),
        (
            (decision(route=None), attempt(1, CLAUDE, usage=ROUND), completion()),
            {Instead.DEFAULT_MODEL: 1.0},
        ),
        (
            (decision(route="brought along"), attempt(usage=ROUND), completion()),
            {Instead.DEFAULT_MODEL: 1.0},
        ),
        ((decision(), attempt(1, MINI, 500), completion(1, MINI, 500)), {}),
        ((decision(), attempt(usage=Usage()), completion()), {}),
        ((decision(), attempt(usage=ROUND), completion(2)), {}),
        ((decision(), attempt(usage=ROUND, forwarded=True), completion()), {}),
    ],
)
def test_what_a_request_would_have_cost(
    events: tuple[Event, ...], costs: dict[Instead, float]
) -> None:
    (receipt,) = finished(*events, snapshot=DEAR)
    assert Counterfactuals(configuration(), lambda: DEAR).costs(receipt) == costs


def test_an_unknown_price_is_compared_with_nothing() -> None:
    (receipt,) = finished(decision(route="chat"), attempt(usage=ROUND), completion(), snapshot=DEAR)
    without = Snapshot(prices={MINI: Price(1, 1)})
    assert Counterfactuals(configuration(), lambda: without).costs(receipt) == {
        Instead.DEFAULT_MODEL: 1.0
    }
