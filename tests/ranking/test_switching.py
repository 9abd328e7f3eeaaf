"""Whether a session may change its model, by the published vector and around it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from extproc.core.switching import RoutingBudget, SessionCosts, Switch, SwitchReason
from extproc.ranking.snapshot import Price
from extproc.ranking.switching import WARM_FOR, Moment, carried_on, judged, unwarm

PRICES = {
    "expensive": Price(3.0, 15.0, cached_input=0.3),
    "pricey": Price(5.0, 15.0, cached_input=0.5),
    "discounted": Price(3.0, 15.0),
    "cheap": Price(0.1, 0.2, cached_input=0.05),
}
BUDGET = RoutingBudget(most=0.25)
CONTEXT = 100_000
PREFIX = "p"


def moment(turn: int, *, prefix: str = PREFIX, pause: float = 10.0) -> Moment:
    return Moment(turn * pause, CONTEXT, prefix)


def begun(model: str = "expensive") -> SessionCosts:
    return carried_on(None, model, None, BUDGET, moment(0), PRICES)


def turned(
    costs: SessionCosts, anchor: str, candidate: str, now: Moment, budget: RoutingBudget = BUDGET
) -> tuple[SessionCosts, Switch]:
    switch = judged(anchor, candidate, costs, budget, now, PRICES)
    model = candidate if switch.switched else anchor
    return carried_on(costs, model, switch, budget, now, PRICES), switch


def test_the_published_vector() -> None:
    """At 3/15/0.3 and 5/15/0.5, with 100,000 tokens and 25 percent, the change is vetoed through
    the 62nd warm turn and allowed at the 63rd, for $0.47; the way back is free."""
    costs = begun()
    for turn in range(1, 63):
        costs, switch = turned(costs, "expensive", "pricey", moment(turn))
        assert (switch.switched, switch.reason) == (False, SwitchReason.OVER_BUDGET), turn
    assert costs.spent == 0
    costs, switch = turned(costs, "expensive", "pricey", moment(63))
    assert (switch.switched, switch.reason) == (True, SwitchReason.WITHIN_BUDGET)
    assert switch.cost == pytest.approx(0.47)
    assert switch.stayed == pytest.approx(63 * 0.03)
    assert costs.spent == pytest.approx(0.47)
    assert costs.switches == 1
    costs, switch = turned(costs, "pricey", "expensive", moment(64))
    assert (switch.switched, switch.reason) == (True, SwitchReason.FREE)
    assert costs.spent == pytest.approx(0.47)
    assert costs.switches == 2


@pytest.mark.parametrize("most", [0.0, 1.0])
def test_at_the_first_turns_there_is_little_to_spend(most: float) -> None:
    _, switch = turned(begun(), "expensive", "pricey", moment(1), RoutingBudget(most))
    assert not switch.switched


def test_what_is_cheaper_even_with_a_cold_cache_is_free() -> None:
    _, switch = turned(begun(), "expensive", "cheap", moment(1), RoutingBudget(0.0))
    assert (switch.switched, switch.reason) == (True, SwitchReason.FREE)
    assert switch.cost == pytest.approx(0.01 - 0.03)


@pytest.mark.parametrize("names", [("expensive", "new"), ("new", "expensive")])
def test_without_a_price_nothing_is_held_back(names: tuple[str, str]) -> None:
    _, switch = turned(begun(), *names, moment(1), RoutingBudget(0.0))
    assert (switch.switched, switch.reason, switch.cost) == (True, SwitchReason.NO_PRICING, None)


@pytest.mark.parametrize(("discount", "cost"), [(0.1, 0.5 - 0.03), (0.5, 0.5 - 0.15)])
def test_cached_input_without_a_price_is_sold_at_a_discount(discount: float, cost: float) -> None:
    budget = RoutingBudget(0.0, cache_read_discount=discount)
    _, switch = turned(begun("discounted"), "discounted", "pricey", moment(1), budget)
    assert switch.cost == pytest.approx(cost)


def test_a_cache_is_warm_for_a_while_and_for_one_beginning() -> None:
    costs = begun()
    assert unwarm(None, moment(1)) is SwitchReason.COLD
    assert unwarm(costs, moment(1, pause=WARM_FOR)) is None
    assert unwarm(costs, moment(1, pause=WARM_FOR + 1)) is SwitchReason.COLD
    assert unwarm(costs, moment(1, prefix="other")) is SwitchReason.DRIFTED


def test_the_account_of_a_cold_session_begins_anew_unless_it_shall_not() -> None:
    spent = replace(begun(), stayed=2.0, spent=0.47, switches=1)
    cold = moment(1, pause=WARM_FOR + 1)
    anew = carried_on(spent, "pricey", None, BUDGET, cold, PRICES)
    assert (anew.first, anew.stayed, anew.spent, anew.switches) == ("pricey", 0.0, 0.0, 0)
    keeping = replace(BUDGET, replenishes=False)
    kept = carried_on(spent, "pricey", None, keeping, cold, PRICES)
    assert (kept.first, kept.stayed, kept.spent, kept.switches) == ("expensive", 2.0, 0.47, 1)


def test_what_began_otherwise_is_in_no_cache() -> None:
    costs = begun()
    other = carried_on(costs, "pricey", None, BUDGET, moment(1, prefix="other"), PRICES)
    assert [use.model for use in other.caches] == ["pricey"]


def test_a_cache_that_holds_a_part_saves_that_part() -> None:
    costs, _ = turned(begun(), "expensive", "cheap", moment(1))
    grown = Moment(20.0, 2 * CONTEXT, PREFIX)
    switch = judged("cheap", "expensive", costs, BUDGET, grown, PRICES)
    assert switch.cost == pytest.approx(0.3 + 0.03 - 0.01)
    forgotten = replace(grown, now=10.0 + WARM_FOR)
    switch = judged("cheap", "expensive", costs, BUDGET, forgotten, PRICES)
    assert switch.cost == pytest.approx(0.6 - 0.01)


def test_so_many_caches_are_remembered() -> None:
    costs: SessionCosts | None = None
    for turn in range(12):
        costs = carried_on(costs, f"m{turn % 10}", None, BUDGET, moment(turn), PRICES)
    assert costs is not None
    assert [use.model for use in costs.caches] == [f"m{n}" for n in (4, 5, 6, 7, 8, 9, 0, 1)]


def test_the_counterfactual_is_the_other_models_cost() -> None:
    recording = replace(BUDGET, records_counterfactual=True)
    _, vetoed = turned(begun(), "expensive", "pricey", moment(1), recording)
    assert vetoed.counterfactual == pytest.approx(0.5)
    _, allowed = turned(begun(), "expensive", "cheap", moment(1), recording)
    assert allowed.counterfactual == pytest.approx(0.03)
    _, silent = turned(begun(), "expensive", "cheap", moment(1))
    assert silent.counterfactual is None
