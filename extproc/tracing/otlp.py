"""Where spans are sent, and how: what the configuration does not say, the environment does.

https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from opentelemetry.sdk.trace.export import SpanExporter

from extproc.core.tracing import OtlpProtocol, Tracing
from extproc.errors import StartError

__all__ = ["exporter_for", "protocol_for"]

_log = logging.getLogger(__name__)

_PROTOCOLS: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


def protocol_for(tracing: Tracing, environment: Mapping[str, str]) -> OtlpProtocol:
    """How spans are sent: as the file says, else as the environment does, else by gRPC."""
    if tracing.protocol is not None:
        return tracing.protocol
    said = next((environment[name] for name in _PROTOCOLS if environment.get(name)), "")
    protocol = said.strip().lower() or OtlpProtocol.GRPC
    if protocol not in tuple(OtlpProtocol):
        known = " or ".join(OtlpProtocol)
        _log.warning("spans are not sent by '%s' but by grpc; known is %s", protocol, known)
        return OtlpProtocol.GRPC
    return OtlpProtocol(protocol)


def exporter_for(tracing: Tracing, environment: Mapping[str, str]) -> SpanExporter:
    """What sends spans; only the libraries of its protocol are loaded.

    Raises:
        StartError: a variable holds what the SDK cannot use.
    """
    try:
        return _exporter(tracing.endpoint, protocol_for(tracing, environment))
    except (ValueError, OSError) as error:
        raise StartError(
            f"spans cannot be exported: {error}. Mend what the variables OTEL_EXPORTER_OTLP_* say, "
            "or turn tracing off with tracing.random_sampling: 0."
        ) from None


def _exporter(endpoint: str | None, protocol: OtlpProtocol) -> SpanExporter:
    if protocol is OtlpProtocol.HTTP:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (
            OTLPSpanExporter as HttpExporter,
        )

        return HttpExporter(endpoint=endpoint)
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
        OTLPSpanExporter as GrpcExporter,
    )

    return GrpcExporter(endpoint=endpoint)
