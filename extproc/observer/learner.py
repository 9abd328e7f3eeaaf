"""What is learned of the models from decisions and attempts.

No connection in here, and no clock: times come with the events, in seconds of a steady one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from typing import TypeVar

from cachetools import LRUCache

from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Model
from extproc.core.records import Attempt, DecisionRecord
from extproc.core.routes import Hedge
from extproc.core.sources import ObservedLatency
from extproc.link.messages import OriginNotice, PinNotice
from extproc.observer.cooldowns import Cooldowns
from extproc.observer.keys import Keys
from extproc.observer.latencies import Observed
from extproc.observer.outages import Outages
from extproc.observer.output_lengths import OutputLengths
from extproc.observer.setback import Setback
from extproc.observer.setup_problems import SetupProblems
from extproc.observer.tails import Samples, Tails
from extproc.ranking.ranker import PROBE
from extproc.ranking.snapshot import Cooldown, Tail

__all__ = ["Learned", "Learner"]

_T = TypeVar("_T")

_RECENT_DECISIONS = 20_000
"""Of requests that take longer than as many others, nothing is learned but how the model did."""
_MOST_EARLY = 1000
"""Requests whose attempts Envoy has told of before their worker tells of the decision: each of them
sends what it has gathered when its own time has come."""


@dataclass(frozen=True, slots=True)
class _Decided:
    """What is remembered of a decision: its first candidate and whether that is probed, its route,
    its session, and whether clients may go on from the answer. ``failed`` is whether the first
    candidate has failed, and was not only slower than another."""

    model: str
    probes: bool
    route: str | None
    session_key: str | None
    kept: bool
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned of these models, with times of the machine's steady clock. ``tails`` are the
    times of streams, and those of whole answers."""

    models: tuple[Model, ...]
    setbacks: Mapping[str, Setback]
    failures: Mapping[str, int]
    latencies: Mapping[str, tuple[tuple[float, float], ...]]
    output_tokens: Mapping[str, float]
    tails: tuple[Samples, Samples] = ({}, {})


