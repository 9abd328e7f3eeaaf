"""The order of candidates."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest

from extproc.config.values import CostBasis, Dialect, Endpoint, Model, Preference, Route
from extproc.ranking.policies import EXPECTED_OUTPUT_TOKENS, PROBE, Probes, Ranked, rank
from extproc.ranking.snapshot import Cooldown, Phase, Price, Snapshot


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
    probes: Probes | None = None,
    pinned: str | None = None,
    chance: random.Random | None = None,
    reaches: Callable[[Model], bool] = lambda _: True,
) -> tuple[Ranked, ...]:
    return rank(
        POOL[:count],
        Route("r", "d", tuple(NAMES[:count]), prefer, basis),
        lambda: tokens,
        snapshot or Snapshot(),
        chance or random.Random(seed),
        probes or Probes(0),
        model(pinned) if pinned else None,
        reaches,
    )


def order(candidates: Iterable[Ranked]) -> str:
    return "".join(candidate.model.name for candidate in candidates)


def prices(**totals: float) -> Snapshot:
    return Snapshot(
        prices={name: Price(total / 4, total * 3 / 4) for name, total in totals.items()},
        prices_at=50.0,
    )


def cooling(phase: Phase = Phase.COOLING, **more: object) -> Cooldown:
    return Cooldown(phase, "retry_after", until=100.0, **more)  # type: ignore[arg-type]


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


@pytest.mark.parametrize("phase", [Phase.COOLING, Phase.SUSPECTED])
def test_a_cooling_model_goes_behind_and_is_never_dropped(phase: Phase) -> None:
    found = ranked(snapshot=Snapshot(cooldowns={"a": cooling(phase), "c": cooling(phase)}))
    assert order(found) == "bdac"
    assert [candidate.cooldown for candidate in found] == [None, None, "retry_after", "retry_after"]


def test_where_all_cool_the_order_stays() -> None:
    snapshot = Snapshot(cooldowns={name: cooling() for name in NAMES})
    assert order(ranked(snapshot=snapshot)) == "abcd"


def test_a_probe_is_one_request_of_one_worker() -> None:
    snapshot = Snapshot(cooldowns={"a": cooling(Phase.PROBING, prober=0, probe=1)})
    probes, others = Probes(0), Probes(1)
    assert order(ranked(snapshot=snapshot, probes=others)) == "bcda"
    probing = ranked(snapshot=snapshot, probes=probes)
    assert (order(probing), probing[0].cooldown) == ("abcd", PROBE)
    assert order(ranked(snapshot=snapshot, probes=probes)) == "bcda"
    again = Snapshot(cooldowns={"a": cooling(Phase.PROBING, prober=0, probe=2)})
    assert order(ranked(snapshot=again, probes=probes)) == "abcd"


def test_only_the_model_that_is_due_first_is_probed() -> None:
    snapshot = Snapshot(cooldowns={"b": cooling(Phase.PROBING, prober=0, probe=1)})
    probes = Probes(0)
    assert order(ranked(snapshot=snapshot, probes=probes)) == "acdb"
    due = Snapshot(cooldowns={"a": cooling(), "b": cooling(Phase.PROBING, prober=0, probe=1)})
    assert order(ranked(snapshot=due, probes=probes)) == "bcda"


def test_a_request_that_does_not_reach_a_model_leaves_its_probe_to_another() -> None:
    snapshot = Snapshot(cooldowns={"a": cooling(Phase.PROBING, prober=0, probe=1)})
    probes = Probes(0)
    elsewhere = ranked(snapshot=snapshot, probes=probes, reaches=lambda model: model.name != "a")
    assert (order(elsewhere), elsewhere[-1].cooldown) == ("bcda", "retry_after")
    assert order(ranked(snapshot=snapshot, probes=probes)) == "abcd"


def test_a_returning_model_gets_its_share() -> None:
    snapshot = Snapshot(cooldowns={"a": cooling(Phase.RETURNING, share=0.25)})
    chance = random.Random(7)
    firsts = [order(ranked(snapshot=snapshot, chance=chance))[0] for _ in range(4000)]
    assert 900 < firsts.count("a") < 1100


def test_the_sessions_model_goes_first() -> None:
    found = ranked(Preference.CHEAPEST, snapshot=prices(a=1, b=2, c=3), pinned="c")
    assert order(found) == "cabd"
    assert found[0].value == 3
    assert order(ranked(pinned="x")) == "xabcd"


def test_a_session_does_not_hold_to_a_cooling_model() -> None:
    snapshot = Snapshot(cooldowns={"c": cooling()})
    assert order(ranked(snapshot=snapshot, pinned="c")) == "abdc"
