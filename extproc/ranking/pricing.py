"""What a request costs at a model's prices."""

from __future__ import annotations

from typing import Final

from extproc.core.records import Usage
from extproc.ranking.snapshot import Price

__all__ = ["cost", "expected_cost"]

_PRICED_TOKENS: Final = 1_000_000
"""Prices are for so many tokens."""


def expected_cost(
    price: Price, input_tokens: float, output_tokens: float, cached_tokens: float = 0
) -> float:
    """What a request of this size costs, in US dollars.

    Args:
        price: the model's.
        input_tokens: all that go in, those from the provider's cache included.
        output_tokens: all that come out.
        cached_tokens: how many of the input tokens come from the provider's cache; at most all.
            They cost what other input costs where the price of cached input is not known.
    """
    cached = min(cached_tokens, input_tokens)
    for_cached = price.input if price.cached_input is None else price.cached_input
    total = (input_tokens - cached) * price.input + cached * for_cached
    return (total + output_tokens * price.output) / _PRICED_TOKENS


def cost(usage: Usage, price: Price | None) -> float | None:
    """What an answered request cost, in US dollars; None where a price or a count is not known.

    A provider that says nothing of cached tokens is taken to have read none from its cache.
    """
    if price is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    cached = usage.cached_tokens or 0
    if cached > usage.input_tokens or (cached and price.cached_input is None):
        return None
    return expected_cost(price, usage.input_tokens, usage.output_tokens, cached)
