"""Hands spans to OpenTelemetry's SDK, which exports them from a thread that nobody waits for."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Final

from opentelemetry.context import Context
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from extproc import __version__
from extproc.tracing.span import Span
from extproc.tracing.watched import Watched

__all__ = ["Export"]

_MOST_WAITING: Final = ("OTEL_BSP_MAX_QUEUE_SIZE", 2048)
_BATCH: Final = ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512)
"""Variables, and what holds without them."""
_SERVICE: Final = "dragoman"
_NANOSECONDS: Final = 1e9
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)


class Export:
    """Takes spans and exports them in batches, as long as not too many of them wait.

    ``dropped`` counts those for which there was no room.
    """

    def __init__(
        self, exporter: SpanExporter, destination: str, environment: Mapping[str, str]
    ) -> None:
        """
        Args:
            exporter: sends them.
            destination: to whom, for people.
            environment: says how many may wait.
        """
        self.dropped = 0
        self._taken = 0
        self._most = _number(environment, *_MOST_WAITING)
        self._ids = _GivenIds()
        self._watched = Watched(exporter, destination)
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=_resource(),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                self._watched,
                max_queue_size=self._most,
                max_export_batch_size=min(_number(environment, *_BATCH), self._most),
            )
        )
        self._tracer = self._provider.get_tracer(_SERVICE, __version__)

    @property
    def exported(self) -> int:
        """How many the collector has taken."""
        return self._watched.exported

    @property
    def refused(self) -> int:
        """How many it has not."""
        return self._watched.refused

    @property
    def waiting(self) -> int:
        """How many are still to be sent."""
        return self._taken - self.exported - self.refused

    def add(self, spans: Sequence[Span]) -> None:
        """Take the spans of one request, or none of them where there is no room.

        Args:
            spans: the request's first, then those under it.
        """
        if self.waiting + len(spans) > self._most:
            self.dropped += len(spans)
            return
        self._taken += len(spans)
        for span in spans:
            self._tell(span)

    def close(self, patience: float) -> None:
        """Send what waits, and end.

        Args:
            patience: for how many seconds a collector is waited for.
        """
        closing = threading.Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(patience)

    def _tell(self, span: Span) -> None:
        self._ids.next = (int(span.trace_id, 16), int(span.span_id, 16))
        told = self._tracer.start_span(
            span.name,
            context=_parent(span),
            kind=SpanKind.CLIENT if span.asks else SpanKind.INTERNAL,
            attributes=span.attributes,
            start_time=round(span.start * _NANOSECONDS),
        )
        if span.error is not None:
            told.set_status(Status(StatusCode.ERROR))
        told.end(round(span.end * _NANOSECONDS))


class _GivenIds(IdGenerator):
    """The ids that a span already has: they have travelled before it is told."""

    def __init__(self) -> None:
        self.next = (0, 0)

    def generate_span_id(self) -> int:
        return self.next[1]

    def generate_trace_id(self) -> int:
        return self.next[0]


def _parent(span: Span) -> Context:
    """The context of a span's parent; of one without, an empty one, and not that of this thread."""
    if span.parent_id is None:
        return Context()
    parent = SpanContext(
        trace_id=int(span.trace_id, 16),
        span_id=int(span.parent_id, 16),
        is_remote=True,
        trace_flags=_SAMPLED,
        trace_state=TraceState.from_header([span.state]) if span.state else None,
    )
    return set_span_in_context(NonRecordingSpan(parent), Context())


def _resource() -> Resource:
    """What the spans are of: the environment's words go before ours."""
    ours = Resource({"service.name": _SERVICE, "service.version": __version__})
    return ours.merge(OTELResourceDetector().detect())


def _number(environment: Mapping[str, str], name: str, usual: int) -> int:
    said = environment.get(name, "").strip()
    return int(said) if said.isdecimal() and int(said) else usual
