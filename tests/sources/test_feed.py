"""The last good values, and what it takes to change them."""

from __future__ import annotations

import pytest

from extproc.ranking.snapshot import Price
from extproc.sources.feed import Held, LatencyFeed, Outcome, PriceFeed, jumps
from extproc.sources.listing import Entry, Fault, Latencies, Listing
from extproc.sources.matching import OurModel, OurModels

OURS = OurModels({name: OurModel(name, "p", name) for name in ("a", "b")})
FAULT = Fault("b", "is negative")


def listing(*faults: Fault, **prices: float) -> Listing:
    return Listing(
        tuple(Entry(name, Price(price, 2 * price)) for name, price in prices.items()), faults
    )


def inputs(feed: PriceFeed) -> dict[str, float]:
    return {name: price.input for name, price in feed.prices.items()}


def test_a_document_is_taken_over_whole() -> None:
    feed = PriceFeed(OURS)
    assert (feed.prices, feed.updated_at) == ({}, None)
    assert feed.take(listing(a=1.0, b=2.0, other=9.0), 100.0) is Outcome.OK
    assert feed.prices == {"a": Price(1.0, 2.0), "b": Price(2.0, 4.0)}
    assert (feed.updated_at, feed.listed) == (100.0, 3)
    assert {name: found.entry.key for name, found in feed.matches.taken.items()} == {
        "a": "a",
        "b": "b",
    }
    assert feed.take(listing(a=1.5, b=2.0), 200.0) is Outcome.OK
    assert inputs(feed) == {"a": 1.5, "b": 2.0}
    assert feed.updated_at == 200.0


def test_one_bad_entry_loses_that_entry_only() -> None:
    feed = PriceFeed(OURS)
    feed.take(listing(a=1.0, b=2.0), 100.0)
    assert feed.take(listing(FAULT, a=1.5), 200.0) is Outcome.OK
    assert inputs(feed) == {"a": 1.5}
    assert feed.faults == (FAULT,)


@pytest.mark.parametrize("empty", [listing(), listing(FAULT), listing(other=1.0)])
def test_what_lists_nothing_changes_nothing(empty: Listing) -> None:
    feed = PriceFeed(OURS)
    feed.take(listing(a=1.0, b=2.0), 100.0)
    matches = feed.matches
    assert feed.take(empty, 200.0) is Outcome.EMPTY
    assert inputs(feed) == {"a": 1.0, "b": 2.0}
    assert (feed.updated_at, feed.matches, feed.listed) == (100.0, matches, 2)


def test_a_first_document_that_lists_nothing_of_ours_is_good_but_of_no_use() -> None:
    feed = PriceFeed(OURS)
    assert feed.take(listing(), 100.0) is Outcome.EMPTY
    assert (feed.prices, feed.updated_at) == ({}, None)
    assert feed.take(listing(other=1.0), 100.0) is Outcome.OK
    assert (feed.prices, feed.updated_at) == ({}, 100.0)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Price(1, 1), Price(10, 10), False),
        (Price(1, 1), Price(10.1, 1), True),
        (Price(1, 1), Price(1, 10.1), True),
        (Price(1, 1), Price(0.09, 1), True),
        (Price(0, 0), Price(0, 0), False),
        (Price(0, 1), Price(0.001, 1), True),
        (Price(1, 1, 0.001), Price(1, 1, 1), False),
    ],
)
def test_what_a_jump_is(one: Price, other: Price, expected: bool) -> None:
    assert jumps(one, other) is expected
    assert jumps(other, one) is expected


