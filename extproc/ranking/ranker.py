"""The order in which a request tries its candidates: policy, session, cooldowns, exploration."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from extproc.core.models import Model
from extproc.core.records import Ranked
from extproc.core.routes import Route
from extproc.ranking.policies import POLICIES, Compares, Situation, by_policy
from extproc.ranking.snapshot import Phase, Snapshot

__all__ = ["EXPLORED", "PROBE", "Demand", "Ranker"]

EXPLORED = 0.05
"""The share of requests that go to a model which is not measured yet, where latencies are observed:
without any it would never be."""

PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Demand:
    """What the ranking needs to know of a request.

    ``input_tokens`` estimates its size. ``reaches`` says whether it can be sent to a model: else it
    tells nothing of it. ``pinned`` is its session's model, which need not be in the pool.
    """

    input_tokens: Callable[[], float]
    reaches: Callable[[Model], bool]
    pinned: Model | None = None


class Ranker:
    """Ranks for one worker. Between requests it remembers only which probes it has sent."""

    def __init__(self, chance: random.Random, worker: int = 0, exploration: float = 0.0) -> None:
        """
        Args:
            chance: the source of randomness.
            worker: this worker's number: each probe is for one of them to send.
            exploration: the share of requests, 0 to 1, that ``fastest`` sends first to a model
                whose latency is not known.
        """
        self._chance = chance
        self._worker = worker
        self._exploration = exploration
        self._sent: dict[str, int] = {}

    def rank(
        self, pool: Sequence[Model], route: Route, demand: Demand, snapshot: Snapshot
    ) -> tuple[Ranked[Model], ...]:
        """Order the candidates of a request.

        A session's model goes before all others, models that cool down go behind them; none is
        ever dropped.

        Args:
            pool: the candidates in declared order.
            route: for its policy.
            demand: the request.
            snapshot: what is known of the models.
        """
        situation = Situation(route, demand.input_tokens, snapshot, self._chance)
        ranked = by_policy(pool, situation)
        if demand.pinned is not None:
            ranked = _pinned(demand.pinned, ranked)
        elif self._explores(route) and self._chance.random() < self._exploration:
            ranked = _explored(ranked, demand)
        if not snapshot.cooldowns:
            return ranked
        return self._set_back(ranked, demand, snapshot)

    def _explores(self, route: Route) -> bool:
        return POLICIES[route.prefer].compares is Compares.LATENCIES

    def _set_back(
        self, ranked: Sequence[Ranked[Model]], demand: Demand, snapshot: Snapshot
    ) -> tuple[Ranked[Model], ...]:
        ahead: list[Ranked[Model]] = []
        behind: list[Ranked[Model]] = []
        for candidate in ranked:
            model = candidate.model
            cooldown = snapshot.cooldowns.get(model.name)
            if cooldown is None or (
                cooldown.phase is Phase.RETURNING and self._chance.random() < cooldown.share
            ):
                ahead.append(candidate)
            elif not ahead and len(ranked) > 1 and self._may_probe(model, demand, snapshot):
                self._send_probe(model.name, snapshot)
                ahead.append(replace(candidate, cooldown=PROBE))
            else:
                behind.append(replace(candidate, cooldown=cooldown.reason))
        return (*ahead, *behind)

    def _may_probe(self, model: Model, demand: Demand, snapshot: Snapshot) -> bool:
        """Whether it is for this worker and this request to try a model whose time is up."""
        cooldown = snapshot.cooldowns[model.name]
        return (
            cooldown.phase is Phase.PROBING
            and cooldown.prober == self._worker
            and self._sent.get(model.name) != cooldown.probe
            and demand.reaches(model)
        )

    def _send_probe(self, model: str, snapshot: Snapshot) -> None:
        self._sent = {name: self._sent[name] for name in self._sent if name in snapshot.cooldowns}
        self._sent[model] = snapshot.cooldowns[model].probe


def _pinned(model: Model, ranked: Sequence[Ranked[Model]]) -> tuple[Ranked[Model], ...]:
    own = [candidate for candidate in ranked if candidate.model.name == model.name]
    others = [candidate for candidate in ranked if candidate.model.name != model.name]
    return (*(own or [Ranked(model)]), *others)


def _explored(ranked: Sequence[Ranked[Model]], demand: Demand) -> tuple[Ranked[Model], ...]:
    """The first one that nothing is known of goes first, so that something will be."""
    for candidate in ranked:
        if candidate.value is None and demand.reaches(candidate.model):
            others = (other for other in ranked if other is not candidate)
            return (replace(candidate, explored=True), *others)
    return tuple(ranked)
