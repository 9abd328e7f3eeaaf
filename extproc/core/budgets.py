"""Budgets: how much money may be spent on which requests, until when, and what happens then.

Amounts are in billionths of a US dollar, so that one token costs a whole number of them at any
price in thousandths of a dollar per million, and sums are exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from extproc.core.models import Model
from extproc.core.windows import Window

__all__ = ["DOLLAR", "Budget", "OnExhausted", "Reservation", "Unpriced", "rounded", "rounded_up"]

DOLLAR: Final = 10**9
"""One US dollar."""


class OnExhausted(StrEnum):
    """What becomes of requests that a budget has not enough left for."""

    REFUSE = "refuse"
    CHEAPER = "cheaper"
    """They go to models that cost less than their route's first one."""
    FALLBACK = "fallback"
    """They go to another route, or to another model."""


class Unpriced(StrEnum):
    """What becomes of requests to models whose price is not known."""

    ALLOW = "allow"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent in every window of time.

    It covers the requests that are on one of ``routes``, to one of ``models`` (an entry's name, for
    a wildcard all of its models) and with one of ``providers``; without any of a kind, to all of
    it. With ``per_tenant`` every tenant has the amount for itself. ``fallback`` names the route or
    the model that goes on when it is used up; ``fallback_models`` are those of it.
    """

    name: str
    amount: int
    window: Window
    per_tenant: bool = False
    routes: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    on_exhausted: OnExhausted = OnExhausted.REFUSE
    fallback: str | None = None
    fallback_models: tuple[str, ...] = ()
    unpriced: Unpriced = Unpriced.ALLOW

    def covers(self, route: str | None, model: Model) -> bool:
        """Whether what a request costs at a model is spent from it.

        Args:
            route: the request's, None if no route matched.
            model: the model.
        """
        return (
            (not self.routes or route in self.routes)
            and (not self.models or model.name in self.models or model.cluster in self.models)
            and (not self.providers or model.provider in self.providers)
        )

    def bucket(self, tenant: str | None) -> str:
        """Whose money a request spends: the tenant's, or everybody's, who have no name."""
        return (tenant or "") if self.per_tenant else ""


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was set aside of a budget for one request before it was sent.

    ``at`` says of which window. ``models`` are those of its candidates that the budget covers.
    ``amount`` is 0 where the budget could not be asked, or the price was not known.
    """

    budget: str
    bucket: str
    window: Window
    at: float
    amount: int
    models: tuple[str, ...]


def rounded(dollars: float) -> int:
    """What something has cost."""
    return round(dollars * DOLLAR)


def rounded_up(dollars: float) -> int:
    """What something is expected to cost: what is not free costs something."""
    return math.ceil(dollars * DOLLAR)