def test_a_jump_waits_for_the_next_refresh_to_confirm_it() -> None:
    feed = PriceFeed(OURS)
    feed.take(listing(a=1.0, b=2.0), 100.0)
    assert feed.take(listing(a=11.0, b=3.0), 200.0) is Outcome.OK
    assert inputs(feed) == {"a": 1.0, "b": 3.0}
    assert feed.held == {"a": Held(Price(11.0, 22.0), Price(1.0, 2.0))}
    assert (feed.held_back, feed.updated_at) == (1, 200.0)
    feed.take(listing(a=12.0, b=3.0), 300.0)
    assert inputs(feed) == {"a": 12.0, "b": 3.0}
    assert (feed.held, feed.held_back) == ({}, 1)


def test_a_jump_that_was_a_mistake_is_forgotten() -> None:
    feed = PriceFeed(OURS)
    for price in (1.0, 1e-6, 1.1):
        feed.take(listing(a=price), 100.0)
    assert inputs(feed) == {"a": 1.1}
    # It counts as new when it comes again.
    feed.take(listing(a=1e-6), 100.0)
    assert inputs(feed) == {"a": 1.1}
    assert feed.held_back == 2


def test_a_jump_is_not_confirmed_by_another_one() -> None:
    feed = PriceFeed(OURS)
    for price in (1.0, 100.0, 10_000.0):
        feed.take(listing(a=price), 100.0)
        assert inputs(feed) == {"a": 1.0}
    feed.take(listing(a=9_000.0), 100.0)
    assert inputs(feed) == {"a": 9_000.0}


@pytest.mark.parametrize("between", [listing(), listing(b=1.0)])
def test_a_jump_is_not_confirmed_by_silence(between: Listing) -> None:
    feed = PriceFeed(OURS)
    for each in (listing(a=1.0, b=1.0), listing(b=1.0), listing(a=100.0, b=1.0), between):
        feed.take(each, 100.0)
    assert inputs(feed).get("a", 1.0) == 1.0


def test_who_comes_back_must_not_jump_either() -> None:
    feed = PriceFeed(OURS)
    for each in (listing(a=1.0, b=1.0), listing(b=1.0), listing(a=0.0, b=1.0)):
        feed.take(each, 100.0)
    assert inputs(feed) == {"a": 1.0, "b": 1.0}
    assert feed.held == {"a": Held(Price(0.0, 0.0), Price(1.0, 2.0))}


def test_free_models_have_a_price() -> None:
    feed = PriceFeed(OURS)
    feed.take(listing(a=0.0), 100.0)
    assert feed.prices == {"a": Price(0.0, 0.0)}


def test_latencies_are_replaced_at_once() -> None:
    feed = LatencyFeed(OURS)
    assert feed.take(Latencies({"a": 0.1, "b": 0.2, "x": 0.3, "c": 0.4}), 100.0) is Outcome.OK
    assert feed.latencies == {"a": 0.1, "b": 0.2}
    assert (feed.unknown, feed.listed, feed.updated_at) == (("c", "x"), 4, 100.0)
    assert feed.take(Latencies({"a": 99.0}, (FAULT,)), 200.0) is Outcome.OK
    assert feed.latencies == {"a": 99.0}
    assert (feed.unknown, feed.faults, feed.updated_at) == ((), (FAULT,), 200.0)


@pytest.mark.parametrize("empty", [Latencies({}), Latencies({}, (FAULT,)), Latencies({"x": 1.0})])
def test_an_answer_without_latencies_changes_none(empty: Latencies) -> None:
    feed = LatencyFeed(OURS)
    feed.take(Latencies({"a": 0.1}), 100.0)
    assert feed.take(empty, 200.0) is Outcome.EMPTY
    assert (feed.latencies, feed.updated_at) == ({"a": 0.1}, 100.0)
    assert feed.faults == empty.faults


def test_a_first_answer_without_latencies() -> None:
    feed = LatencyFeed(OURS)
    assert feed.take(Latencies({}), 100.0) is Outcome.EMPTY
    assert feed.take(Latencies({"x": 1.0}), 100.0) is Outcome.OK
    assert (feed.latencies, feed.unknown, feed.updated_at) == ({}, ("x",), 100.0)
