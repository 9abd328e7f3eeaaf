"""Where prices and latencies come from, once a configuration is read.

Latencies have one of two sources. Both are structs of msgspec rather than dataclasses: written as
JSON, a struct says which one it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Struct

__all__ = ["CostSource", "LatencyMeasure", "LatencySource", "ObservedLatency", "PriceFormat"]


class PriceFormat(StrEnum):
    """How a source of prices writes them down."""

    DIGITALOCEAN = "digitalocean"
    MODELS_DEV = "models.dev"
    OWN = "own"
    """``{model: {input_per_million, output_per_million}}``"""


class LatencyMeasure(StrEnum):
    """What the observed latency of a model is."""

    FIRST_BYTE = "first_byte"
    """Until the provider's answer begins."""
    DURATION = "duration"
    """Until it ends."""


@dataclass(frozen=True, slots=True)
class CostSource:
    """Where prices are read from: the address ``url``, or the file ``path``, exactly one of them.

    ``refresh_interval`` is in seconds, None means once. ``token_variable`` names the environment
    variable that holds the bearer token. ``model_aliases`` maps what the source calls a model to
    what the configuration calls it.
    """

    format: PriceFormat
    url: str | None = None
    path: str | None = None
    refresh_interval: int | None = None
    token_variable: str | None = None
    model_aliases: Mapping[str, str] = field(default_factory=dict)


class LatencySource(Struct, frozen=True, tag="prometheus"):
    """The Prometheus at ``url`` and the query whose result gives each ``model_name`` its latency.

    ``refresh_interval`` is in seconds, None means once.
    """

    url: str
    query: str
    refresh_interval: int | None = None


class ObservedLatency(Struct, frozen=True, tag="observed"):
    """What Envoy measured here: a percentile over the successful attempts of the last ``window``
    seconds."""

    measure: LatencyMeasure = LatencyMeasure.FIRST_BYTE
    percentile: float = 95.0
    window: float = 300.0
