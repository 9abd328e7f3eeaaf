"""What the observer tells of requests that have ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from extproc.core.tracing import OtlpProtocol, RequestSpan, Tracing
from extproc.telemetry.receipt import PricedAttempt, Receipt
from extproc.tracing.traces import tracing
from tests.helpers.otlp_receiver import over_grpc
from tests.helpers.telemetry_events import REQUEST, attempt, completion, configuration, decision

BEGUN = RequestSpan("a1b2c3d4e5f60718")


def receipts(*begun: RequestSpan | None) -> Sequence[Receipt]:
    entry = PricedAttempt(attempt())
    return [Receipt(replace(decision(), span=span), (entry,), completion()) for span in begun]


async def test_the_spans_of_requests_that_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    registry = CollectorRegistry()
    with over_grpc() as receiver:
        traced = Tracing(endpoint=receiver.url, protocol=OtlpProtocol.GRPC)
        config = replace(configuration(), tracing=traced)
        async with tracing(config, {}) as traces:
            assert traces is not None
            registry.register(traces)
            traces.prompted(REQUEST, "what was said")
            traces.prompted("another request", "what was said there")
            traces.add(receipts(BEGUN, None, replace(BEGUN, sampled=False)))
            assert (
                'dragoman_spans_total{outcome="dropped"} 0.0' in generate_latest(registry).decode()
            )
        request, tried = receiver.spans
        assert request.attributes["gen_ai.input.messages"] == "what was said"
        assert "gen_ai.input.messages" not in tried.attributes
    page = generate_latest(registry).decode()
    assert 'dragoman_spans_total{outcome="exported"} 2.0' in page
    assert 'dragoman_spans_total{outcome="refused"} 0.0' in page
    assert "dragoman_spans_waiting 0.0" in page


@pytest.mark.parametrize(
    ("traced", "environment"),
    [
        (None, {}),
        (Tracing(), {"OTEL_SDK_DISABLED": "TRUE"}),
        (Tracing(), {"OTEL_TRACES_EXPORTER": "none"}),
    ],
)
async def test_where_nothing_is_exported(
    traced: Tracing | None, environment: Mapping[str, str]
) -> None:
    async with tracing(replace(configuration(), tracing=traced), environment) as traces:
        assert traces is None
