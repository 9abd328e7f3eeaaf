"""Metrics by OpenTelemetry's conventions, as Prometheus spells them."""

from __future__ import annotations

from msgspec.structs import replace
from prometheus_client import CollectorRegistry

from extproc.core.outcomes import StreamEnd
from extproc.core.records import Completion, DecisionRecord
from extproc.core.usage import Usage
from extproc.telemetry.gen_ai_metrics import GenAiMetrics
from extproc.telemetry.receipt import PricedAttempt, Receipt
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    attempt,
    completion,
    configuration,
    decision,
)

OF_MINI = {
    "gen_ai_operation_name": "chat",
    "gen_ai_provider_name": "openai",
    "gen_ai_request_model": LARGE,
    "gen_ai_response_model": MINI,
    "server_address": "api.openai.com",
    "server_port": "443",
}
DURATION = "gen_ai_client_operation_duration_seconds"
TOKENS = "gen_ai_client_token_usage"


class Measured:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._metrics = GenAiMetrics(configuration(), self.registry)

    def add(
        self,
        *attempts: PricedAttempt,
        decided: DecisionRecord | None = None,
        ended: Completion | None = None,
    ) -> None:
        end = ended or completion(len(attempts))
        self._metrics.add([Receipt(decided or decision(), attempts, end)])

    def of(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(name, labels)


def test_duration_and_tokens_of_a_request() -> None:
    measured = Measured()
    measured.add(PricedAttempt(attempt(1, LARGE, 429)), PricedAttempt(attempt(2)))
    assert measured.of(f"{DURATION}_count", **OF_MINI, error_type="") == 1
    assert measured.of(f"{DURATION}_sum", **OF_MINI, error_type="") == 1.75
    assert measured.of(f"{TOKENS}_sum", **OF_MINI, gen_ai_token_type="input") == 1000
    assert measured.of(f"{TOKENS}_sum", **OF_MINI, gen_ai_token_type="output") == 200
    assert measured.of(f"{DURATION}_bucket", **OF_MINI, error_type="", le="1.28") == 0
    assert measured.of(f"{DURATION}_bucket", **OF_MINI, error_type="", le="2.56") == 1
    assert measured.of(f"{TOKENS}_bucket", **OF_MINI, gen_ai_token_type="input", le="1024.0") == 1


def test_a_request_that_failed() -> None:
    measured = Measured()
    measured.add(PricedAttempt(attempt(1, MINI, 503)), ended=completion(1, MINI, 503))
    unanswered = OF_MINI | {"gen_ai_response_model": ""}
    assert measured.of(f"{DURATION}_count", **unanswered, error_type="503") == 1
    assert measured.of(f"{TOKENS}_count", **unanswered, gen_ai_token_type="input") is None
    broken = attempt(stream_end=StreamEnd.ERROR, usage=Usage())
    measured.add(PricedAttempt(broken))
    assert measured.of(f"{DURATION}_count", **OF_MINI, error_type="stream_error") == 1


def test_labels_are_bounded() -> None:
    measured = Measured()
    for number in range(3):
        named = decision(requested_model=f"anthropic/claude-{number}")
        measured.add(PricedAttempt(attempt(1, CLAUDE)), decided=named)
        measured.add(decided=decision(requested_model=f"who/knows-{number}"), ended=completion(0))
    labels = {
        sample.labels["gen_ai_request_model"]
        for metric in measured.registry.collect()
        for sample in metric.samples
    }
    assert labels == {"anthropic/*", "other"}


def test_what_asks_nothing_of_a_model_is_not_measured() -> None:
    measured = Measured()
    entry = PricedAttempt(attempt())
    for decided in (decision(decision_only=True), decision(forwarded="/v1/files")):
        measured.add(entry, decided=decided)
    unended = Receipt(decision(), (entry,), None)
    GenAiMetrics(configuration(), CollectorRegistry()).add([unended])
    assert not [sample for metric in measured.registry.collect() for sample in metric.samples]
    measured.add(entry, decided=replace(decision(forwarded="/v1/embeddings")))
    of_embeddings = OF_MINI | {"gen_ai_operation_name": "embeddings"}
    assert measured.of(f"{DURATION}_count", **of_embeddings, error_type="") == 1
