"""Metrics for Prometheus; ``docs/metrics.md`` lists them.

The histograms of latency count successful attempts only: a refusal that comes quickly must not make
a model look fast.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from extproc.core.config import Config
from extproc.core.outcomes import StreamEnd
from extproc.core.records import TOKENS, Attempt, Completion, DecisionRecord
from extproc.telemetry.costs import attempt_cost, costs_something
from extproc.telemetry.failovers import Failovers
from extproc.telemetry.labels import Labels
from extproc.telemetry.state import State, StateCollector

__all__ = ["Metrics"]

_LATENCIES: Final = (
    *(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0),
    *(3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0),
)
_DECISIONS: Final = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005),
    *(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
_NO_CLASSIFIER: Final = "none"
_NO_DIALECT: Final = "other"


class Metrics:
    """Counts what is told; ``registry`` is what a scrape reads."""

    def __init__(
        self, config: Config, state: Callable[[], State], clock: Callable[[], float] = time.time
    ) -> None:
        """Count nothing yet.

        Args:
            config: says which names of models and routes are the operator's.
            state: the state of the moment, read at each attempt and at each scrape.
            clock: seconds since the epoch.
        """
        self.registry = CollectorRegistry()
        self._state = state
        self._labels = Labels(config)
        self._failovers = Failovers()
        self.registry.register(StateCollector(state, self._labels, clock))
        self._define_requests()
        self._define_attempts()

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"dragoman_{name}", help_text, labels, registry=self.registry)

    def _histogram(
        self, name: str, help_text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        name = f"dragoman_{name}"
        return Histogram(name, help_text, labels, buckets=buckets, registry=self.registry)

    def _define_requests(self) -> None:
        self._requests = self._counter(
            "requests_total", "Requests of clients that ended.", "route", "status", "dialect"
        )
        self._decisions = self._counter(
            "decisions_total", "Decisions, by how they were made.", "route", "classifier", "outcome"
        )
        self._decision_seconds = self._histogram(
            "decision_seconds", "From a request's arrival at Python to its plan.", _DECISIONS
        )
        self._classification_seconds = self._histogram(
            "classification_seconds", "Time to find a route.", _DECISIONS, "classifier"
        )
        self._failures = self._counter(
            "classification_failures_total", "Requests that could not be classified.", "reason"
        )
        self._fallbacks = self._counter(
            "classification_fallbacks_total",
            "Requests that another classifier than the configured one classified.",
            *("classifier", "reason"),
        )

    def _define_attempts(self) -> None:
        self._attempts = self._counter(
            "attempts_total", "Attempts at a model.", "model_name", "status"
        )
        self._broken = self._counter(
            "broken_streams_total",
            "Streams that failed after they had begun although their connection lasted: with an "
            "error, without an end, or silent.",
            *("model_name", "end"),
        )
        self._failed_over = self._counter(
            "failovers_total", "Attempts that failed and gave way to another model.", "model_name"
        )
        self._first_byte = self._histogram(
            "time_to_first_byte_seconds",
            "From the start of a successful attempt to its first byte.",
            *(_LATENCIES, "model_name"),
        )
        self._duration = self._histogram(
            "attempt_duration_seconds",
            "From the start of a successful attempt to its end.",
            *(_LATENCIES, "model_name"),
        )
        self._tokens = self._counter(
            "tokens_total",
            "Tokens as providers counted them; all other kinds are parts of input and output.",
            *("model_name", "kind"),
        )
        self._cost = self._counter("cost_usd_total", "US dollars, where known.", "model_name")
        self._without_usage = self._counter(
            "attempts_without_usage_total",
            "Answers whose tokens are not known: neither tokens nor cost count them.",
            "model_name",
        )
        self._without_price = self._counter(
            "attempts_without_price_total",
            "Answers whose tokens are known and whose cost is not.",
            "model_name",
        )

    def decided(self, record: DecisionRecord) -> None:
        """A worker decided."""
        classifier = record.intent.classifier or _NO_CLASSIFIER
        route = self._labels.route(record.route)
        self._decisions.labels(route, classifier, _outcome(record)).inc()
        self._decision_seconds.observe(record.decision_seconds)
        if record.classification_seconds is not None:
            self._classification_seconds.labels(classifier).observe(record.classification_seconds)
        if record.failure is not None:
            self._failures.labels(record.failure).inc()
        if record.intent.fallback is not None:
            self._fallbacks.labels(classifier, record.intent.fallback).inc()

    def attempted(self, attempt: Attempt) -> None:
        """An attempt ended."""
        model = self.label(attempt)
        self._attempts.labels(model, str(attempt.status)).inc()
        if attempt.stream_end not in (None, StreamEnd.FINISHED):
            self._broken.labels(model, attempt.stream_end).inc()
        for failed in self._failovers.told(attempt):
            self._failed_over.labels(self.label(failed)).inc()
        if attempt.succeeded and not attempt.forwarded:
            self._duration.labels(model).observe(attempt.duration)
            if attempt.first_byte is not None:
                self._first_byte.labels(model).observe(attempt.first_byte)
        self._count_usage(attempt, model)

    def completed(self, completion: Completion) -> None:
        """A request ended."""
        dialect = completion.dialect.value if completion.dialect else _NO_DIALECT
        route = self._labels.route(completion.route)
        self._requests.labels(route, str(completion.status), dialect).inc()

    def label(self, attempt: Attempt) -> str:
        """What an attempt's model is called in metrics."""
        return self._labels.model(attempt.model, attempt.cluster)

    def _count_usage(self, attempt: Attempt, model: str) -> None:
        usage = attempt.usage
        for kind in TOKENS:
            tokens: int | None = getattr(usage, kind)
            if tokens is not None:
                self._tokens.labels(model, kind.removesuffix("_tokens")).inc(tokens)
        cost = attempt_cost(attempt, self._state().snapshot)
        if cost is not None:
            self._cost.labels(model).inc(cost)
        elif costs_something(attempt) and not attempt.forwarded:
            known = usage.input_tokens is not None and usage.output_tokens is not None
            (self._without_price if known else self._without_usage).labels(model).inc()


def _outcome(record: DecisionRecord) -> str:
    if record.forwarded is not None:
        return "forwarded"
    if record.pinned:
        return "pinned"
    if record.failure is not None:
        return "failed"
    if record.route is not None:
        return "matched"
    return "unmatched" if record.classification_seconds is not None else "unclassified"
