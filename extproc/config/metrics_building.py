"""From valid items of ``model_metrics_sources`` to the frozen values that say what to fetch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from extproc.config.metrics_schema import (
    CostEntry,
    CostMetricsEntry,
    DigitalOceanPricingEntry,
    LatencyEntry,
    PrometheusMetricsEntry,
)
from extproc.config.reading import Sections
from extproc.config.references import Directory
from extproc.config.values import CostSource, LatencySource, PriceFormat

__all__ = ["cost_source", "latency_source"]

_CATALOGUES: Final = {
    PriceFormat.DIGITALOCEAN: "https://api.digitalocean.com/v2/gen-ai/models/catalog",
    PriceFormat.MODELS_DEV: "https://models.dev/api.json",
}


def cost_source(
    sections: Sections, known: Directory, token_variables: Mapping[int, str]
) -> CostSource | None:
    """The source of prices, if there is one.

    Args:
        sections: the file's sections.
        known: the models that aliases may lead to.
        token_variables: per position of a source, the variable that holds its bearer token.
    """
    for index, entry in sections.sources.items():
        match entry:
            case CostEntry():
                format_ = PriceFormat(entry.provider)
                url = entry.url or _CATALOGUES[format_]
                aliases = _settled(entry.model_aliases, known)
                return CostSource(
                    format_, url, refresh_interval=entry.refresh_interval, model_aliases=aliases
                )
            case DigitalOceanPricingEntry():
                return CostSource(
                    PriceFormat.DIGITALOCEAN,
                    _CATALOGUES[PriceFormat.DIGITALOCEAN],
                    refresh_interval=entry.refresh_interval,
                    model_aliases=_settled(entry.model_aliases, known),
                )
            case CostMetricsEntry():
                token = token_variables.get(index)
                return CostSource(
                    PriceFormat.OWN,
                    entry.url,
                    refresh_interval=entry.refresh_interval,
                    token_variable=token,
                )
    return None


def latency_source(sections: Sections) -> LatencySource | None:
    """The source of latencies, if there is one."""
    for entry in sections.sources.values():
        if isinstance(entry, LatencyEntry | PrometheusMetricsEntry):
            return LatencySource(entry.url, entry.query, entry.refresh_interval)
    return None


def _settled(aliases: Mapping[str, str], known: Directory) -> dict[str, str]:
    found = {key: known.find(model) for key, model in aliases.items()}
    return {key: names[0] for key, names in found.items() if len(names) == 1}