class Learner:
    """Hears what happened to requests, and knows how the models are doing."""

    def __init__(
        self,
        config: Config,
        follow: Callable[[PinNotice], None],
        remember: Callable[[OriginNotice], None],
        first_probe: int = 1,
    ) -> None:
        """
        Args:
            config: the configuration.
            follow: is told of sessions that another model than their own has answered.
            remember: is told who has made what clients may ask for by its id.
            first_probe: the number of the first probe of a model.
        """
        self._follow = follow
        self._remember = remember
        self._cooldowns: Cooldowns | None = None
        if config.cooldowns:
            self._cooldowns = Cooldowns(config.limits.timeouts, first_probe)
        self._observed: Observed | None = None
        if isinstance(config.latencies, ObservedLatency):
            self._observed = Observed(config.latencies)
        by_tail = any(route.hedge == Hedge() for route in config.routes)
        self._tails = Tails() if by_tail else None
        self._holding = frozenset(route.name for route in config.routes if route.hold_stream)
        self._configured = config.models
        catalog = Catalog(config)
        self._keys = Keys(config.models, catalog)
        self._setup_problems = SetupProblems(catalog)
        self._outages = Outages()
        self._lengths = OutputLengths(frozenset(route.name for route in config.routes))
        self._decisions: LRUCache[str, _Decided] = LRUCache(_RECENT_DECISIONS)
        self._early: LRUCache[str, tuple[Attempt, ...]] = LRUCache(_MOST_EARLY)

    def decided(self, record: DecisionRecord, now: float) -> None:
        """A worker has decided."""
        if record.decision_only or record.forwarded is not None or not record.candidates:
            return
        first = record.candidates[0]
        probes = first.cooldown == PROBE
        # Where it was diverted to is no session's own place.
        session = None if record.diverted_to is not None else record.session_key
        decided = _Decided(first.model, probes, record.route, session, record.kept)
        self._decisions[record.request_id] = decided
        if self._cooldowns is not None and probes:
            self._cooldowns.probed(first.model, record.request_id, now)
        for early in self._early.pop(record.request_id, ()):
            if early.succeeded:
                self._made(early, decided)
            self._judged(early, self._decisions[record.request_id])

    def suspected(self, model: str, now: float) -> None:
        """A worker has seen an attempt fail."""
        if self._cooldowns is not None and not self._keys.are_clients_own(model):
            self._cooldowns.suspect(model, now)

    def attempted(self, attempt: Attempt, began: float | None = None) -> None:
        """The access log tells of an attempt.

        Args:
            attempt: what it tells.
            began: when that began; None: when it says.
        """
        began = attempt.at if began is None else began
        decision = self._decisions.get(attempt.request_id)
        if attempt.succeeded:
            self._made(attempt, decision)
        if attempt.forwarded:
            return
        if not self._keys.blames_client(attempt):
            self._setup_problems.attempted(attempt)
            if self._cooldowns is not None:
                for concerned in self._keys.concerned(attempt):
                    self._cooldowns.attempted(concerned, began)
                if not attempt.succeeded:
                    self._outages.attempted(attempt, self._cooldowns.current())
        self._ended(decision, attempt.request_id, began + attempt.duration)
        if self._tails is not None and not self._may_be_held(attempt, decision):
            self._tails.attempted(attempt, began)
        if attempt.succeeded and self._observed is not None:
            self._observed.attempted(attempt, began)
        if decision is None:
            early = self._early.get(attempt.request_id, ())
            self._early[attempt.request_id] = (*early, attempt)
        else:
            self._judged(attempt, decision)

    def _judged(self, attempt: Attempt, decision: _Decided) -> None:
        """Learn what an attempt tells together with the decision of its request."""
        if attempt.succeeded:
            self._answered(attempt, decision)
        elif attempt.model == decision.model and not attempt.lost:
            self._decisions[attempt.request_id] = replace(decision, failed=True)

    def _may_be_held(self, attempt: Attempt, decision: _Decided | None) -> bool:
        """Whether an attempt's stream was perhaps held to its end."""
        if not (attempt.streamed and self._holding):
            return False
        return decision is None or decision.route in self._holding

    def _answered(self, attempt: Attempt, decision: _Decided) -> None:
        """Learn what only the decision of an answered request tells."""
        if decision.route is not None and attempt.usage.output_tokens is not None:
            self._lengths.answered(decision.route, attempt.usage.output_tokens)
        elsewhere = attempt.model != decision.model
        # Who only was slower than another keeps its sessions, and their place in its cache.
        deserted = decision.failed or not attempt.hedged
        if decision.session_key is not None and elsewhere and deserted:
            self._follow(PinNotice(decision.session_key, attempt.model, decision.route))

    def completed(self, request_id: str, now: float) -> None:
        """A request has ended, perhaps without any attempt."""
        self._ended(self._decisions.get(request_id), request_id, now)

    def _ended(self, decision: _Decided | None, request_id: str, now: float) -> None:
        if self._cooldowns is not None and decision is not None and decision.probes:
            self._cooldowns.ended(decision.model, request_id, now)

    def _made(self, attempt: Attempt, decision: _Decided | None) -> None:
        if decision is not None and not decision.kept:
            return
        for made in attempt.made:
            route = None if decision is None else decision.route
            self._remember(OriginNotice(made, attempt.model, route))

    def learned(self) -> Learned:
        """All of it, for a learner that begins where this one ends."""
        setbacks, failures = self._cooldowns.known() if self._cooldowns is not None else ({}, {})
        return Learned(
            self._configured,
            setbacks,
            failures,
            {} if self._observed is None else self._observed.samples(),
            self._lengths.current(),
            ({}, {}) if self._tails is None else self._tails.samples(),
        )

    def inherit(self, learned: Learned) -> None:
        """Begin where another learner ended, as far as the models are still the same."""
        same = {model.name for model in learned.models if model in self._configured}
        if self._cooldowns is not None:
            self._cooldowns.inherit(_of(same, learned.setbacks), _of(same, learned.failures))
        if self._observed is not None:
            self._observed.inherit(_of(same, learned.latencies))
        if self._tails is not None:
            streams, whole = learned.tails
            self._tails.inherit(_of(same, streams), _of(same, whole))
        self._lengths.inherit(learned.output_tokens)

    def tick(self, now: float) -> None:
        """Let time pass: models cool down, and are to be probed."""
        if self._cooldowns is not None:
            self._cooldowns.tick(now)
            self._outages.tick(now, self._cooldowns.current())

    def cooldowns(self) -> Mapping[str, Cooldown]:
        """The models that are set back."""
        return {} if self._cooldowns is None else self._cooldowns.current()

    def latencies(self, now: float) -> tuple[Mapping[str, float], float | None] | None:
        """The observed latency of each model, in seconds, and when the last one was measured; None
        where another source gives them."""
        return None if self._observed is None else self._observed.current(now)

    def tails(self, now: float) -> Mapping[str, Tail]:
        """How long models take at most, nearly always; only measured where a route hedges by it."""
        return {} if self._tails is None else self._tails.current(now)

    def output_tokens(self) -> Mapping[str, float]:
        """How long the answers of each route usually are."""
        return self._lengths.current()


def _of(models: Set[str], known: Mapping[str, _T]) -> dict[str, _T]:
    """What is known of these models, or of one that a wildcard among them stands for."""
    return {model: value for model, value in known.items() if model in models}
