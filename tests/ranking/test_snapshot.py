"""What is known, and what an observer that starts anew does not know yet."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from extproc.ranking.snapshot import Cooldown, Phase, Price, Snapshot

EARLIER = Snapshot(
    version=90,
    prices={"a": Price(1, 2)},
    prices_at=10.0,
    latencies={"a": 0.5},
    latencies_at=11.0,
    cooldowns={"a": Cooldown(Phase.COOLING, "failures", until=99.0)},
    output_tokens={"code": 400.0},
)


def test_prices_and_latencies_that_never_came_are_taken_from_earlier() -> None:
    assert Snapshot(version=1).with_what_is_missing(EARLIER) == Snapshot(
        version=1,
        prices={"a": Price(1, 2)},
        prices_at=10.0,
        latencies={"a": 0.5},
        latencies_at=11.0,
    )


def test_what_came_counts_though_it_is_less() -> None:
    empty = Snapshot(version=91, prices_at=20.0, latencies_at=21.0)
    assert empty.with_what_is_missing(EARLIER) == empty


def test_prices_and_latencies_are_missing_apart_from_each_other() -> None:
    prices = Snapshot(version=1, prices={"b": Price(3, 4)}, prices_at=20.0)
    assert prices.with_what_is_missing(EARLIER) == replace(
        prices, latencies={"a": 0.5}, latencies_at=11.0
    )
    latencies = Snapshot(version=1, latencies={"b": 0.1}, latencies_at=21.0)
    assert latencies.with_what_is_missing(EARLIER) == replace(
        latencies, prices={"a": Price(1, 2)}, prices_at=10.0
    )


def test_where_nothing_was_known_nothing_is_added() -> None:
    snapshot = Snapshot(version=3, output_tokens={"code": 1.0})
    assert snapshot.with_what_is_missing(Snapshot()) == snapshot
    assert EARLIER.with_what_is_missing(Snapshot()) == EARLIER


def test_it_survives_several_new_beginnings() -> None:
    second = Snapshot(version=1).with_what_is_missing(EARLIER)
    third = Snapshot(version=1).with_what_is_missing(second)
    assert (third.prices, third.latencies) == (EARLIER.prices, EARLIER.latencies)


def test_neither_snapshot_changes() -> None:
    new = Snapshot(version=1)
    new.with_what_is_missing(EARLIER)
    assert new == Snapshot(version=1)
    with pytest.raises(FrozenInstanceError):
        new.version = 2  # type: ignore[misc]


def test_the_documented_measure_of_cheapest() -> None:
    assert Price(0.25, 1.25, 0.1).total == 1.5
    assert Price(0, 0).total == 0


@pytest.mark.parametrize(
    "later",
    [
        EARLIER,
        replace(EARLIER, version=2, cooldowns={}),
        replace(EARLIER, prices={"b": Price(9.0, 9.0)}),
        replace(EARLIER, prices_at=99.0),
        replace(EARLIER, latencies={"b": 9.0}, latencies_at=99.0),
        replace(EARLIER, latencies={"b": 9.0}),
        Snapshot(version=1),
    ],
)
def test_what_is_known_need_not_be_told_again(later: Snapshot) -> None:
    news = later.without_what_is_known(EARLIER)
    assert news.with_what_is_missing(EARLIER) == later.with_what_is_missing(EARLIER)


def test_what_is_told_of_a_cooldown_alone() -> None:
    later = replace(EARLIER, version=2, cooldowns={})
    assert later.without_what_is_known(EARLIER) == Snapshot(
        version=2, output_tokens=EARLIER.output_tokens
    )
