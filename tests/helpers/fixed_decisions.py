"""Workers whose classifier answers what it was told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from extproc.affinity import MemoryPins, Origins, Pins
from extproc.core.config import Config
from extproc.core.conversation import Conversation
from extproc.core.records import DecisionRecord
from extproc.core.routes import Route
from extproc.forwarder import Forwarder
from extproc.intent import Intent
from extproc.ranking.snapshot import Snapshot
from extproc.router import Router
from extproc.worker.admission import Admission
from extproc.worker.budgets import Budgets
from extproc.worker.decider import Decider
from extproc.worker.forwarding import Forwarding
from extproc.worker.governors import Governor

__all__ = ["Classifier", "decider", "forwarding"]


class Classifier:
    """Answers what it was told to, and counts how often it was asked."""

    def __init__(self, answer: Intent | Exception) -> None:
        self._answer = answer
        self.asked = 0

    async def classify(
        self, conversation: Conversation, routes: Sequence[Route], _: Sequence[str] = ()
    ) -> Intent:
        assert conversation
        assert routes
        self.asked += 1
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    async def close(self) -> None:
        """There is nothing to release."""


def decider(
    config: Config,
    classifier: Classifier,
    *,
    pins: Pins | None = None,
    snapshot: Snapshot | None = None,
    tell: Callable[[DecisionRecord], None] = lambda _: None,
    origins: Origins | None = None,
    governors: Sequence[Governor] = (),
    budgets: Budgets | None = None,
) -> Decider:
    known = snapshot or Snapshot()
    return Decider(
        Router(config, classifier),
        pins or MemoryPins(config.sessions.ttl, config.sessions.max_entries),
        lambda: known,
        tell,
        config.sessions,
        origins=origins,
        governors=governors,
        budgets=budgets,
    )


def forwarding(
    config: Config,
    *,
    pins: Pins | None = None,
    tell: Callable[[DecisionRecord], None] = lambda _: None,
    governors: Sequence[Governor] = (),
    snapshot: Snapshot | None = None,
    budgets: Budgets | None = None,
    tells_tokens: bool = False,
) -> Forwarding:
    """Forwarding that knows the origins in ``pins``."""
    kept = pins or MemoryPins(config.sessions.ttl, config.sessions.max_entries)
    known = snapshot or Snapshot()
    return Forwarding(
        Forwarder(config),
        Origins(kept),
        tell,
        admission=Admission(lambda: known, governors, budgets),
        tells_tokens=tells_tokens,
    )
