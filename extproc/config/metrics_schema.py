"""What ``model_metrics_sources`` may hold: where prices and latencies are read from.

There are two generations of types. The earlier one has a type for every kind of source; the later
one has ``cost`` and ``latency``, each with a ``provider``.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from extproc.config.schema import Line, Name, Section

__all__ = [
    "EARLIER_TYPES",
    "SOURCES",
    "BearerAuth",
    "CostEntry",
    "CostMetricsEntry",
    "DigitalOceanPricingEntry",
    "LatencyEntry",
    "PrometheusMetricsEntry",
    "SourceEntry",
]

_A_YEAR: Final = 365 * 24 * 3600


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


class LatencyEntry(Section):
    """Latencies from a query to Prometheus."""

    type: Literal["latency"]
    provider: Literal["prometheus"]
    url: Url
    query: str = Field(min_length=1)
    refresh_interval: Seconds | None = None


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


SourceEntry: TypeAlias = (
    CostEntry | LatencyEntry | CostMetricsEntry | PrometheusMetricsEntry | DigitalOceanPricingEntry
)

SOURCES: Final[dict[str, type[SourceEntry]]] = {
    "cost": CostEntry,
    "latency": LatencyEntry,
    "cost_metrics": CostMetricsEntry,
    "prometheus_metrics": PrometheusMetricsEntry,
    "digitalocean_pricing": DigitalOceanPricingEntry,
}
EARLIER_TYPES: Final = ("cost_metrics", "prometheus_metrics", "digitalocean_pricing")
