"""Routes, and how their candidates are ordered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from extproc.core.bounds import Bounds
from extproc.core.failover import FailoverPolicy
from extproc.core.timeouts import Timeouts

__all__ = ["CostBasis", "Hedge", "Preference", "Route", "Shadow", "Weight"]


class Preference(StrEnum):
    """How the candidates of a route are ordered (``selection_policy.prefer``)."""

    NONE = "none"
    RANDOM = "random"
    CHEAPEST = "cheapest"
    FASTEST = "fastest"


class CostBasis(StrEnum):
    """What ``cheapest`` compares (``selection_policy.cost_basis``)."""

    TOTAL = "total"
    """The sum of the input and the output price, whatever the request."""
    REQUEST = "request"
    """What this very request is expected to cost."""


@dataclass(frozen=True, slots=True)
class Weight:
    """Of a model, in the draw that says which candidate goes first: above 0, beside the others'."""

    model: str
    weight: float


@dataclass(frozen=True, slots=True)
class Hedge:
    """That a candidate which has shown nothing yet gets the next one at its side: after so many
    seconds, None: after the time in which it answers 95 of 100 requests."""

    after: float | None = None


@dataclass(frozen=True, slots=True)
class Shadow:
    """A model that is sent a copy of so many requests in a hundred, and whose answers nobody gets;
    ``percent`` is above 0 and at most 100."""

    model: str
    percent: float


@dataclass(frozen=True, slots=True)
class Route:
    """An intent in plain English and the models that serve it: an entry of ``routing_preferences``.

    ``models`` holds names of declared models, in the order in which they were written.
    ``examples`` are prompts that belong to the route; ``threshold`` is the score from which it
    matches, None: the classifier's own. ``fallback`` says that it takes what no other route
    matches. ``failover`` says after which errors its requests move on, None: as all others do.
    ``timeouts`` are how long its attempts are waited for, None: as long as everyone's.
    ``hold_stream`` is whether its streams are held to their end. ``weights`` are those of the
    models of which one is drawn to go first; empty: the policy alone says who does. ``bounds`` are
    those of its requests, None: everyone's. ``hedge`` is None where the candidates are only tried
    one after another. ``shadow`` is None where its requests are not copied.
    """

    name: str
    description: str
    models: tuple[str, ...]
    prefer: Preference = Preference.NONE
    cost_basis: CostBasis = CostBasis.TOTAL
    examples: tuple[str, ...] = ()
    threshold: float | None = None
    fallback: bool = False
    failover: FailoverPolicy | None = None
    timeouts: Timeouts | None = None
    hold_stream: bool = False
    weights: tuple[Weight, ...] = ()
    bounds: Bounds | None = None
    hedge: Hedge | None = None
    shadow: Shadow | None = None
