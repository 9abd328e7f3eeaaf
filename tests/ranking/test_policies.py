"""The order of candidates."""

from __future__ import annotations

import random

import pytest

from extproc.config.values import Preference
from extproc.ranking.policies import rank

CANDIDATES = ["a", "b", "c", "d"]


@pytest.mark.parametrize("prefer", list(Preference))
@pytest.mark.parametrize("count", range(5))
def test_every_policy_keeps_every_candidate_once(prefer: Preference, count: int) -> None:
    candidates = CANDIDATES[:count]
    ranked = rank(candidates, prefer, random.Random(7))
    assert isinstance(ranked, tuple)
    assert sorted(ranked) == candidates
    assert candidates == CANDIDATES[:count]


def test_without_a_preference_the_declared_order_stays() -> None:
    for seed in range(20):
        assert rank(CANDIDATES, Preference.NONE, random.Random(seed)) == tuple(CANDIDATES)


@pytest.mark.parametrize("prefer", [Preference.CHEAPEST, Preference.FASTEST])
def test_without_prices_and_latencies_the_declared_order_stays(prefer: Preference) -> None:
    assert rank(CANDIDATES, prefer, random.Random(7)) == tuple(CANDIDATES)


def test_random_gives_every_candidate_every_place() -> None:
    chance = random.Random(7)
    ranked = [rank(CANDIDATES, Preference.RANDOM, chance) for _ in range(4000)]
    for place in range(4):
        placed = [order[place] for order in ranked]
        assert all(900 < placed.count(candidate) < 1100 for candidate in CANDIDATES)
    assert len(set(ranked)) == 24


def test_chance_is_the_callers() -> None:
    once, again = (rank(CANDIDATES, Preference.RANDOM, random.Random(3)) for _ in range(2))
    assert once == again
