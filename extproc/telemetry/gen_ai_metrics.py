"""Metrics by OpenTelemetry's conventions for generative AI, as Prometheus spells them.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/ and
https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from prometheus_client import CollectorRegistry

from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.telemetry.asked import asked_of
from extproc.telemetry.conventions import operation, provider, request_error
from extproc.telemetry.labels import Labels
from extproc.telemetry.receipt import Receipt
from extproc.telemetry.tallies import Tallies

__all__ = ["GenAiMetrics"]

_DURATIONS: Final = tuple(0.01 * 2**power for power in range(14))
_TOKENS: Final = tuple(4.0**power for power in range(14))
"""Both as the conventions ask for them."""
_MOST_REMEMBERED: Final = 1024

_OF_MODELS: Final = (
    *("gen_ai_operation_name", "gen_ai_provider_name"),
    *("gen_ai_request_model", "gen_ai_response_model"),
    *("server_address", "server_port"),
)


class GenAiMetrics:
    """Measures requests that have ended, of those that ask something of a model."""

    def __init__(self, config: Config, registry: CollectorRegistry) -> None:
        """
        Args:
            config: says who serves the models, where, and which names are the operator's.
            registry: what a scrape reads.
        """
        self._catalog = Catalog(config)
        self._labels = Labels(config)
        self._words = lru_cache(_MOST_REMEMBERED)(self._words_for)
        tallies = Tallies("gen_ai_client_")
        registry.register(tallies)
        self._duration = tallies.histogram(
            "operation_duration_seconds",
            "Duration of requests with all their attempts.",
            _DURATIONS,
            *(*_OF_MODELS, "error_type"),
        )
        self._tokens = tallies.histogram(
            "token_usage",
            "Tokens of requests, as providers counted them.",
            _TOKENS,
            *(*_OF_MODELS, "gen_ai_token_type"),
        )

    def add(self, receipts: Sequence[Receipt]) -> None:
        """Requests have ended."""
        for receipt in receipts:
            asked_for = operation(receipt.decision)
            if asked_for is not None and receipt.completion is not None:
                self._add(receipt, asked_for, receipt.completion.duration)

    def _add(self, receipt: Receipt, asked_for: str, duration: float) -> None:
        asked, usage = asked_of(receipt, self._catalog), receipt.usage
        model, answered = asked.model, asked.attempt if asked.answered else None
        of_models = self._words(
            asked_for,
            None if model is None else model.name,
            receipt.decision.requested_model,
            None if answered is None else (answered.model, answered.cluster),
        )
        self._duration.add(duration, *of_models, request_error(receipt) or "")
        for kind, tokens in (("input", usage.input_tokens), ("output", usage.output_tokens)):
            if tokens is not None:
                self._tokens.add(tokens, *of_models, kind)

    def _words_for(
        self,
        asked_for: str,
        name: str | None,
        requested: str | None,
        answered: tuple[str, str] | None,
    ) -> tuple[str, ...]:
        """The values of ``_OF_MODELS``, which are the same for most requests."""
        model = None if name is None else self._catalog.declared(name)
        return (
            asked_for,
            "" if model is None else provider(model.provider),
            "" if requested is None else self._labels.model(requested),
            "" if answered is None else self._labels.model(*answered),
            "" if model is None else model.endpoint.host,
            "" if model is None else str(model.endpoint.port),
        )
