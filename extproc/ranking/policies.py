"""Selection policies: each puts a route's candidates in order by what is known of them.

A policy is a function here and a row in ``POLICIES``. The row also says what the policy compares,
which is all that receipts, explanations and the reports on sources need to know of it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from types import MappingProxyType
from typing import Final, TypeAlias

from extproc.core.models import Model
from extproc.core.records import Ranked
from extproc.core.routes import CostBasis, Preference, Route
from extproc.ranking.pricing import expected_cost
from extproc.ranking.snapshot import Price, Snapshot

__all__ = [
    "EXPECTED_OUTPUT_TOKENS",
    "POLICIES",
    "Compares",
    "Policy",
    "Situation",
    "Unit",
    "by_policy",
]

EXPECTED_OUTPUT_TOKENS = 500.0
"""How many tokens an answer is taken to have before a route's own are known."""


class Unit(StrEnum):
    """Of the number that a candidate is ranked by."""

    USD_PER_MILLION = "usd_per_million"
    USD = "usd"
    SECONDS = "seconds"


class Compares(Enum):
    """Which source a policy needs."""

    NOTHING = auto()
    PRICES = auto()
    LATENCIES = auto()


@dataclass(frozen=True, slots=True)
class Situation:
    """What a policy may go by.

    ``route`` is the candidates' own, ``input_tokens`` estimates the request's size, in tokens,
    ``snapshot`` is what is known of the models, ``chance`` the source of randomness.
    """

    route: Route
    input_tokens: Callable[[], float]
    snapshot: Snapshot
    chance: random.Random


_Pool: TypeAlias = Sequence[Model]
_Order: TypeAlias = tuple[Ranked[Model], ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A way to order candidates.

    ``order`` keeps each of them once; what is unknown goes last, equals and unknown ones stay in
    declared order. ``words`` end the sentence "Its models are tried ...".
    """

    order: Callable[[_Pool, Situation], _Order]
    words: str
    compares: Compares = Compares.NOTHING

    def unit(self, basis: CostBasis) -> Unit | None:
        """Of what it compares, None if it compares nothing."""
        if self.compares is Compares.PRICES:
            return Unit.USD if basis is CostBasis.REQUEST else Unit.USD_PER_MILLION
        return Unit.SECONDS if self.compares is Compares.LATENCIES else None


def _declared(pool: _Pool, _: Situation) -> _Order:
    return tuple(map(Ranked, pool))


def _shuffled(pool: _Pool, situation: Situation) -> _Order:
    return tuple(map(Ranked, situation.chance.sample(pool, len(pool))))


def _cheapest(pool: _Pool, situation: Situation) -> _Order:
    bill = _bill(situation)

    def cost(model: Model) -> float | None:
        price = situation.snapshot.prices.get(model.name)
        return None if price is None else bill(price)

    return _ascending(pool, cost, situation.snapshot.prices_at)


def _fastest(pool: _Pool, situation: Situation) -> _Order:
    known = situation.snapshot
    return _ascending(pool, lambda model: known.latencies.get(model.name), known.latencies_at)


POLICIES: Final[Mapping[Preference, Policy]] = MappingProxyType(
    {
        Preference.NONE: Policy(_declared, "in the declared order"),
        Preference.RANDOM: Policy(_shuffled, "in random order"),
        Preference.CHEAPEST: Policy(_cheapest, "the cheapest first", Compares.PRICES),
        Preference.FASTEST: Policy(_fastest, "the fastest first", Compares.LATENCIES),
    }
)


def by_policy(pool: _Pool, situation: Situation) -> _Order:
    """Order candidates, given in declared order, by their route's policy."""
    return POLICIES[situation.route.prefer].order(pool, situation)


def _bill(situation: Situation) -> Callable[[Price], float]:
    """What the route's cost basis makes of a price."""
    route = situation.route
    if route.cost_basis is CostBasis.TOTAL:
        return lambda price: price.total
    entering = situation.input_tokens()
    leaving = situation.snapshot.output_tokens.get(route.name, EXPECTED_OUTPUT_TOKENS)
    return lambda price: expected_cost(price, entering, leaving)


def _ascending(
    pool: _Pool, measure: Callable[[Model], float | None], measured_at: float | None
) -> _Order:
    measured = [(model, measure(model)) for model in pool]
    known = sorted(
        (Ranked(model, value, measured_at) for model, value in measured if value is not None),
        key=lambda candidate: candidate.value or 0.0,
    )
    unknown = (Ranked(model) for model, value in measured if value is None)
    return (*known, *unknown)
