"""The order of a route's candidates: by its selection policy, with models that failed set back."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from extproc.config.values import CostBasis, Model, Preference, Route
from extproc.ranking.snapshot import Phase, Price, Snapshot

__all__ = ["EXPECTED_OUTPUT_TOKENS", "PROBE", "Probes", "Ranked", "rank"]

EXPECTED_OUTPUT_TOKENS = 500.0
"""How many tokens an answer is taken to have before a route's own are known."""

PROBE = "probe"

_TOKENS_PER_MILLION = 1e6


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate, and the number it was ranked by.

    ``value`` is in US dollars (per million tokens, or of this request, as the route's cost basis
    says) or in seconds; None if it is unknown or the policy compares nothing. ``measured_at`` is
    when the source gave it. ``cooldown`` is why the model was set back, or ``PROBE``.
    """

    model: Model
    value: float | None = None
    measured_at: float | None = None
    cooldown: str | None = None


class Probes:
    """Which probes this worker has sent: each of them is one request."""

    def __init__(self, worker: int) -> None:
        self._worker = worker
        self._sent: dict[str, int] = {}

    def available(self, model: str, snapshot: Snapshot) -> bool:
        """Whether it is for this worker to try a model whose time is up."""
        cooldown = snapshot.cooldowns[model]
        return (
            cooldown.phase is Phase.PROBING
            and cooldown.prober == self._worker
            and self._sent.get(model) != cooldown.probe
        )

    def send(self, model: str, snapshot: Snapshot) -> None:
        """The probe is on its way; a second one is not."""
        self._sent = {name: self._sent[name] for name in self._sent if name in snapshot.cooldowns}
        self._sent[model] = snapshot.cooldowns[model].probe


def rank(
    pool: Sequence[Model],
    route: Route,
    input_tokens: Callable[[], float],
    snapshot: Snapshot,
    chance: random.Random,
    probes: Probes,
    pinned: Model | None = None,
    reaches: Callable[[Model], bool] = lambda _: True,
) -> tuple[Ranked, ...]:
    """Order the candidates of a request.

    What is unknown goes last; equals and unknown ones stay in declared order. A session's model
    goes before all others, models that cool down go behind them; none is ever dropped.

    Args:
        pool: the candidates in declared order.
        route: for its policy.
        input_tokens: estimates the request's size, in tokens, for the policy that weighs it.
        snapshot: what is known of the models.
        chance: the source of randomness.
        probes: what this worker has tried of the models that failed.
        pinned: the session's model, also if it is not in the pool.
        reaches: whether the request can be sent to a model: else it is no probe of it.
    """
    ranked = _by_policy(pool, route, input_tokens, snapshot, chance)
    if pinned is not None:
        ranked = _first(pinned, ranked)
    if not snapshot.cooldowns:
        return ranked
    return _set_back(ranked, snapshot, chance, probes, reaches)


def _by_policy(
    pool: Sequence[Model],
    route: Route,
    input_tokens: Callable[[], float],
    snapshot: Snapshot,
    chance: random.Random,
) -> tuple[Ranked, ...]:
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
            return (entering * price.input + leaving * price.output) / _TOKENS_PER_MILLION
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


def _first(pinned: Model, ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    own = [candidate for candidate in ranked if candidate.model.name == pinned.name]
    others = [candidate for candidate in ranked if candidate.model.name != pinned.name]
    return (*(own or [Ranked(pinned)]), *others)


def _set_back(
    ranked: Sequence[Ranked],
    snapshot: Snapshot,
    chance: random.Random,
    probes: Probes,
    reaches: Callable[[Model], bool],
) -> tuple[Ranked, ...]:
    ahead: list[Ranked] = []
    behind: list[Ranked] = []
    for candidate in ranked:
        name = candidate.model.name
        cooldown = snapshot.cooldowns.get(name)
        if cooldown is None or (
            cooldown.phase is Phase.RETURNING and chance.random() < cooldown.share
        ):
            ahead.append(candidate)
        elif (
            not ahead
            and len(ranked) > 1
            and probes.available(name, snapshot)
            and reaches(candidate.model)
        ):
            ahead.append(replace(candidate, cooldown=PROBE))
        else:
            behind.append(replace(candidate, cooldown=cooldown.reason))
    first = ahead[0] if ahead else None
    if first is not None and first.cooldown == PROBE:
        probes.send(first.model.name, snapshot)
    return (*ahead, *behind)
