"""The order of candidates."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked
from extproc.core.routes import CostBasis, Preference, Route
from extproc.ranking.policies import (
    EXPECTED_OUTPUT_TOKENS,
    POLICIES,
    Compares,
    Situation,
    by_policy,
)
from extproc.ranking.snapshot import Price, Snapshot


def model(name: str) -> Model:
    endpoint = Endpoint("https", "h", 443, "h")
    return Model(name, "p", name, endpoint, {Dialect.CHAT: "/v1/chat/completions"})


NAMES = ["a", "b", "c", "d"]
POOL = [model(name) for name in NAMES]


def ranked(
    prefer: Preference = Preference.NONE,
    *,
    snapshot: Snapshot | None = None,
    count: int = 4,
    seed: int = 7,
    basis: CostBasis = CostBasis.TOTAL,
    tokens: float = 0.0,
    chance: random.Random | None = None,
) -> tuple[Ranked[Model], ...]:
    return by_policy(
        POOL[:count],
        Situation(
            Route("r", "d", tuple(NAMES[:count]), prefer, basis),
            lambda: tokens,
            snapshot or Snapshot(),
            chance or random.Random(seed),
        ),
    )


def order(candidates: Iterable[Ranked[Model]]) -> str:
    return "".join(candidate.model.name for candidate in candidates)


def prices(**totals: float) -> Snapshot:
    return Snapshot(
        prices={name: Price(total / 4, total * 3 / 4) for name, total in totals.items()},
        prices_at=50.0,
    )


DOCS = Path(__file__).parents[2] / "docs"


def test_every_policy_has_its_row() -> None:
    assert set(POLICIES) == set(Preference)


@pytest.mark.parametrize("prefer", list(Preference))
@pytest.mark.parametrize(
    ("page", "row"), [("configuration.md", "prefer"), ("receipts.md", "policy.prefer")]
)
def test_every_policy_is_documented(prefer: Preference, page: str, row: str) -> None:
    lines = (DOCS / page).read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"| `{row}` |"))
    assert f"`{prefer}`" in line.split("|")[2]


@pytest.mark.parametrize("prefer", list(Preference))
def test_every_policy_that_compares_something_has_a_unit(prefer: Preference) -> None:
    policy = POLICIES[prefer]
    units = {policy.unit(basis) for basis in CostBasis}
    assert (None in units) is (policy.compares is Compares.NOTHING)


@pytest.mark.parametrize("prefer", list(Preference))
@pytest.mark.parametrize("count", range(5))
def test_every_policy_keeps_every_candidate_once(prefer: Preference, count: int) -> None:
    found = ranked(prefer, count=count, snapshot=Snapshot(prices=prices(b=1).prices))
    assert sorted(order(found)) == NAMES[:count]


def test_without_a_preference_the_declared_order_stays() -> None:
    for seed in range(20):
        assert order(ranked(seed=seed, snapshot=prices(d=1))) == "abcd"


@pytest.mark.parametrize("prefer", [Preference.CHEAPEST, Preference.FASTEST])
def test_without_prices_and_latencies_the_declared_order_stays(prefer: Preference) -> None:
    assert order(ranked(prefer)) == "abcd"


def test_random_gives_every_candidate_every_place() -> None:
    chance = random.Random(7)
    orders = [order(ranked(Preference.RANDOM, chance=chance)) for _ in range(4000)]
    for place in range(4):
        placed = [found[place] for found in orders]
        assert all(900 < placed.count(name) < 1100 for name in NAMES)
    assert len(set(orders)) == 24


def test_chance_is_the_callers() -> None:
    once, again = (order(ranked(Preference.RANDOM, seed=3)) for _ in range(2))
    assert once == again


def test_the_cheapest_goes_first_and_the_unknown_last() -> None:
    found = ranked(Preference.CHEAPEST, snapshot=prices(b=20, c=8, d=8))
    assert order(found) == "cdba"
    assert [candidate.value for candidate in found] == [8, 8, 20, None]
    assert [candidate.measured_at for candidate in found] == [50, 50, 50, None]


def test_what_is_free_is_cheapest_and_known() -> None:
    assert order(ranked(Preference.CHEAPEST, snapshot=prices(a=1, d=0))) == "dabc"


def test_the_fastest_goes_first_and_the_unknown_last() -> None:
    snapshot = Snapshot(latencies={"b": 0.5, "c": 0.1, "unheard-of": 0.01}, latencies_at=9.0)
    found = ranked(Preference.FASTEST, snapshot=snapshot)
    assert order(found) == "cbad"
    assert (found[0].value, found[0].measured_at) == (0.1, 9.0)


def test_the_cost_of_this_very_request() -> None:
    """A model with dear output wins where much goes in and little comes out."""
    snapshot = Snapshot(
        prices={"a": Price(1.0, 100.0), "b": Price(10.0, 10.0)}, output_tokens={"r": 10.0}
    )
    by_sum = ranked(Preference.CHEAPEST, snapshot=snapshot, count=2)
    assert order(by_sum) == "ba"
    of_request = ranked(
        Preference.CHEAPEST, snapshot=snapshot, count=2, basis=CostBasis.REQUEST, tokens=10_000
    )
    assert order(of_request) == "ab"
    assert of_request[0].value == pytest.approx((10_000 * 1 + 10 * 100) / 1e6)


def test_an_unlearned_route_is_taken_to_answer_at_some_length() -> None:
    snapshot = Snapshot(prices={"a": Price(1.0, 2.0)})
    (found,) = ranked(
        Preference.CHEAPEST, snapshot=snapshot, count=1, basis=CostBasis.REQUEST, tokens=100
    )
    assert found.value == pytest.approx((100 + EXPECTED_OUTPUT_TOKENS * 2) / 1e6)
