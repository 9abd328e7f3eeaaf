"""What a request has cost takes the place of what was set aside."""

from __future__ import annotations

import pytest

from extproc.core.budgets import Reservation
from extproc.core.usage import Usage
from extproc.core.windows import Window
from extproc.observer.settling import Settling, spent
from extproc.quotas import Charge
from extproc.telemetry.receipt import PricedAttempt, Receipt
from tests.helpers.telemetry_events import LARGE, MINI, NOW, attempt, completion, decision

ASIDE = 5_000_000
KNOWN = PricedAttempt(attempt(), 0.002)
UNKNOWN = PricedAttempt(attempt(usage=Usage()))
FAILED = PricedAttempt(attempt(1, LARGE, 503, usage=Usage()))
LEFT = PricedAttempt(attempt(1, LARGE, 0, usage=Usage()))
ELSEWHERE = PricedAttempt(attempt(2, LARGE), 0.25)


def reservation(amount: int = ASIDE, *models: str) -> Reservation:
    return Reservation("teams", "red", Window.DAY, NOW, amount, models or (MINI, LARGE))


@pytest.mark.parametrize(
    ("receipt", "cost"),
    [
        (Receipt(decision(), (KNOWN,), completion()), 2_000_000),
        (Receipt(decision(), (KNOWN, ELSEWHERE), completion(2)), 252_000_000),
        (Receipt(decision(), (FAILED, PricedAttempt(attempt(2), 0.002)), completion(2)), 2_000_000),
        (Receipt(decision(), (FAILED,), completion()), 0),
        (Receipt(decision(), (LEFT,), completion()), ASIDE),
        (Receipt(decision(), (LEFT, PricedAttempt(attempt(2), 0.002)), completion(2)), ASIDE),
        (Receipt(decision(), (), completion(0)), 0),
        (Receipt(decision(), (UNKNOWN,), completion()), ASIDE),
        (Receipt(decision(), (UNKNOWN, ELSEWHERE), completion(2)), 250_000_000),
        (Receipt(decision(), (KNOWN,), completion(2)), ASIDE),
        (Receipt(decision(), (KNOWN,)), ASIDE),
        (Receipt(decision(), ()), ASIDE),
        (Receipt(decision(forwarded="/v1/embeddings"), (UNKNOWN,), completion()), 0),
    ],
)
def test_what_a_request_has_cost(receipt: Receipt, cost: int) -> None:
    assert spent(receipt, reservation()) == cost


def test_only_models_that_the_budget_covers_count() -> None:
    receipt = Receipt(decision(), (KNOWN, ELSEWHERE), completion(2))
    assert spent(receipt, reservation(ASIDE, MINI)) == 2_000_000


class Added:
    """Counters that remember what was added to them."""

    def __init__(self) -> None:
        self.added: list[tuple[tuple[str, int], ...]] = []

    def add(self, charges: tuple[Charge, ...], at: float) -> None:
        assert at == NOW
        assert {charge.counter.window for charge in charges} == {Window.DAY}
        self.added.append(tuple((charge.counter.name, charge.amount) for charge in charges))


@pytest.mark.parametrize(
    ("aside", "changes"),
    [
        (
            ASIDE,
            [
                ("budget:teams:red", -ASIDE),
                ("budget:teams:red", 2_000_000),
                ("reserved:teams:red", -ASIDE),
            ],
        ),
        (0, [("budget:teams:red", 2_000_000)]),
    ],
)
def test_both_counters_are_settled(aside: int, changes: list[tuple[str, int]]) -> None:
    counters = Added()
    told = decision(reservations=(reservation(aside),))
    Settling(counters).take([Receipt(told, (KNOWN,), completion())])  # type: ignore[arg-type]
    assert counters.added == [tuple(changes)]


def test_what_spends_nothing_settles_nothing() -> None:
    counters = Added()
    free = Receipt(decision(reservations=(reservation(0),)), (), completion(0))
    Settling(counters).take([Receipt(decision(), (KNOWN,), completion()), free])  # type: ignore[arg-type]
    assert counters.added == []
