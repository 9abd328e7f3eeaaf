"""What the observer tells of requests that have ended, and how that goes on its page of metrics."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from extproc.core.config import Config
from extproc.telemetry.receipt import Receipt
from extproc.tracing.gen_ai import names_for
from extproc.tracing.spans import Spans

if TYPE_CHECKING:
    from extproc.tracing.export import Export

__all__ = ["Traces", "tracing"]

_log = logging.getLogger(__name__)

_PATIENCE: Final = 1.0
"""Seconds for which a collector is waited for at the end."""
_OFF: Final = {"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "none"}


class Traces(Collector):
    """Exports the spans of requests that have ended."""

    def __init__(self, spans: Spans, export: Export) -> None:
        """
        Args:
            spans: makes them of receipts.
            export: takes them.
        """
        self._spans = spans
        self._export = export

    def add(self, receipts: Sequence[Receipt]) -> None:
        """Requests have ended."""
        for receipt in receipts:
            if spans := [*self._spans.of(receipt)]:
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


@asynccontextmanager
async def tracing(config: Config, environment: Mapping[str, str]) -> AsyncIterator[Traces | None]:
    """Export spans as long as the context is open, or None where requests leave none.

    The SDK takes as much memory as the rest of the observer, so it is loaded here, if at all.

    Args:
        config: says whether requests are traced, and where spans go.
        environment: says what the configuration does not.
    """
    if config.tracing is None or any(
        environment.get(name, "").strip().lower() == off for name, off in _OFF.items()
    ):
        yield None
        return
    from extproc.tracing.export import Export
    from extproc.tracing.otlp import exporter_for, protocol_for

    export = Export(exporter_for(config.tracing, environment), environment)
    protocol = protocol_for(config.tracing, environment)
    _log.info("spans of requests go to a collector by %s", protocol)
    try:
        yield Traces(Spans(config, config.tracing, names_for(environment)), export)
    finally:
        await asyncio.to_thread(export.close, _PATIENCE)
