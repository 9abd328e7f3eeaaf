"""The order in which a request tries its candidates: policy, session or weights, cooldowns,
exploration."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from extproc.core.models import Model
from extproc.core.records import Ranked
from extproc.core.routes import Route
from extproc.ranking.policies import POLICIES, Compares, Situation, by_policy
from extproc.ranking.snapshot import Cooldown, Phase, Snapshot
from extproc.ranking.weights import drawn_first

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
    ``session_key`` is what its session is known by, None if it has none.
    """

    input_tokens: Callable[[], float]
    reaches: Callable[[Model], bool]
    pinned: Model | None = None
    session_key: str | None = None


class Ranker:
    """Ranks for one worker. Between requests it remembers only which probes it has asked for."""

    def __init__(
        self,
        chance: random.Random,
        claim: Callable[[int], bool] = lambda _: True,
        exploration: float = 0.0,
    ) -> None:
        """
        Args:
            chance: the source of randomness.
            claim: claims a probe, by its number, and says whether no other worker has it.
            exploration: the share of requests, 0 to 1, that ``fastest`` sends first to a model
                whose latency is not known.
        """
        self._chance = chance
        self._claim = claim
        self._exploration = exploration
        self._asked_for: dict[str, int] = {}

    def rank(
        self, pool: Sequence[Model], route: Route, demand: Demand, snapshot: Snapshot
    ) -> tuple[Ranked[Model], ...]:
        """Order the candidates of a request.

        A session's model goes before all others, else the one that the route's weights draw. Models
        that cool down go behind them; none is
        ever dropped. One whose time is up keeps its place as a fallback, but at the front only one
        request at a time has it, as a probe.

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
        elif route.weights:
            ranked = drawn_first(ranked, route.weights, demand.session_key, self._chance)
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
            if cooldown is None or self._keeps_its_place(cooldown, ahead):
                ahead.append(candidate)
            elif not ahead and len(ranked) > 1 and self._may_probe(model, demand, snapshot):
                ahead.append(replace(candidate, cooldown=PROBE))
            else:
                behind.append(replace(candidate, cooldown=cooldown.reason))
        return (*ahead, *behind)

    def _keeps_its_place(self, cooldown: Cooldown, ahead: Sequence[Ranked[Model]]) -> bool:
        """Whether a model that failed stays where the policy has put it, behind these."""
        if cooldown.phase is Phase.RETURNING:
            return self._chance.random() < cooldown.share
        is_fallback = bool(ahead) and ahead[-1].cooldown != PROBE
        return cooldown.phase is Phase.PROBING and is_fallback

    def _may_probe(self, model: Model, demand: Demand, snapshot: Snapshot) -> bool:
        """Whether it is for this request to try a model whose time is up."""
        set_back = snapshot.cooldowns
        probe = set_back[model.name].probe
        if (
            set_back[model.name].phase is not Phase.PROBING
            or probe is None
            or self._asked_for.get(model.name) == probe
            or not demand.reaches(model)
        ):
            return False
        known = {name: asked for name, asked in self._asked_for.items() if name in set_back}
        self._asked_for = {**known, model.name: probe}
        return self._claim(probe)


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
