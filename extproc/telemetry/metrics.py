"""Metrics for Prometheus; ``docs/metrics.md`` lists them.

The histograms of latency count successful attempts only: a refusal that comes quickly must not make
a model look fast.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry

from extproc.core.config import Config
from extproc.core.guards import GuardReport
from extproc.core.outcomes import StreamEnd
from extproc.core.records import Attempt, Completion, DecisionRecord
from extproc.core.usage import TOKENS
from extproc.telemetry.failovers import Failovers
from extproc.telemetry.labels import Labels
from extproc.telemetry.receipt import PricedAttempt, Receipt
from extproc.telemetry.state import State, StateCollector
from extproc.telemetry.tallies import Tallies

__all__ = ["Metrics"]

_LATENCIES: Final = (
    *(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0),
    *(3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0),
)
_DECISIONS: Final = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005),
    *(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
_TOKENS: Final = {kind: kind.removesuffix("_tokens") for kind in TOKENS}
_NO_CLASSIFIER: Final = "none"
_NO_DIALECT: Final = "other"
_UNTRANSLATED: Final = "skipped"
"""For codes that name a part of the request: clients choose these, and there are many."""


class Metrics:
    """Counts what is told; ``registry`` is what a scrape reads."""

    def __init__(
        self,
        config: Config,
        state: Callable[[], State],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Count nothing yet.

        Args:
            config: says which names of models and routes are the operator's.
            state: the state of the moment, read at each scrape.
            clock: seconds since the epoch.
        """
        self.registry = CollectorRegistry()
        self._labels = Labels(config)
        self._failovers = Failovers()
        self.registry.register(StateCollector(state, self._labels, clock))
        self._tallies = Tallies("dragoman_")
        self.registry.register(self._tallies)
        self._define_requests()
        self._define_attempts()

    def _define_requests(self) -> None:
        self._requests = self._tallies.count(
            "requests", "Requests of clients that ended.", "route", "status", "dialect"
        )
        self._decisions = self._tallies.count(
            "decisions", "Decisions, by how they were made.", "route", "classifier", "outcome"
        )
        self._decision_seconds = self._tallies.histogram(
            "decision_seconds", "From a request's arrival at Python to its plan.", _DECISIONS
        )
        self._classification_seconds = self._tallies.histogram(
            "classification_seconds", "Time to find a route.", _DECISIONS, "classifier"
        )
        self._failures = self._tallies.count(
            "classification_failures", "Requests that could not be classified.", "reason"
        )
        self._fallbacks = self._tallies.count(
            "classification_fallbacks",
            "Requests that another classifier than the configured one classified.",
            *("classifier", "reason"),
        )
        self._skipped = self._tallies.count(
            "skipped_models", "Models that were no candidates of a request.", "model_name", "code"
        )
        self._switches = self._tallies.count(
            "session_switches",
            "Sessions that may change their model, and whether they did.",
            *("outcome", "reason"),
        )

        self._guards = self._tallies.count(
            "guard_verdicts",
            "What guards have said of requests (input) and of answers (output).",
            *("guard", "side", "verdict"),
        )
        self._guard_findings = self._tallies.count(
            "guard_findings",
            "What guards have found in requests, by kind; nothing of it is kept.",
            *("guard", "kind"),
        )
        self._guard_seconds = self._tallies.histogram(
            "guard_seconds",
            "Time that a guard took for a request, or for an answer.",
            *(_DECISIONS, "guard", "side"),
        )

    def _define_attempts(self) -> None:
        self._attempts = self._tallies.count(
            "attempts", "Attempts at a model.", "model_name", "status"
        )
        self._broken = self._tallies.count(
            "broken_streams",
            "Streams that failed after they had begun although their connection lasted: with an "
            "error, without an end, or silent.",
            *("model_name", "end"),
        )
        self._limited = self._tallies.count(
            "rate_limited",
            "Requests and attempts that a rate limit has refused.",
            *("limit", "refused"),
        )
        self._failed_over = self._tallies.count(
            "failovers", "Attempts that failed and gave way to another model.", "model_name"
        )
        self._lost = self._tallies.count(
            "lost_attempts",
            "Attempts that were given up because another one of their request answered first.",
            "model_name",
        )
        self._shadows = self._tallies.count(
            "shadow_attempts",
            "Copies of requests, whose answers nobody gets; no other metric counts them.",
            *("model_name", "status"),
        )
        self._shadow_cost = self._tallies.count(
            "shadow_cost_usd", "US dollars that these have cost, where known.", "model_name"
        )
        self._first_byte = self._tallies.histogram(
            "time_to_first_byte_seconds",
            "From the start of a successful attempt to its first byte.",
            *(_LATENCIES, "model_name"),
        )
        self._duration = self._tallies.histogram(
            "attempt_duration_seconds",
            "From the start of a successful attempt to its end.",
            *(_LATENCIES, "model_name"),
        )
        self._tokens = self._tallies.count(
            "tokens",
            "Tokens as providers counted them; all other kinds are parts of input and output.",
            *("model_name", "kind"),
        )
        self._cost = self._tallies.count("cost_usd", "US dollars, where known.", "model_name")
        self._without_usage = self._tallies.count(
            "attempts_without_usage",
            "Answers whose tokens are not known: neither tokens nor cost count them.",
            "model_name",
        )
        self._without_price = self._tallies.count(
            "attempts_without_price",
            "Answers whose tokens are known and whose cost is not.",
            "model_name",
        )

    def decided(self, record: DecisionRecord) -> None:
        """A worker decided."""
        classifier = record.intent.classifier or _NO_CLASSIFIER
        route = self._labels.route(record.route)
        self._decisions.add(route, classifier, _outcome(record))
        if record.candidates:
            self._decision_seconds.add(record.decision_seconds)
        if record.classification_seconds is not None:
            self._classification_seconds.add(record.classification_seconds, classifier)
        if record.failure is not None:
            self._failures.add(record.failure)
        if record.intent.fallback is not None:
            self._fallbacks.add(classifier, record.intent.fallback)
        for each in record.skipped:
            code = each.code if each.code.isidentifier() else _UNTRANSLATED
            self._skipped.add(self._labels.model(each.model), code)
        if record.switch is not None:
            outcome = "changed" if record.switch.switched else "kept"
            self._switches.add(outcome, record.switch.reason)

    def guarded(self, report: GuardReport) -> None:
        """Guards have looked at a request, or at its answer."""
        for verdict in report.verdicts:
            self._guards.add(verdict.guard, verdict.side, verdict.verdict)
            for kind, count in verdict.findings.counts.items():
                self._guard_findings.add(verdict.guard, kind, amount=count)
            self._guard_seconds.add(verdict.seconds, verdict.guard, verdict.side)

    def attempted(self, entry: PricedAttempt) -> None:
        """An attempt ended."""
        attempt = entry.attempt
        model = self.label(attempt)
        self._attempts.add(model, str(attempt.status))
        if attempt.limit is not None:
            self._limited.add(attempt.limit, "attempt")
        if attempt.stream_end not in (None, StreamEnd.FINISHED):
            self._broken.add(model, attempt.stream_end)
        for failed in self._failovers.told(attempt):
            self._failed_over.add(self.label(failed))
        if attempt.succeeded and not attempt.forwarded:
            self._duration.add(attempt.duration, model)
            if attempt.first_byte is not None:
                self._first_byte.add(attempt.first_byte, model)
        self._count_usage(entry, model)

    def shadowed(self, entry: PricedAttempt) -> None:
        """A copy of a request was answered, or was not. It is no part of what requests come to."""
        model = self.label(entry.attempt)
        self._shadows.add(model, str(entry.attempt.status))
        if entry.cost_usd is not None:
            self._shadow_cost.add(model, amount=entry.cost_usd)

    def completed(self, completion: Completion) -> None:
        """A request ended."""
        dialect = completion.dialect.value if completion.dialect else _NO_DIALECT
        route = self._labels.route(completion.route)
        self._requests.add(route, str(completion.status), dialect)
        if completion.limit is not None:
            self._limited.add(completion.limit, "request")

    def ended(self, receipts: Sequence[Receipt]) -> None:
        """Requests have ended: only now is known which attempts have lost to another one."""
        for receipt in receipts:
            for entry in receipt.attempts:
                if entry.attempt.lost:
                    self._lost.add(self.label(entry.attempt))

    def label(self, attempt: Attempt) -> str:
        """What an attempt's model is called in metrics."""
        return self._labels.model(attempt.model, attempt.cluster)

    def _count_usage(self, entry: PricedAttempt, model: str) -> None:
        usage = entry.attempt.usage
        for kind, tokens in usage.told():
            self._tokens.add(model, _TOKENS[kind], amount=tokens)
        if entry.cost_usd is not None:
            self._cost.add(model, amount=entry.cost_usd)
        elif entry.lacks_cost:
            known = usage.input_tokens is not None and usage.output_tokens is not None
            (self._without_price if known else self._without_usage).add(model)


def _outcome(record: DecisionRecord) -> str:
    if not record.candidates:
        return "refused"
    if record.forwarded is not None:
        return "forwarded"
    if record.pinned:
        return "pinned"
    if record.failure is not None:
        return "failed"
    if record.route is not None:
        return "matched"
    return "unmatched" if record.classification_seconds is not None else "unclassified"
