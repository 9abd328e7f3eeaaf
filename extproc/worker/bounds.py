"""The bounds of one request: the operator's, and the client's within these.

A client says in headers what it would spend and how long it waits. What its route allows, or else
what all requests are allowed, is the most that it gets.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from extproc.contract import MAX_COST
from extproc.core import bounds as core
from extproc.core.config import Config
from extproc.core.routes import Route
from extproc.errors import ClientError
from extproc.ranking.bars import Bar
from extproc.ranking.bounds import CostBar, DeadlineBar, Pace
from extproc.worker.deadlines import Deadline, deadline_of

__all__ = ["UNBOUNDED", "Bounding", "RequestBounds"]

_INVALID: Final = "invalid_max_cost"


@dataclass(frozen=True, slots=True)
class RequestBounds:
    """What one request may cost, in US dollars, and take, as far as its client says it.

    ``began`` is when it came, in seconds since the epoch; ``general`` are everyone's bounds.
    """

    general: core.Bounds
    began: float
    max_cost: float | None = None
    client_deadline: Deadline | None = None

    def most(self, route: Route | None) -> float | None:
        """What it may cost on a route, None without a bound."""
        return _least((self._of(route).max_cost, self.max_cost))

    def deadline(self, route: Route | None) -> Deadline | None:
        """When it must have been answered on a route, None without a bound."""
        seconds = self._of(route).deadline
        client = self.client_deadline
        if seconds is None:
            return client
        operators = Deadline(self.began + seconds, asked=True)
        return operators if client is None or operators.at <= client.at else client

    def _of(self, route: Route | None) -> core.Bounds:
        return self.general if route is None or route.bounds is None else route.bounds


class Bounding:
    """Bounds the requests of one worker."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.time) -> None:
        """
        Args:
            config: the configuration.
            clock: tells the time, in seconds since the epoch.
        """
        self._general = config.bounds
        self._pace = Pace(config.latencies)
        self._clock = clock
        every = (config.bounds, *(route.bounds for route in config.routes if route.bounds))
        self._costs_bounded = any(each.max_cost is not None for each in every)
        self._times_bounded = any(each.deadline is not None for each in every)

    def of(self, headers: Mapping[str, str], began: float) -> RequestBounds:
        """The bounds of a request.

        Args:
            headers: the request's.
            began: when they came, in seconds since the epoch.

        Raises:
            ClientError: what it says of its cost or its deadline is nothing sensible (400).
        """
        return RequestBounds(self._general, began, _max_cost(headers), deadline_of(headers, began))

    def bars(self, bounds: RequestBounds, *, streamed: bool) -> tuple[Bar, ...]:
        """What the bounds of a request bar; nothing where nobody bounds it.

        Args:
            bounds: the request's.
            streamed: whether it asks for a stream.
        """
        bars = self._on_cost(bounds)
        client = bounds.client_deadline
        if self._times_bounded or (client is not None and client.asked):
            return (*bars, DeadlineBar(self._left(bounds), self._pace, streamed))
        return bars

    def cost_bars(self, headers: Mapping[str, str]) -> tuple[Bar, ...]:
        """What the bounds of a request bar that is not routed: it has no deadline.

        Args:
            headers: the request's.

        Raises:
            ClientError: what it says of its cost is nothing sensible (400).
        """
        return self._on_cost(RequestBounds(self._general, 0.0, _max_cost(headers)))

    def _on_cost(self, bounds: RequestBounds) -> tuple[Bar, ...]:
        if not self._costs_bounded and bounds.max_cost is None:
            return ()
        return (CostBar(bounds.most, self._general.refuses_unpriced),)

    def _left(self, bounds: RequestBounds) -> Callable[[Route | None], float | None]:
        """How many seconds a request has left; what an SDK waits for by default bars nothing."""

        def left(route: Route | None) -> float | None:
            deadline = bounds.deadline(route)
            return deadline.at - self._clock() if deadline and deadline.asked else None

        return left


UNBOUNDED: Final = Bounding(Config(models=()))
"""Bounds requests by what their clients say alone."""


def _max_cost(headers: Mapping[str, str]) -> float | None:
    """
    Raises:
        ClientError: the header holds something else than an amount of money (400).
    """
    text = headers.get(MAX_COST)
    if text is None:
        return None
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not (math.isfinite(amount) and amount > 0):
        raise ClientError(
            400, f"{MAX_COST} must be an amount of US dollars above 0, such as 0.05.", code=_INVALID
        )
    return amount


def _least(amounts: Iterable[float | None]) -> float | None:
    return min((amount for amount in amounts if amount is not None), default=None)
