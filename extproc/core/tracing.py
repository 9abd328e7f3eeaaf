"""How requests are traced, and what is known of the span of one from its beginning on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

__all__ = ["AttributeValue", "OtlpProtocol", "RequestSpan", "Tracing"]

AttributeValue: TypeAlias = bool | int | float | str


class OtlpProtocol(StrEnum):
    """How spans are sent, in the words of ``OTEL_EXPORTER_OTLP_PROTOCOL``:
    https://opentelemetry.io/docs/specs/otel/protocol/exporter/"""

    GRPC = "grpc"
    HTTP = "http/protobuf"


@dataclass(frozen=True, slots=True)
class Tracing:
    """Which requests leave spans, what these say, and where they go.

    ``percentage`` is of the requests for which the client has not decided; None: the environment
    says, or all. ``endpoint`` is the URL that takes them by ``protocol``, None: the environment
    says, or a collector on this machine. Of the headers that begin with one of ``header_prefixes``,
    in lower case, spans tell what stands behind that. ``attributes`` are on every span.
    ``openinference`` adds that project's names to OpenTelemetry's, ``capture_content`` adds
    what clients have said.
    """

    percentage: float | None = None
    endpoint: str | None = None
    protocol: OtlpProtocol | None = None
    header_prefixes: tuple[str, ...] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    openinference: bool = False
    capture_content: bool = False


@dataclass(frozen=True, slots=True)
class RequestSpan:
    """The span of one request, as its worker begins it.

    ``span_id`` and ``parent_id`` are 16 hexadecimal digits each; a request that came without a
    parent has none. Spans that are not ``sampled`` are not exported: their ids travel alone.
    ``state`` is the ``tracestate`` that came with the parent. ``attributes`` are what the client's
    headers say. ``prompt`` is what it has said, as JSON, where that is recorded.
    """

    span_id: str
    parent_id: str | None = None
    sampled: bool = True
    state: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    prompt: str | None = None
