"""What an attempt cost at the prices of the moment."""

from __future__ import annotations

from extproc.core.records import Attempt
from extproc.ranking.pricing import cost
from extproc.ranking.snapshot import Snapshot

__all__ = ["attempt_cost", "costs_something"]


def attempt_cost(attempt: Attempt, snapshot: Snapshot) -> float | None:
    """US dollars; None where the model's price or what it used is not known."""
    price = snapshot.prices.get(attempt.model)
    return None if price is None else cost(attempt.usage, price)


def costs_something(attempt: Attempt) -> bool:
    """Whether the provider will want money: it began to answer, to the end or not."""
    return attempt.outcome.costs
