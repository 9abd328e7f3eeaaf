"""Selection policies: each puts a route's candidates in order by what is known of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extproc.core.models import Model
from extproc.core.requirements import Ineligible
from extproc.core.routes import CostBasis, Preference, Route
from extproc.ranking.pricing import expected_cost
from extproc.ranking.snapshot import Price, Snapshot

__all__ = ["EXPECTED_OUTPUT_TOKENS", "Ranked", "by_policy"]

EXPECTED_OUTPUT_TOKENS = 500.0
"""How many tokens an answer is taken to have before a route's own are known."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate, and the number it was ranked by.

    ``value`` is in US dollars (per million tokens, or of this request, as the route's cost basis
    says) or in seconds; None if it is unknown or the policy compares nothing. ``measured_at`` is
    when the source gave it. ``cooldown`` is why the model was set back, or ``PROBE``. ``explored``
    says that it goes first to be measured. ``ineligible`` is why it went behind those that can hold
    the request or take what is in it.
    """

    model: Model
    value: float | None = None
    measured_at: float | None = None
    cooldown: str | None = None
    explored: bool = False
    ineligible: Ineligible | None = None


def by_policy(
    pool: Sequence[Model],
    route: Route,
    input_tokens: Callable[[], float],
    snapshot: Snapshot,
    chance: random.Random,
) -> tuple[Ranked, ...]:
    """Order candidates by their route's policy.

    What is unknown goes last; equals and unknown ones stay in declared order.

    Args:
        pool: the candidates in declared order.
        route: for its policy.
        input_tokens: estimates the request's size, in tokens, for the policy that weighs it.
        snapshot: what is known of the models.
        chance: the source of randomness.
    """
    if route.prefer is Preference.CHEAPEST:
        return _ascending(pool, _cost(route, input_tokens, snapshot), snapshot.prices_at)
    if route.prefer is Preference.FASTEST:
        return _ascending(
            pool, lambda model: snapshot.latencies.get(model.name), snapshot.latencies_at
        )
    if route.prefer is Preference.RANDOM:
        pool = chance.sample(pool, len(pool))
    return tuple(map(Ranked, pool))


def _cost(
    route: Route, input_tokens: Callable[[], float], snapshot: Snapshot
) -> Callable[[Model], float | None]:
    if route.cost_basis is CostBasis.REQUEST:
        entering = input_tokens()
        leaving = snapshot.output_tokens.get(route.name, EXPECTED_OUTPUT_TOKENS)

        def bill(price: Price) -> float:
            return expected_cost(price, entering, leaving)
    else:

        def bill(price: Price) -> float:
            return price.total

    def cost(model: Model) -> float | None:
        price = snapshot.prices.get(model.name)
        return None if price is None else bill(price)

    return cost


def _ascending(
    pool: Sequence[Model], measure: Callable[[Model], float | None], measured_at: float | None
) -> tuple[Ranked, ...]:
    measured = [(model, measure(model)) for model in pool]
    known = sorted(
        (Ranked(model, value, measured_at) for model, value in measured if value is not None),
        key=lambda candidate: candidate.value or 0.0,
    )
    unknown = (Ranked(model) for model, value in measured if value is None)
    return (*known, *unknown)
