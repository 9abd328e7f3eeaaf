"""The exporters of OpenTelemetry's SDK: what the configuration does not say, they take from the
environment themselves."""

from __future__ import annotations

from opentelemetry.sdk.trace.export import SpanExporter

from extproc.core.tracing import OtlpProtocol
from extproc.errors import StartError
from extproc.tracing.destination import Destination

__all__ = ["exporter_to"]


def exporter_to(destination: Destination) -> SpanExporter:
    """What sends spans; only the libraries of its protocol are loaded.

    Raises:
        StartError: a variable holds what the SDK cannot use.
    """
    try:
        return _exporter(destination)
    except (ValueError, OSError) as error:
        raise StartError(
            f"spans cannot be exported: {error}. Mend what the variables OTEL_EXPORTER_OTLP_* say, "
            "or turn tracing off with tracing.random_sampling: 0."
        ) from None


def _exporter(destination: Destination) -> SpanExporter:
    if destination.protocol is OtlpProtocol.HTTP:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
            OTLPSpanExporter as HttpExporter,
        )

        return HttpExporter(endpoint=destination.endpoint)
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
        OTLPSpanExporter as GrpcExporter,
    )

    return GrpcExporter(endpoint=destination.endpoint)
