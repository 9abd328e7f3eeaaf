"""Where spans go, and how."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from extproc.core.tracing import OtlpProtocol, Tracing
from extproc.tracing.destination import destination_of

GRPC, HTTP = OtlpProtocol.GRPC, OtlpProtocol.HTTP
PROTOCOL, ENDPOINT = "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_ENDPOINT"
OF_TRACES = {
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://traces:1",
}


@pytest.mark.parametrize(
    ("tracing", "environment", "shown"),
    [
        (Tracing(), {}, "localhost:4317 (grpc)"),
        (Tracing(), {PROTOCOL: "http/protobuf"}, "localhost:4318 (http/protobuf)"),
        (Tracing(), {ENDPOINT: "https://user:secret@cloud/otlp?key=secret"}, "cloud:443 (grpc)"),
        (Tracing(), {ENDPOINT: "collector:4317"}, "collector:4317 (grpc)"),
        (
            Tracing(),
            {PROTOCOL: "http/protobuf", ENDPOINT: "http://b:2", **OF_TRACES},
            "traces:1 (grpc)",
        ),
        (Tracing(endpoint="http://[::1]:4317", protocol=GRPC), OF_TRACES, "[::1]:4317 (grpc)"),
        (
            Tracing(endpoint="http://a/v1/traces", protocol=HTTP),
            {PROTOCOL: "grpc"},
            "a:80 (http/protobuf)",
        ),
    ],
)
def test_the_file_goes_before_the_environment(
    tracing: Tracing, environment: Mapping[str, str], shown: str
) -> None:
    found = destination_of(tracing, environment)
    assert str(found) == shown
    assert found.endpoint == tracing.endpoint


def test_a_protocol_that_is_not_known(caplog: pytest.LogCaptureFixture) -> None:
    assert destination_of(Tracing(), {PROTOCOL: "http/json"}).protocol is GRPC
    assert "by 'http/json' but by grpc" in caplog.text


def test_what_is_no_url() -> None:
    with pytest.raises(ValueError, match="OTEL_EXPORTER_OTLP_ENDPOINT holds no URL"):
        destination_of(Tracing(), {ENDPOINT: "http://"})
