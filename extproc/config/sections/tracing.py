"""The section ``tracing``: which requests leave spans, what these say, and where they go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from extproc.config.fields import Entry, HeaderPrefix, Name, Percentage, Url
from extproc.config.section import File, mapping_section
from extproc.core import tracing as core
from extproc.core.config import Config
from extproc.core.problems import Problem, place

__all__ = ["SECTION", "SpanAttributes", "Tracing"]

_KEY: Final = "tracing"
_TRACES_PATH: Final = "/v1/traces"
"""Where a collector takes them: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request"""
_MOST_PREFIXES: Final = 16
_MOST_STATIC: Final = 64


def _without_path(url: str) -> str:
    parts = urlsplit(url)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("must not have a path: gRPC has its own (http://localhost:4317)")
    return url.rstrip("/")


class SpanAttributes(Entry):
    """What spans tell beyond what is known of a request."""

    header_prefixes: list[HeaderPrefix] = Field(default_factory=list, max_length=_MOST_PREFIXES)
    static: dict[Name, bool | int | float | str] = Field(
        default_factory=dict, max_length=_MOST_STATIC
    )


class Tracing(Entry):
    """The section ``tracing``. Plano calls an endpoint of OTLP after what came before that."""

    unused: ClassVar = {
        "exporters": "ignored: spans are sent by OTLP; a collector can pass them on from there",
        "trace_arch_internal": "ignored: there are no internal spans",
    }
    former: ClassVar = {
        "sampling_rate": "write random_sampling, in percent: 10 for a sampling_rate of 0.1"
    }
    takes_variables: ClassVar = True

    random_sampling: Percentage | None = None
    opentracing_grpc_endpoint: Annotated[Url, AfterValidator(_without_path)] | None = None
    otlp_http_endpoint: Url | None = None
    span_attributes: SpanAttributes | None = None
    openinference: bool = False
    capture_content: bool = False


def _problems(file: File) -> Iterator[Problem]:
    tracing = file.sections[Tracing]
    if tracing.opentracing_grpc_endpoint and tracing.otlp_http_endpoint:
        yield Problem(
            place(_KEY, "otlp_http_endpoint"),
            "must not stand beside opentracing_grpc_endpoint: spans go to one of them",
        )


def _build(config: Config, file: File) -> Config:
    tracing = file.sections[Tracing]
    if not tracing.model_fields_set or tracing.random_sampling == 0:
        return config
    endpoint, protocol = _destination(tracing)
    told = tracing.span_attributes or SpanAttributes()
    return replace(
        config,
        tracing=core.Tracing(
            percentage=tracing.random_sampling,
            endpoint=endpoint,
            protocol=protocol,
            header_prefixes=tuple(told.header_prefixes),
            attributes=told.static,
            openinference=tracing.openinference,
            capture_content=tracing.capture_content,
        ),
    )


def _destination(tracing: Tracing) -> tuple[str | None, core.OtlpProtocol | None]:
    if tracing.opentracing_grpc_endpoint:
        return tracing.opentracing_grpc_endpoint, core.OtlpProtocol.GRPC
    if tracing.otlp_http_endpoint:
        parts = urlsplit(tracing.otlp_http_endpoint)
        path = _TRACES_PATH if parts.path in ("", "/") else parts.path
        return parts._replace(path=path).geturl(), core.OtlpProtocol.HTTP
    return None, None


SECTION: Final = mapping_section(
    _KEY,
    Tracing,
    entries={"`tracing.span_attributes`": SpanAttributes},
    problems=_problems,
    build=_build,
)
