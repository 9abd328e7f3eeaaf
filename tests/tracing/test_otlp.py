"""Spans as OpenTelemetry's SDK exports them, and what becomes of those that nobody takes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from extproc.core.tracing import OtlpProtocol, Tracing
from extproc.errors import StartError
from extproc.tracing.destination import destination_of
from extproc.tracing.export import Export
from extproc.tracing.otlp import exporter_to
from extproc.tracing.span import Span
from tests.helpers.otlp_receiver import over_grpc, over_http

KEY = "sk-proj-abcdefgh12345678"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SOON = {"OTEL_BSP_MAX_QUEUE_SIZE": "4"}
ROOT = Span(TRACE, "00f067aa0ba902b7", None, "chat", 10.0, 12.5, {"a": 1, "b": ("x", "y")})
CHILD = Span(
    *(TRACE, "1f00f067aa0ba902", "00f067aa0ba902b7", "attempt", 10.5, 12.25),
    error="429",
    asks=False,
    state="vendor=1",
)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=gateway,team=red")


@contextmanager
def exporting(exporter: SpanExporter, environment: Mapping[str, str] = SOON) -> Iterator[Export]:
    export = Export(exporter, "collector:4317 (grpc)", environment)
    try:
        yield export
    finally:
        export.close(5.0)


def until(condition: Callable[[], bool]) -> None:
    patience = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < patience
        time.sleep(0.01)


class Stubborn(SpanExporter):
    """Takes spans, or does not, or hangs until it is let go."""

    def __init__(self) -> None:
        self.result = SpanExportResult.FAILURE
        self.gone_wrong: Exception | None = None
        self.open = threading.Event()
        self.open.set()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        assert spans
        assert self.open.wait(10)
        if self.gone_wrong is not None:
            raise self.gone_wrong
        if self.result is SpanExportResult.FAILURE:
            logging.getLogger("opentelemetry.exporter").warning("nobody listens at /?key=%s", KEY)
        return self.result


def test_spans_keep_their_ids_times_and_words() -> None:
    taken = InMemorySpanExporter()
    with exporting(taken) as export:
        export.add([ROOT, CHILD])
    root, child = taken.get_finished_spans()
    for given, told in ((ROOT, root), (CHILD, child)):
        assert f"{told.context.trace_id:032x}" == given.trace_id
        assert f"{told.context.span_id:016x}" == given.span_id
        assert told.name == given.name
        assert (told.start_time, told.end_time) == (given.start * 1e9, given.end * 1e9)
    assert root.parent is None
    assert child.parent is not None
    assert child.parent.span_id == root.context.span_id
    assert (root.kind, child.kind) == (SpanKind.CLIENT, SpanKind.INTERNAL)
    assert (root.status.status_code, child.status.status_code) == (
        StatusCode.UNSET,
        StatusCode.ERROR,
    )
    assert dict(root.attributes or {}) == {"a": 1, "b": ("x", "y")}
    assert child.context.trace_state.to_header() == "vendor=1"
    resource = root.resource.attributes
    assert (resource["service.name"], resource["team"]) == ("gateway", "red")
    assert resource["service.version"]


def test_what_is_not_taken_is_counted_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    stubborn = Stubborn()
    with exporting(stubborn) as export, caplog.at_level(logging.INFO):
        for count in (1, 2):
            export.add([ROOT])
            until(lambda count=count: export.refused == count)  # type: ignore[misc]
        stubborn.gone_wrong = ValueError("odd")
        export.add([ROOT])
        until(lambda: export.refused == 3)
        stubborn.gone_wrong, stubborn.result = None, SpanExportResult.SUCCESS
        export.add([ROOT])
        until(lambda: export.exported == 1)
    said = [record.getMessage() for record in caplog.records if record.name.startswith("extproc")]
    assert len(said) == 2
    assert said[0].startswith("spans are not taken at collector:4317 (grpc), and are lost until")
    assert said[0].endswith("The exporter says: nobody listens at /?key=***")
    assert said[1] == "spans are taken again at collector:4317 (grpc); 3 were lost"
    assert not [record for record in caplog.records if record.name.startswith("opentelemetry")]


def test_no_more_wait_than_there_is_room_for() -> None:
    stubborn = Stubborn()
    stubborn.result = SpanExportResult.SUCCESS
    stubborn.open.clear()
    with exporting(stubborn) as export:
        for _ in range(3):
            export.add([ROOT, CHILD])
        assert (export.waiting, export.dropped) == (4, 2)
        stubborn.open.set()
        until(lambda: export.waiting == 0)
        export.add([ROOT, CHILD])
        until(lambda: export.exported == 6)
    assert export.dropped == 2


def test_who_hangs_is_not_waited_for_at_the_end() -> None:
    stubborn = Stubborn()
    stubborn.open.clear()
    export = Export(stubborn, "collector:4317 (grpc)", SOON)
    export.add([ROOT])
    began = time.monotonic()
    export.close(0.1)
    assert time.monotonic() - began < 2
    stubborn.open.set()


def test_over_grpc() -> None:
    with over_grpc() as receiver:
        tracing = Tracing(endpoint=receiver.url, protocol=OtlpProtocol.GRPC)
        with exporting(exporter_to(destination_of(tracing, {}))) as export:
            export.add([ROOT, CHILD])
        assert [span.name for span in receiver.spans] == ["chat", "attempt"]


def test_over_http_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with over_http() as receiver:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        environment = {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
        with exporting(exporter_to(destination_of(Tracing(), environment))) as export:
            export.add([ROOT])
        assert [span.name for span in receiver.spans] == ["chat"]


def test_what_the_sdk_cannot_use_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")
    with pytest.raises(StartError, match=r"spans cannot be exported: .*OTEL_EXPORTER_OTLP_"):
        exporter_to(destination_of(Tracing(), {}))
