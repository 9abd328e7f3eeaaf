"""The draw: in proportion to weights, the same for one session, and stable where weights change."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import Ranked
from extproc.core.routes import Weight
from extproc.ranking.weights import drawn_first

ENDPOINT = Endpoint("https", "h", 443, "h")
MANY = 4000


def ranked(names: str) -> list[Ranked[Model]]:
    paths = {Dialect.CHAT: "/chat"}
    return [Ranked(Model(name, "p", name, ENDPOINT, paths)) for name in names]


ABC = ranked("abc")


def weights(**of: float) -> tuple[Weight, ...]:
    return tuple(Weight(model, weight) for model, weight in of.items())


def drawn(
    weighed: Sequence[Weight], session: str | None, chance: random.Random | None = None
) -> str:
    order = drawn_first(ABC, weighed, session, chance or random.Random(7))
    assert [each.drawn for each in order] == [True, False, False]
    return "".join(each.model.name for each in order)


@pytest.mark.parametrize("sessions", [True, False])
def test_chances_are_in_proportion_to_weights(sessions: bool) -> None:
    chance = random.Random(3)
    keys = [f"s{number}" if sessions else None for number in range(MANY)]
    counts = Counter(drawn(weights(b=90, c=10), key, chance) for key in keys)
    assert set(counts) == {"bac", "cab"}, "the others stay in their order; a is never drawn"
    assert counts["cab"] / MANY == pytest.approx(0.1, abs=0.02)


def test_a_session_is_always_drawn_alike() -> None:
    assert len({drawn(weights(a=1, b=1, c=1), "ours", random.Random(n)) for n in range(50)}) == 1


def test_where_weights_change_only_the_sessions_that_must_move() -> None:
    before = {key: drawn(weights(a=95, b=5), key) for key in map(str, range(MANY))}
    after = {key: drawn(weights(a=90, b=10), key) for key in before}
    moved = {(before[key], after[key]) for key in before if before[key] != after[key]}
    assert moved == {("abc", "bac")}
    left = weights(a=95)
    assert all(drawn(left, key) == "abc" for key in before)


def test_who_does_not_take_part_cannot_be_drawn() -> None:
    order = drawn_first(ABC[:2], weights(b=1, c=10**9), None, random.Random(1))
    assert [(each.model.name, each.drawn) for each in order] == [("b", True), ("a", False)]
    assert drawn_first(ABC[:1], weights(b=1), "s", random.Random(1)) == (ABC[0],)


def test_the_ends_of_chance_draw_somebody() -> None:
    class Zero(random.Random):
        def random(self) -> float:
            return 0.0

    assert drawn(weights(a=1e-300, b=1e300), None, Zero())
