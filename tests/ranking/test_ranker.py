"""The order of attempts: sessions, cooldowns and exploration on top of the policy."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked
from extproc.core.routes import Preference, Route, Weight
from extproc.ranking.ranker import PROBE, Demand, Ranker
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
    chance: random.Random | None = None,
    ranker: Ranker | None = None,
    pinned: str | None = None,
    reaches: Callable[[Model], bool] = lambda _: True,
) -> tuple[Ranked[Model], ...]:
    demand = Demand(lambda: 0.0, reaches, model(pinned) if pinned else None)
    route = Route("r", "d", tuple(NAMES), prefer)
    asked = ranker or Ranker(chance or random.Random(7))
    return asked.rank(POOL, route, demand, snapshot or Snapshot())


def order(candidates: Iterable[Ranked[Model]]) -> str:
    return "".join(candidate.model.name for candidate in candidates)


def prices(**totals: float) -> Snapshot:
    return Snapshot(
        prices={name: Price(total / 4, total * 3 / 4) for name, total in totals.items()},
        prices_at=50.0,
    )


def cooling(phase: Phase = Phase.COOLING, **more: Any) -> Cooldown:
    return Cooldown(phase, "retry_after", until=100.0, **more)


@pytest.mark.parametrize("phase", [Phase.COOLING, Phase.SUSPECTED])
def test_a_cooling_model_goes_behind_and_is_never_dropped(phase: Phase) -> None:
    found = ranked(snapshot=Snapshot(cooldowns={"a": cooling(phase), "c": cooling(phase)}))
    assert order(found) == "bdac"
    assert [candidate.cooldown for candidate in found] == [None, None, "retry_after", "retry_after"]


def test_where_all_cool_the_order_stays() -> None:
    snapshot = Snapshot(cooldowns={name: cooling() for name in NAMES})
    assert order(ranked(snapshot=snapshot)) == "abcd"


class Claims:
    """The probes that all workers have claimed, and how often they asked."""

    def __init__(self) -> None:
        self.taken: set[int] = set()
        self.asked = 0

    def take(self, probe: int) -> bool:
        self.asked += 1
        is_ours = probe not in self.taken
        self.taken.add(probe)
        return is_ours


def test_a_probe_is_one_request_of_whichever_worker_has_one_first() -> None:
    claims = Claims()
    snapshot = Snapshot(cooldowns={"a": cooling(Phase.PROBING, probe=1)})
    first, second = (Ranker(random.Random(7), claims.take) for _ in range(2))
    probing = ranked(snapshot=snapshot, ranker=second)
    assert (order(probing), probing[0].cooldown) == ("abcd", PROBE)
    for ranker in (first, second, first):
        assert order(ranked(snapshot=snapshot, ranker=ranker)) == "bcda"
    assert claims.asked == 2, "each worker asks once"
    again = Snapshot(cooldowns={"a": cooling(Phase.PROBING, probe=2)})
    assert order(ranked(snapshot=again, ranker=first)) == "abcd"


def test_while_a_probe_is_under_way_there_is_no_other() -> None:
    claims = Claims()
    snapshot = Snapshot(cooldowns={"a": cooling(Phase.PROBING)})
    found = ranked(snapshot=snapshot, ranker=Ranker(random.Random(7), claims.take))
    assert (order(found), claims.asked) == ("bcda", 0)


def test_a_model_whose_time_is_up_keeps_its_place_as_a_fallback() -> None:
    claims = Claims()
    own = Ranker(random.Random(7), claims.take)
    snapshot = Snapshot(cooldowns={"b": cooling(Phase.PROBING, probe=1)})
    found = ranked(snapshot=snapshot, ranker=own)
    assert (order(found), found[1].cooldown, claims.asked) == ("abcd", None, 0)
    under_way = Snapshot(cooldowns={"b": cooling(Phase.PROBING)})
    assert order(ranked(snapshot=under_way, ranker=own)) == "abcd"


def test_only_the_model_that_is_due_first_is_probed() -> None:
    own = Ranker(random.Random(7))
    due = Snapshot(cooldowns={"a": cooling(), "b": cooling(Phase.PROBING, probe=1)})
    found = ranked(snapshot=due, ranker=own)
    assert (order(found), found[0].cooldown) == ("bcda", PROBE)


def test_behind_a_probe_are_models_that_are_known_to_be_well() -> None:
    both = {"a": cooling(Phase.PROBING, probe=1), "b": cooling(Phase.PROBING, probe=2)}
    found = ranked(snapshot=Snapshot(cooldowns=both), ranker=Ranker(random.Random(7)))
    assert order(found) == "acdb"


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


def test_a_request_that_does_not_reach_a_model_is_no_probe_of_it() -> None:
    snapshot = Snapshot(cooldowns={"a": cooling(Phase.PROBING, probe=1)})
    own = Ranker(random.Random(7))
    assert order(ranked(snapshot=snapshot, ranker=own, reaches=lambda _: False)) == "bcda"
    assert order(ranked(snapshot=snapshot, ranker=own)) == "abcd"


def test_what_is_not_measured_is_explored_now_and_then() -> None:
    snapshot = Snapshot(latencies={"b": 0.5, "c": 0.1})
    curious = Ranker(random.Random(7), exploration=0.05)
    found = [ranked(Preference.FASTEST, snapshot=snapshot, ranker=curious) for _ in range(4000)]
    explored = [candidates for candidates in found if candidates[0].explored]
    assert 150 < len(explored) < 250
    assert {order(candidates) for candidates in explored} == {"acbd"}
    assert {order(candidates) for candidates in found} == {"acbd", "cbad"}


@pytest.mark.parametrize("prefer", [Preference.NONE, Preference.CHEAPEST, Preference.RANDOM])
def test_only_the_fastest_policy_explores(prefer: Preference) -> None:
    curious = Ranker(random.Random(7), exploration=1.0)
    assert not any(candidate.explored for candidate in ranked(prefer, ranker=curious))


def test_nothing_is_explored_where_all_is_known_or_out_of_reach() -> None:
    known = Snapshot(latencies={"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0})
    curious = Ranker(random.Random(7), exploration=1.0)
    assert order(ranked(Preference.FASTEST, snapshot=known, ranker=curious)) == "dcba"
    out_of_reach = ranked(Preference.FASTEST, ranker=curious, reaches=lambda _: False)
    assert not any(candidate.explored for candidate in out_of_reach)


def test_a_session_is_not_explored_with() -> None:
    curious = Ranker(random.Random(7), exploration=1.0)
    known = Snapshot(latencies={"c": 1.0})
    found = ranked(Preference.FASTEST, snapshot=known, ranker=curious, pinned="c")
    assert order(found) == "cabd"


def weighed(
    snapshot: Snapshot | None = None, session: str | None = None, pinned: str | None = None
) -> tuple[Ranked[Model], ...]:
    """Where ``c`` is the one that is drawn, and the policy turns the order round."""
    route = Route("r", "d", tuple(NAMES), Preference.FASTEST, weights=(Weight("c", 1.0),))
    demand = Demand(lambda: 0.0, lambda _: True, model(pinned) if pinned else None, session)
    known = snapshot or Snapshot()
    latencies = {name: 1.0 / number for number, name in enumerate(NAMES, start=1)}
    asked = Ranker(random.Random(7), exploration=1.0)
    return asked.rank(POOL, route, demand, replace(known, latencies=latencies))


def test_weights_put_one_first_and_leave_the_others_to_the_policy() -> None:
    found = weighed()
    assert order(found) == "cdba"
    assert [candidate.drawn for candidate in found] == [True, False, False, False]


def test_a_model_that_was_drawn_still_cools_down() -> None:
    found = weighed(Snapshot(cooldowns={"c": cooling()}))
    assert order(found) == "dbac"
    assert (found[-1].drawn, found[-1].cooldown) == (True, "retry_after")


def test_a_pin_goes_before_the_draw() -> None:
    found = weighed(pinned="a", session="s")
    assert order(found) == "adcb"
    assert not any(candidate.drawn for candidate in found)
