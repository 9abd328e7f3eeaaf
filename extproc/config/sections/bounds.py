"""What ``bounds`` says of all requests, and a route of its own: what they may cost and take."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from extproc.config.fields import Dollars, Entry
from extproc.core import bounds as core

__all__ = ["BoundsEntry", "DeadlineMs", "bounds_of", "routes_bounds"]

_LONGEST: Final = 7 * 24 * 3600 * 1000

DeadlineMs = Annotated[int, Field(ge=1, le=_LONGEST)]


class BoundsEntry(Entry):
    """Bounds on every request, over all of its attempts."""

    max_cost: Dollars | None = None
    deadline_ms: DeadlineMs | None = None
    unpriced: Literal["allow", "refuse"] = "allow"


def bounds_of(entry: BoundsEntry | None) -> core.Bounds:
    """What such an entry means."""
    if entry is None:
        return core.Bounds()
    return core.Bounds(
        entry.max_cost, _seconds(entry.deadline_ms), refuses_unpriced=entry.unpriced == "refuse"
    )


def routes_bounds(
    max_cost: float | None, deadline_ms: int | None, everyones: core.Bounds
) -> core.Bounds | None:
    """A route's own bounds, and everyone's where it has none; None where it has none at all.

    Args:
        max_cost: the route's, in US dollars.
        deadline_ms: the route's, in milliseconds.
        everyones: those of all requests.
    """
    if max_cost is None and deadline_ms is None:
        return None
    deadline = _seconds(deadline_ms)
    return core.Bounds(
        everyones.max_cost if max_cost is None else max_cost,
        everyones.deadline if deadline is None else deadline,
        everyones.refuses_unpriced,
    )


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / 1000
