"""What one request may cost, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Bounds"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds on one request, over all of its attempts; None is no bound.

    ``max_cost`` is in US dollars, ``deadline`` in seconds from when the request came.
    ``refuses_unpriced`` is whether ``max_cost`` keeps from a request the models whose price is not
    known.
    """

    max_cost: float | None = None
    deadline: float | None = None
    refuses_unpriced: bool = False
