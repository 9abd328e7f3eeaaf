"""What it costs a session to change its model: the budget for it, and the session's account.

A provider keeps what it has read of a conversation in its prompt cache, and reads it again for a
fraction of the price. Another model has to read all of it anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CacheUse", "RoutingBudget", "SessionCosts", "Switch", "SwitchReason"]


@dataclass(frozen=True, slots=True)
class RoutingBudget:
    """How much a session may spend on changing its model.

    ``most`` is the share, 0 to 1, of what the session's input would have cost if it had stayed with
    its first model. ``replenishes`` is whether the account begins anew when the provider's cache is
    cold. ``cache_read_discount`` is the share of the input price at which cached input is
    taken to be sold, where its own price is not known. ``records_counterfactual`` is whether
    receipts tell what the model that was not taken would have cost.
    """

    most: float
    replenishes: bool = True
    cache_read_discount: float = 0.1
    records_counterfactual: bool = False


@dataclass(frozen=True, slots=True)
class CacheUse:
    """When a session was last with a model, in seconds since the epoch, and how many tokens that
    one has read then."""

    model: str
    used_at: float
    tokens: int


@dataclass(frozen=True, slots=True)
class SessionCosts:
    """A session's account, in US dollars.

    ``first`` is the model that it began with, ``prefix`` tells what its requests begin with from
    other beginnings, ``used_at`` is when its last request was decided. ``stayed`` is what its input
    would have cost so far with the first model, read from its cache; ``spent`` is what changes of
    its model have cost. ``caches`` are the models that it has been with, the latest last.
    """

    first: str
    prefix: str
    used_at: float
    stayed: float = 0.0
    spent: float = 0.0
    switches: int = 0
    caches: tuple[CacheUse, ...] = ()


class SwitchReason(StrEnum):
    """Why a session has changed its model, or has not."""

    WITHIN_BUDGET = "within_cap"
    FREE = "free"
    """It costs nothing: the other one is cheaper even with a cold cache, or its own is warm."""
    NO_PRICING = "no_pricing"
    OVER_BUDGET = "over_cap"
    COLD = "cold"
    """The cache of the session's model is taken to be gone: it was left alone for too long."""
    DRIFTED = "prefix_changed"
    """The request begins otherwise than those before it, which no cache helps."""
    UNBUDGETED = "no_budget"
    UNAVAILABLE = "unavailable"
    """The session's model cools down, or may not be tried, or cannot serve the request."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A session's model and another one that its request would have gone to, and which it was.

    ``cost`` is what the change would cost, in US dollars, None if that is not known or not asked;
    ``spent`` and ``stayed`` are the account's when it was judged. ``counterfactual`` is what the
    request's input costs at the model that was not taken, None unless it is recorded.
    """

    anchor: str
    candidate: str
    switched: bool
    reason: SwitchReason
    cost: float | None = None
    spent: float = 0.0
    stayed: float = 0.0
    counterfactual: float | None = None
