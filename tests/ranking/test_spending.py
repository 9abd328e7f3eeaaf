"""What a budget has against a model: by what is left, and by what it goes on with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from extproc.core.budgets import DOLLAR, Budget, OnExhausted, Unpriced
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.requirements import Requirements
from extproc.core.routes import Route
from extproc.core.windows import Window
from extproc.ranking.bars import Objection
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Price, Snapshot
from extproc.ranking.spending import Purse, set_aside

ENDPOINT = Endpoint("https", "h", 443, "h")
DEAR, CHEAP, FREE, NEW = (
    Model(f"{name}/m", name, "m", ENDPOINT, {Dialect.CHAT: "/chat"})
    for name in ("dear", "cheap", "free", "new")
)
PRICES = {"dear/m": Price(10, 40), "cheap/m": Price(1, 4), "free/m": Price(0, 0)}
KNOWN = Snapshot(prices=PRICES)
ROUTE = Route("code", "d", ("dear/m", "cheap/m", "free/m", "new/m"))
DEAR_COST = 1_000 * 10_000 + 500 * 40_000
AT = datetime(2026, 1, 31, 23, 59, 30, tzinfo=UTC).timestamp()


def expectation(route: Route | None = ROUTE) -> Expectation:
    required = Requirements(input_tokens=1_000)
    return Expectation(route, KNOWN, lambda: required)


def purse(taken: int | None, *, closed: bool = False, **changed: Any) -> Purse:
    budget = Budget("b", DOLLAR, Window.DAY, **changed)
    return Purse(budget, AT, taken, closed)


def barred(held: Purse, route: Route | None = ROUTE) -> list[str]:
    """The names of the models that it bars."""
    expected = expectation(route)
    return [model.provider for model in (DEAR, CHEAP, FREE, NEW) if against(held, model, expected)]


def against(held: Purse, model: Model, expected: Expectation) -> Objection | None:
    return held.against(model, expected.cost(model), expected)


def test_what_fits_into_what_is_left_passes() -> None:
    assert set_aside(expectation().cost(DEAR)) == DEAR_COST
    assert barred(purse(DOLLAR - DEAR_COST)) == []
    assert barred(purse(DOLLAR - DEAR_COST + 1)) == ["dear"]
    assert barred(purse(DOLLAR)) == ["dear", "cheap"]
    assert barred(purse(2 * DOLLAR)) == ["dear", "cheap"]


def test_it_goes_on_with_cheaper_models() -> None:
    held = purse(DOLLAR, on_exhausted=OnExhausted.CHEAPER)
    assert barred(held) == ["dear"]
    backwards = Route("code", "d", ("cheap/m", "dear/m"))
    assert barred(held, backwards) == ["dear", "cheap"]
    unknown = Route("code", "d", ("new/m", "dear/m"))
    assert barred(held, unknown) == ["dear", "cheap"]
    assert barred(held, None) == ["dear", "cheap"]


def test_it_goes_on_with_the_models_of_its_fallback() -> None:
    held = purse(
        DOLLAR,
        on_exhausted=OnExhausted.FALLBACK,
        fallback="simple",
        fallback_models=("cheap/m",),
    )
    assert barred(held) == ["dear"]
    objection = against(held, DEAR, expectation())
    assert objection is not None
    assert objection.fallback == "simple"


def test_models_without_a_price() -> None:
    assert barred(purse(DOLLAR, unpriced=Unpriced.ALLOW)) == ["dear", "cheap"]
    assert barred(purse(0, unpriced=Unpriced.REFUSE)) == ["new"]


def test_a_store_that_does_not_answer() -> None:
    assert barred(purse(None)) == []
    held = purse(None, closed=True)
    assert barred(held) == ["dear", "cheap", "free", "new"]
    objection = against(held, CHEAP, expectation())
    assert objection is not None
    assert (objection.status, objection.code) == (503, "budget_not_counted")


@pytest.mark.parametrize(
    ("window", "taken", "reason", "seconds"),
    [
        (Window.DAY, DOLLAR, "is used up until 2026-02-01 00:00 UTC", 30),
        (Window.MONTH, DOLLAR, "is used up until 2026-02-01 00:00 UTC", 30),
        (Window.DAY, DOLLAR - 1, "has too little left until 2026-02-01 00:00 UTC", 30),
    ],
)
def test_a_refusal_says_until_when(window: Window, taken: int, reason: str, seconds: int) -> None:
    held = Purse(Budget("b", DOLLAR, window), AT, taken)
    objection = against(held, DEAR, expectation())
    assert objection is not None
    assert objection.reason == f"the budget 'b' {reason}"
    assert (objection.status, objection.retry_after) == (429, seconds)
    assert (objection.code, objection.error_code) == ("budget", "insufficient_quota")
    assert objection.headers == {"x-should-retry": "false"}
