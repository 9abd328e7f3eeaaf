"""What the observer tells of requests that have ended, and how that goes on its page of metrics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from cachetools import LRUCache
from msgspec.structs import replace
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from extproc.core.config import Config
from extproc.errors import StartError
from extproc.telemetry.receipt import Receipt
from extproc.tracing.beginning import Beginning
from extproc.tracing.destination import destination_of, is_exported
from extproc.tracing.gen_ai import names_for
from extproc.tracing.sampling import sampler_for
from extproc.tracing.spans import Spans
from extproc.tracing.trace_context import TRACEPARENT, TRACESTATE

if TYPE_CHECKING:
    from extproc.tracing.export import Export

__all__ = ["Traces", "tracing"]

_log = logging.getLogger(__name__)

_MOST_PROMPTS: Final = 1000
"""Of requests under way: of more, spans tell nothing of what the oldest ones' clients have said."""
_PATIENCE: Final = 1.0
"""Seconds for which a collector is waited for at the end."""


class Traces(Collector):
    """Exports the spans of requests that have ended."""

    def __init__(self, spans: Spans, export: Export, beginning: Beginning) -> None:
        """
        Args:
            spans: makes them of receipts.
            export: takes them.
            beginning: begins the spans of requests that no worker was told of.
        """
        self._spans = spans
        self._beginning = beginning
        self._export = export
        self._prompts: LRUCache[str, str] = LRUCache(_MOST_PROMPTS)

    def prompted(self, request_id: str, prompt: str) -> None:
        """What the client of a request has said, which waits here for the request's end."""
        self._prompts[request_id] = prompt

    def add(self, receipts: Sequence[Receipt]) -> None:
        """Requests have ended."""
        for receipt in receipts:
            prompt = self._prompts.pop(receipt.decision.request_id, None)
            if not receipt.decided:
                receipt = _begun(receipt, self._beginning)
            if spans := [*self._spans.of(receipt, prompt)]:
                self._export.add(spans)

    def collect(self) -> Iterator[Metric]:
        """What became of spans so far."""
        export = self._export
        told = CounterMetricFamily(
            "dragoman_spans",
            "Spans of traces: exported, refused by the collector, or dropped for want of room.",
            labels=["outcome"],
        )
        for outcome, count in (
            ("exported", export.exported),
            ("refused", export.refused),
            ("dropped", export.dropped),
        ):
            told.add_metric([outcome], count)
        yield told
        yield GaugeMetricFamily(
            "dragoman_spans_waiting", "Spans that are still to be exported.", value=export.waiting
        )


def _begun(receipt: Receipt, beginning: Beginning) -> Receipt:
    """The receipt of a request that nobody has decided, with the span that no worker has begun."""
    asked = receipt.unserved
    if asked is None:
        return receipt
    headers = {TRACEPARENT: asked.traceparent, TRACESTATE: asked.tracestate}
    span = beginning.span(headers, receipt.decision.trace_id)
    return replace(receipt, decision=replace(receipt.decision, span=span))


@asynccontextmanager
async def tracing(config: Config, environment: Mapping[str, str]) -> AsyncIterator[Traces | None]:
    """Export spans as long as the context is open, or None where none are exported.

    The SDK takes half a second and 8 MiB, so it is loaded here, if at all.

    Args:
        config: says whether requests are traced, and where spans go.
        environment: says what the configuration does not.

    Raises:
        StartError: the environment says what the SDK cannot use.
    """
    if config.tracing is None or not is_exported(environment):
        yield None
        return
    from extproc.tracing.export import Export
    from extproc.tracing.otlp import exporter_to

    try:
        destination = destination_of(config.tracing, environment)
    except ValueError as error:
        raise StartError(f"spans cannot be exported: {error}.") from None
    export = Export(exporter_to(destination), str(destination), environment)
    _log.info("spans of requests go to %s", destination)
    try:
        beginning = Beginning(config.tracing, sampler_for(config.tracing, environment))
        spans = Spans(config, config.tracing, names_for(environment))
        yield Traces(spans, export, beginning)
    finally:
        await asyncio.to_thread(export.close, _PATIENCE)
