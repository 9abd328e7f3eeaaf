"""What an attempt cost, from its usage and its model's price."""

from __future__ import annotations

from extproc.ranking.snapshot import Price
from extproc.records import Usage

__all__ = ["cost"]

_PER = 1_000_000


def cost(usage: Usage, price: Price) -> float | None:
    """US dollars for what was used, None where that cannot be known.

    A provider that says nothing of its cache is taken to have read nothing from it. Input from a
    cache whose price is not known makes the cost unknown.
    """
    cached = usage.cached_tokens or 0
    if usage.input_tokens is None or usage.output_tokens is None or cached > usage.input_tokens:
        return None
    if cached and price.cached_input is None:
        return None
    fresh = usage.input_tokens - cached
    spent = (
        fresh * price.input
        + cached * (price.cached_input or 0)
        + usage.output_tokens * price.output
    )
    return spent / _PER
