"""What ``model_metrics_sources`` may hold: where prices and latencies are read from.

There are two generations of types. The earlier one has a type for every kind of source; the later
one has ``cost`` and ``latency``, and the ``provider`` says what else an item holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from extproc.config.fields import Duration, Line, Name, Section
from extproc.core.sources import ObservedLatency

__all__ = [
    "EARLIER_TYPES",
    "LATER_TYPES",
    "SOURCES",
    "TYPES",
    "AliasedEntry",
    "BearerAuth",
    "CostEntry",
    "CostMetricsEntry",
    "CustomCostEntry",
    "DigitalOceanPricingEntry",
    "LatencyEntry",
    "ObservedLatencyEntry",
    "PriceFileEntry",
    "PrometheusMetricsEntry",
    "SourceEntry",
]

_A_YEAR: Final = 365 * 24 * 3600
_OBSERVED: Final = ObservedLatency()


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or text != text.strip():
        raise ValueError("must be a URL such as https://prices.example/costs")
    if "@" in parts.netloc:
        raise ValueError("must not hold credentials")
    return text


Url = Annotated[Line, AfterValidator(_url)]
Seconds = Annotated[int, Field(ge=1, le=_A_YEAR)]


class BearerAuth(Section):
    """How a request for prices identifies itself."""

    type: Literal["bearer"]
    token: str


class CostEntry(Section):
    """Prices from a public catalogue, or from an address that answers in its format."""

    type: Literal["cost"]
    provider: Literal["digitalocean", "models.dev"]
    url: Url | None = None
    refresh_interval: Seconds | None = None
    model_aliases: dict[Name, Name] = Field(default_factory=dict)


class CustomCostEntry(Section):
    """Prices from an address of one's own."""

    type: Literal["cost"]
    provider: Literal["custom"]
    url: Url
    refresh_interval: Seconds | None = None
    auth: BearerAuth | None = None
    model_aliases: dict[Name, Name] = Field(default_factory=dict)


class PriceFileEntry(Section):
    """Prices from a file on this machine."""

    type: Literal["cost"]
    provider: Literal["file"]
    path: Name
    refresh_interval: Seconds | None = None
    model_aliases: dict[Name, Name] = Field(default_factory=dict)


class LatencyEntry(Section):
    """Latencies from a query to Prometheus."""

    type: Literal["latency"]
    provider: Literal["prometheus"]
    url: Url
    query: str = Field(min_length=1)
    refresh_interval: Seconds | None = None


class ObservedLatencyEntry(Section):
    """Latencies as they were measured here."""

    type: Literal["latency"]
    provider: Literal["observed"]
    measure: Literal["first_byte", "duration"] = _OBSERVED.measure.value
    percentile: Annotated[float, Field(ge=1, le=100)] = int(_OBSERVED.percentile)
    window: Duration = _OBSERVED.window


class CostMetricsEntry(Section):
    """Prices from an address of one's own (earlier generation)."""

    type: Literal["cost_metrics"]
    url: Url
    refresh_interval: Seconds | None = None
    auth: BearerAuth | None = None


class PrometheusMetricsEntry(Section):
    """Latencies from a query to Prometheus (earlier generation)."""

    type: Literal["prometheus_metrics"]
    url: Url
    query: str = Field(min_length=1)
    refresh_interval: Seconds | None = None


class DigitalOceanPricingEntry(Section):
    """Prices from DigitalOcean's catalogue (earlier generation)."""

    type: Literal["digitalocean_pricing"]
    refresh_interval: Seconds | None = None
    model_aliases: dict[Name, Name] = Field(default_factory=dict)


AliasedEntry: TypeAlias = CostEntry | CustomCostEntry | PriceFileEntry | DigitalOceanPricingEntry
"""Items with ``model_aliases``."""
SourceEntry: TypeAlias = (
    AliasedEntry | LatencyEntry | ObservedLatencyEntry | CostMetricsEntry | PrometheusMetricsEntry
)

EARLIER_TYPES: Final[Mapping[str, type[SourceEntry]]] = {
    "cost_metrics": CostMetricsEntry,
    "prometheus_metrics": PrometheusMetricsEntry,
    "digitalocean_pricing": DigitalOceanPricingEntry,
}
LATER_TYPES: Final[Mapping[str, Mapping[str, type[SourceEntry]]]] = {
    "cost": {
        "digitalocean": CostEntry,
        "models.dev": CostEntry,
        "custom": CustomCostEntry,
        "file": PriceFileEntry,
    },
    "latency": {"prometheus": LatencyEntry, "observed": ObservedLatencyEntry},
}
"""By type and provider."""
TYPES: Final = (*LATER_TYPES, *EARLIER_TYPES)
SOURCES: Final[tuple[type[SourceEntry], ...]] = (
    CostEntry,
    CustomCostEntry,
    PriceFileEntry,
    LatencyEntry,
    ObservedLatencyEntry,
    *EARLIER_TYPES.values(),
)
