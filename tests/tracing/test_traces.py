"""What the observer tells of requests that have ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from msgspec import structs
from prometheus_client import CollectorRegistry, generate_latest

from extproc.core.records import Unserved
from extproc.core.tracing import OtlpProtocol, RequestSpan, Tracing
from extproc.telemetry.receipt import PricedAttempt, Receipt
from extproc.telemetry.undecided import stand_in
from extproc.tracing.traces import tracing
from tests.helpers.otlp_receiver import over_grpc
from tests.helpers.telemetry_events import (
    NOW,
    REQUEST,
    TRACE,
    attempt,
    completion,
    configuration,
    decision,
    turned_away,
)

BEGUN = RequestSpan("a1b2c3d4e5f60718")


def receipts(*begun: RequestSpan | None) -> Sequence[Receipt]:
    entry = PricedAttempt(attempt())
    return [
        Receipt(structs.replace(decision(), span=span), (entry,), completion()) for span in begun
    ]


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


async def test_the_span_of_what_nobody_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is begun here: its parent is the client's span, whose word on sampling counts."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    parent = "00f067aa0ba902b7"
    ends = [
        turned_away(
            at=NOW,
            unserved=Unserved(
                "POST", "/v1/embeddings", TRACE, f"00-{TRACE}-{parent}-{flags}", "vendor=1"
            ),
            dialect=None,
        )
        for flags in ("01", "00")
    ]
    with over_grpc() as receiver:
        traced = Tracing(endpoint=receiver.url, protocol=OtlpProtocol.GRPC)
        async with tracing(replace(configuration(), tracing=traced), {}) as traces:
            assert traces is not None
            traces.add([Receipt(stand_in(end), completion=end, decided=False) for end in ends])
        (span,) = receiver.spans
    assert (span.name, span.trace_id, span.parent_id) == ("embeddings", TRACE, parent)
    assert (span.state, span.failed, span.kind) == ("vendor=1", True, 3)
    assert len(span.span_id.strip("0")) > 0
    assert span.end - span.start == pytest.approx(0.25, abs=1e-6)
    assert span.attributes == {
        "http.request.method": "POST",
        "url.path": "/v1/embeddings",
        "http.response.status_code": 401,
        "error.type": "401",
        "gen_ai.operation.name": "embeddings",
        "dragoman.request_id": REQUEST,
        "dragoman.decided": False,
        "dragoman.attempts": 0,
        "dragoman.status": 401,
        "dragoman.details": "door{api_key}",
    }
