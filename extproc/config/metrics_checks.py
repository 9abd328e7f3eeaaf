"""What the sources of prices and latencies must mean to each other and to the routes.

Each generation of source types has its own documented messages; they are used word for word.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from extproc.config.metrics_building import price_file
from extproc.config.reading import Sections
from extproc.config.references import Directory
from extproc.config.sections.sources import EARLIER_TYPES, AliasedEntry, PriceFileEntry
from extproc.core.problems import Problem, place

__all__ = ["advice", "file_problems", "problems"]

_SECTION: Final = "model_metrics_sources"
_TYPES: Final = {
    "cheapest": ("cost", "cost_metrics", "digitalocean_pricing"),
    "fastest": ("latency", "prometheus_metrics"),
}
_KIND: Final = {"cheapest": "cost", "fastest": "latency"}
_ONLY_ONE: Final = {
    "cost": "only one cost metrics source is allowed",
    "latency": "only one latency metrics source is allowed",
    **{name: f"only one {name} source is allowed" for name in EARLIER_TYPES},
}
_EARLIER_MISSING: Final = {
    "cheapest": (
        "prefer: cheapest requires a cost data source — add cost_metrics or digitalocean_pricing"
    ),
    "fastest": "prefer: fastest requires a prometheus_metrics source",
}
_EITHER: Final = (
    "cost_metrics and digitalocean_pricing cannot both be configured — use one or the other"
)


def problems(sections: Sections) -> Iterator[Problem]:
    """Sources that contradict each other, and policies without the data that they need."""
    types = [name for name in sections.source_types if name is not None]
    for name, message in _ONLY_ONE.items():
        if types.count(name) > 1:
            yield Problem(_SECTION, message)
    if {"cost_metrics", "digitalocean_pricing"} <= set(types):
        yield Problem(_SECTION, _EITHER)
    earlier = sorted({*types} & {*EARLIER_TYPES})
    later = sorted({*types} - {*EARLIER_TYPES})
    if earlier and later:
        message = (
            f"type {', '.join(earlier)} is of an earlier form than type {', '.join(later)}; "
            "use the types of one form: cost and latency, "
            "or cost_metrics, digitalocean_pricing and prometheus_metrics"
        )
        yield Problem(_SECTION, message)
    yield from _unmeasured(sections, earlier=bool(earlier))


def _unmeasured(sections: Sections, *, earlier: bool) -> Iterator[Problem]:
    for index, route in sections.routes.items():
        prefer = route.selection_policy.prefer if route.selection_policy else "none"
        wanted = _TYPES.get(prefer, ())
        if not wanted or None in sections.source_types or {*wanted} & {*sections.source_types}:
            continue
        kind = _KIND[prefer]
        message = (
            _EARLIER_MISSING[prefer]
            if earlier
            else f"routing_preferences route '{route.name}' uses prefer: {prefer} but no {kind} "
            f"metrics source is configured — add a {kind} metrics source to {_SECTION}"
        )
        yield Problem(place("routing_preferences", index, "selection_policy", "prefer"), message)


def file_problems(sections: Sections, directory: Path) -> Iterator[Problem]:
    """Price lists that cannot be read.

    Args:
        sections: the file's sections.
        directory: what paths in it are relative to.
    """
    for index, entry in sections.sources.items():
        if not isinstance(entry, PriceFileEntry):
            continue
        path = price_file(entry, directory)
        if not path.is_file():
            yield Problem(place(_SECTION, index, "path"), f"there is no file {path}")
        elif not os.access(path, os.R_OK):
            yield Problem(place(_SECTION, index, "path"), f"may not be read: {path}")


def advice(sections: Sections, known: Directory) -> Iterator[Problem]:
    """Say which costs nothing compares, and which aliases lead nowhere."""
    for index, route in sections.routes.items():
        policy = route.selection_policy
        if policy and policy.cost_basis and policy.prefer != "cheapest":
            path = place("routing_preferences", index, "selection_policy", "cost_basis")
            yield Problem(path, f"ignored: prefer: {policy.prefer} compares no costs")
    for index, entry in sections.sources.items():
        if isinstance(entry, AliasedEntry):
            for key, model in entry.model_aliases.items():
                if len(found := known.find(model)) != 1:
                    fault = "fits several models" if found else "is not declared in model_providers"
                    path = place(_SECTION, index, "model_aliases", key)
                    yield Problem(path, f"ignored: '{model}' {fault}")
