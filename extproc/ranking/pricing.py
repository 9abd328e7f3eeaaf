"""What a request costs at a model's prices."""

from __future__ import annotations

from typing import Final

from extproc.core.usage import Usage
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
    price = price.of(round(input_tokens))
    cached = min(cached_tokens, input_tokens)
    for_cached = price.input if price.cached_input is None else price.cached_input
    total = (input_tokens - cached) * price.input + cached * for_cached
    return (total + output_tokens * price.output) / _PRICED_TOKENS


def cost(usage: Usage, price: Price | None) -> float | None:
    """What an answered request cost, in US dollars; None where a part of that is not known.

    What the provider does not tell of a kind of token is taken to be none. A free model costs
    nothing, whatever was counted.
    """
    if price is None:
        return None
    if price.is_free:
        return 0.0
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    total = 0.0
    for tokens, rate in _parts(usage, price.of(usage.input_tokens)):
        if tokens < 0 or (tokens and rate is None):
            return None
        total += tokens * (rate or 0.0)
    return total / _PRICED_TOKENS


def _parts(usage: Usage, price: Price) -> tuple[tuple[int, float | None], ...]:
    """Tokens that have the same price, and that price. They add up to all input and output."""
    cached, audio_in = usage.cached_tokens or 0, usage.input_audio_tokens or 0
    written, for_an_hour = usage.cache_write_tokens or 0, usage.cache_write_1h_tokens or 0
    reasoning, audio_out = usage.reasoning_tokens or 0, usage.output_audio_tokens or 0
    return (
        ((usage.input_tokens or 0) - cached - written - audio_in, price.input),
        (cached, price.cached_input),
        (written - for_an_hour, price.cache_write),
        (for_an_hour, price.cache_write_1h),
        (audio_in, price.input_audio),
        ((usage.output_tokens or 0) - reasoning - audio_out, price.output),
        (reasoning, price.output if price.reasoning is None else price.reasoning),
        (audio_out, price.output_audio),
    )
