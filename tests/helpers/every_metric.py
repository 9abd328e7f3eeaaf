"""A registry in which every metric of the observer has been measured once, with all its labels."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from prometheus_client import CollectorRegistry

from extproc.core.budgets import DOLLAR, Budget
from extproc.core.guards import Findings, GuardReport, GuardVerdict, Side, Verdict
from extproc.core.outcomes import StreamEnd
from extproc.core.records import Skipped
from extproc.core.switching import Switch, SwitchReason
from extproc.core.tracing import Tracing
from extproc.core.usage import Usage
from extproc.core.windows import Window
from extproc.quotas.standing import Standing
from extproc.ranking.snapshot import Cooldown, Phase, Price, Snapshot
from extproc.telemetry.budget_metrics import BudgetMetrics
from extproc.telemetry.gen_ai_metrics import GenAiMetrics
from extproc.telemetry.metrics import Metrics
from extproc.telemetry.receipt import PricedAttempt, Receipt
from extproc.telemetry.state import State
from extproc.tracing.beginning import Beginning
from extproc.tracing.gen_ai import Names
from extproc.tracing.sampling import Sampler
from extproc.tracing.spans import Spans
from extproc.tracing.traces import Traces
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    NOW,
    attempt,
    completion,
    configuration,
    decision,
    priced,
)

__all__ = ["STATE", "every_metric", "labels_of"]

STATE = State(
    Snapshot(
        version=12,
        prices={MINI: Price(1, 2)},
        prices_at=NOW - 90,
        cooldowns={
            MINI: Cooldown(Phase.COOLING, "retry_after", NOW + 30),
            "mistral/a": Cooldown(Phase.PROBING, "failures", NOW),
            "mistral/b": Cooldown(Phase.PROBING, "failures", NOW),
        },
    ),
    refreshes={("price", "ok"): 3, ("price", "timeout"): 1},
    affinity={"hit": 5, "redis_unavailable": 2},
    counters={"unanswered": 2, "failures": 1},
    dropped_records=4,
    workers_without_store=2,
    prices_held_back=6,
)


def every_metric() -> CollectorRegistry:
    """The registry."""
    config = configuration()
    told = Metrics(config, lambda: STATE, clock=lambda: NOW)
    skipped = (Skipped(LARGE, "max_cost", "it costs too much"),)
    switch = Switch(LARGE, MINI, switched=True, reason=SwitchReason.FREE)
    told.decided(decision(failure="timeout", fallback="timeout", skipped=skipped, switch=switch))
    found = Findings({"email": 1})
    blocked = GuardVerdict("pii", Side.INPUT, Verdict.BLOCKED, findings=found)
    told.guarded(GuardReport("r", (blocked,)))
    for number, model, usage in ((1, MINI, Usage(1, 1, 0)), (2, LARGE, Usage()), (3, CLAUDE, None)):
        changed: dict[str, Any] = {} if usage is None else {"usage": usage}
        told.attempted(priced(attempt(number, model, **changed), STATE.snapshot))
    for one in (attempt(1, MINI, 500, request_id="moved"), attempt(2, LARGE, request_id="moved")):
        told.attempted(priced(one, STATE.snapshot))
    told.shadowed(priced(attempt(0, MINI, usage=Usage(1, 1, 0)), STATE.snapshot))
    told.attempted(priced(attempt(4, MINI, stream_end=StreamEnd.ERROR), STATE.snapshot))
    told.attempted(priced(attempt(5, MINI, 429, limit="a"), STATE.snapshot))
    told.completed(completion())
    raced = (PricedAttempt(attempt(1, LARGE, 0, lost=True)), PricedAttempt(attempt(2)))
    told.ended([Receipt(decision(), raced, completion(2))])
    receipt = Receipt(decision(), (PricedAttempt(attempt()),), completion())
    GenAiMetrics(config, told.registry).add([receipt])
    export: Any = SimpleNamespace(exported=1, refused=2, dropped=3, waiting=4)
    traced = replace(config, tracing=Tracing())
    beginning = Beginning(Tracing(), Sampler())
    told.registry.register(Traces(Spans(traced, Tracing(), Names()), export, beginning))
    budget = Budget("all", DOLLAR, Window.DAY)
    counting: Any = SimpleNamespace()
    budgets = BudgetMetrics((budget,), counting)
    budgets.known = (Standing(budget, "", DOLLAR // 2, DOLLAR // 4, int(NOW)),)
    told.registry.register(budgets)
    return told.registry


def labels_of(registry: CollectorRegistry) -> dict[str, set[str]]:
    """The labels of each series that a scrape shows."""
    found: dict[str, set[str]] = {}
    for family in registry.collect():
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found
