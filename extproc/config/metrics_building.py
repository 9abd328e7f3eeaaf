"""From valid items of ``model_metrics_sources`` to the frozen values that say what to fetch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from extproc.config.reading import Sections
from extproc.config.references import Directory
from extproc.config.sections.sources import (
    CostEntry,
    CostMetricsEntry,
    CustomCostEntry,
    DigitalOceanPricingEntry,
    LatencyEntry,
    ObservedLatencyEntry,
    PriceFileEntry,
    PrometheusMetricsEntry,
)
from extproc.core.sources import (
    CostSource,
    LatencyMeasure,
    LatencySource,
    ObservedLatency,
    PriceFormat,
)

__all__ = ["cost_source", "latency_source", "price_file"]

_CATALOGUES: Final = {
    PriceFormat.DIGITALOCEAN: "https://api.digitalocean.com/v2/gen-ai/models/catalog",
    PriceFormat.MODELS_DEV: "https://models.dev/api.json",
}


def cost_source(
    sections: Sections, known: Directory, token_variables: Mapping[int, str], directory: Path
) -> CostSource | None:
    """The source of prices, if there is one.

    Args:
        sections: the file's sections.
        known: the models that aliases may lead to.
        token_variables: per position of a source, the variable that holds its bearer token.
        directory: what the path of a file is relative to.
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
                return CostSource(
                    PriceFormat.OWN,
                    entry.url,
                    refresh_interval=entry.refresh_interval,
                    token_variable=token_variables.get(index),
                )
            case CustomCostEntry():
                return CostSource(
                    PriceFormat.OWN,
                    entry.url,
                    refresh_interval=entry.refresh_interval,
                    token_variable=token_variables.get(index),
                    model_aliases=_settled(entry.model_aliases, known),
                )
            case PriceFileEntry():
                return CostSource(
                    PriceFormat.OWN,
                    path=str(price_file(entry, directory)),
                    refresh_interval=entry.refresh_interval,
                    model_aliases=_settled(entry.model_aliases, known),
                )
    return None


def price_file(entry: PriceFileEntry, directory: Path) -> Path:
    """Where the file of a source lies: its path is relative to the configuration's folder."""
    return (directory / Path(entry.path).expanduser()).absolute()


def latency_source(sections: Sections) -> LatencySource | ObservedLatency | None:
    """The source of latencies, if there is one."""
    for entry in sections.sources.values():
        match entry:
            case LatencyEntry() | PrometheusMetricsEntry():
                return LatencySource(entry.url, entry.query, entry.refresh_interval)
            case ObservedLatencyEntry():
                measure = LatencyMeasure(entry.measure)
                return ObservedLatency(measure, float(entry.percentile), entry.window)
    return None


def _settled(aliases: Mapping[str, str], known: Directory) -> dict[str, str]:
    found = {key: known.find(model) for key, model in aliases.items()}
    return {key: names[0] for key, names in found.items() if len(names) == 1}
