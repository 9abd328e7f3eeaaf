"""What a request costs."""

from __future__ import annotations

import pytest

from extproc.core.usage import Usage
from extproc.ranking.pricing import cost, expected_cost
from extproc.ranking.snapshot import Price, Tier

PRICE = Price(3.0, 15.0, 0.3)
WITHOUT_CACHE = Price(3.0, 15.0)
WHOLE = Price(
    3.0,
    15.0,
    0.3,
    cache_write=3.75,
    cache_write_1h=6.0,
    reasoning=20.0,
    input_audio=40.0,
    output_audio=80.0,
    tiers=(Tier(200_000, Price(6.0, 22.5)), Tier(500_000, Price(12.0, 45.0))),
)
FREE = Price(0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("price", "tokens", "expected"),
    [
        (PRICE, (1_000_000, 0), 3.0),
        (PRICE, (0, 1_000_000), 15.0),
        (PRICE, (1000, 200), 0.006),
        (PRICE, (1000, 200, 800), 0.00384),
        (PRICE, (1000, 200, 1000), 0.0033),
        (PRICE, (1000, 200, 5000), 0.0033),
        (WITHOUT_CACHE, (1000, 200, 800), 0.006),
        (Price(1.0, 1.0, 0.0), (1000, 0, 1000), 0.0),
        (Price(0.0, 0.0), (1000, 200), 0.0),
        (PRICE, (0, 0), 0.0),
        (WHOLE, (600_000, 0), 7.2),
    ],
)
def test_expected_cost(price: Price, tokens: tuple[int, ...], expected: float) -> None:
    assert expected_cost(price, *tokens) == pytest.approx(expected)


def test_what_is_cheaper_depends_on_the_request() -> None:
    cheap_to_read, cheap_to_write = Price(1.0, 10.0), Price(4.0, 5.0)
    assert expected_cost(cheap_to_read, 10_000, 100) < expected_cost(cheap_to_write, 10_000, 100)
    assert expected_cost(cheap_to_read, 100, 10_000) > expected_cost(cheap_to_write, 100, 10_000)


@pytest.mark.parametrize(
    ("usage", "price", "expected"),
    [
        (Usage(1000, 200, 800), PRICE, 0.00384),
        (Usage(1000, 200), PRICE, 0.006),
        (Usage(0, 0), PRICE, 0.0),
        (Usage(1000, 200), None, None),
        (Usage(None, 200), PRICE, None),
        (Usage(1000, None), PRICE, None),
        (Usage(), PRICE, None),
        (Usage(1000, 200, 800), WITHOUT_CACHE, None),
        (Usage(1000, 200, 0, 0, 0, 0, 0, 0), WITHOUT_CACHE, 0.006),
        (Usage(1000, 200, 1200), PRICE, None),
        (Usage(1000, 200, reasoning_tokens=300), PRICE, None),
        (Usage(1000, 200, reasoning_tokens=150), PRICE, 0.006),
        (Usage(1000, 200, cache_write_tokens=400), PRICE, None),
        (Usage(1000, 200, input_audio_tokens=400), PRICE, None),
        (Usage(1000, 200, output_audio_tokens=100), PRICE, None),
        (Usage(1000, 200), WHOLE, 0.006),
        (Usage(1000, 200, 100), WHOLE, 0.00573),
        (Usage(1000, 200, cache_write_tokens=400), WHOLE, 0.0063),
        (Usage(1000, 200, cache_write_tokens=400, cache_write_1h_tokens=100), WHOLE, 0.006525),
        (Usage(1000, 200, reasoning_tokens=50), WHOLE, 0.00625),
        (Usage(1000, 200, input_audio_tokens=100), WHOLE, 0.0097),
        (Usage(1000, 200, output_audio_tokens=100), WHOLE, 0.0125),
        (Usage(200_000, 0), WHOLE, 0.6),
        (Usage(200_001, 0), WHOLE, 1.200006),
        (Usage(200_001, 0, 1), WHOLE, None),
        (Usage(600_000, 0), WHOLE, 7.2),
        (Usage(), FREE, 0.0),
        (Usage(1000, 200, 800, 100), FREE, 0.0),
        (Usage(1000, 200, 800), Price(0.0, 0.0, 0.3), 0.00024),
        (Usage(300_000, 0), Price(0.0, 0.0, tiers=(Tier(200_000, Price(1.0, 1.0)),)), 0.3),
    ],
)
def test_cost(usage: Usage, price: Price | None, expected: float | None) -> None:
    found = cost(usage, price)
    assert found is None if expected is None else found == pytest.approx(expected)
