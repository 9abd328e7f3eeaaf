"""What an attempt cost at the prices of the moment."""

from __future__ import annotations

from extproc.core.records import Attempt
from extproc.ranking.pricing import cost
from extproc.ranking.snapshot import Snapshot

__all__ = ["attempt_cost"]


def attempt_cost(attempt: Attempt, snapshot: Snapshot) -> float | None:
    """US dollars; None where the model's price or what it used is not known."""
    return cost(attempt.usage, snapshot.prices.get(attempt.model))
