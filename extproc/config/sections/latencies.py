"""Items of ``model_metrics_sources`` that say where latencies are read from."""

from __future__ import annotations

from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import Field

from extproc.config.fields import Duration, Entry, Seconds, Url
from extproc.core.sources import LatencyMeasure, LatencySource, ObservedLatency

__all__ = [
    "LatencyEntry",
    "MeasuredEntry",
    "ObservedLatencyEntry",
    "PrometheusMetricsEntry",
    "latency_source",
]

_OBSERVED: Final = ObservedLatency()


class LatencyEntry(Entry):
    """Latencies from a query to Prometheus."""

    takes_variables: ClassVar = True

    type: Literal["latency"]
    provider: Literal["prometheus"]
    url: Url
    query: str = Field(min_length=1)
    refresh_interval: Seconds | None = None


class ObservedLatencyEntry(Entry):
    """Latencies as they were measured here."""

    takes_variables: ClassVar = True

    type: Literal["latency"]
    provider: Literal["observed"]
    measure: Literal["first_byte", "duration"] = _OBSERVED.measure.value
    percentile: Annotated[float, Field(ge=1, le=100)] = int(_OBSERVED.percentile)
    window: Duration = _OBSERVED.window


class PrometheusMetricsEntry(Entry):
    """Latencies from a query to Prometheus (earlier generation)."""

    takes_variables: ClassVar = True

    type: Literal["prometheus_metrics"]
    url: Url
    query: str = Field(min_length=1)
    refresh_interval: Seconds | None = None


MeasuredEntry: TypeAlias = LatencyEntry | ObservedLatencyEntry | PrometheusMetricsEntry


def latency_source(entry: MeasuredEntry) -> LatencySource | ObservedLatency:
    """What an item says of where latencies come from."""
    match entry:
        case LatencyEntry() | PrometheusMetricsEntry():
            return LatencySource(entry.url, entry.query, entry.refresh_interval)
        case ObservedLatencyEntry():
            measure = LatencyMeasure(entry.measure)
            return ObservedLatency(measure, float(entry.percentile), entry.window)
