"""The section ``model_metrics_sources``: where prices and latencies are read from.

There are two generations of types. The earlier one has a type for every kind of source; the later
one has ``cost`` and ``latency``, and the ``provider`` says what else an item holds. Each generation
has its own documented messages; they are used word for word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from extproc.config.fields import Entry
from extproc.config.reading import Reader
from extproc.config.section import File, Section, list_of, ref
from extproc.config.sections import prices, routes
from extproc.config.sections.latencies import (
    LatencyEntry,
    MeasuredEntry,
    ObservedLatencyEntry,
    PrometheusMetricsEntry,
    latency_source,
)
from extproc.config.sections.prices import (
    BearerAuth,
    CostEntry,
    CostMetricsEntry,
    CustomCostEntry,
    DigitalOceanPricingEntry,
    PriceEntry,
    PriceFileEntry,
)
from extproc.config.sections.routes import Routes
from extproc.config.writing import written
from extproc.core.config import Config
from extproc.core.problems import Problem, place

__all__ = ["EARLIER_TYPES", "LATER_TYPES", "SECTION", "Sources", "tells_prices"]

SourceEntry: TypeAlias = PriceEntry | MeasuredEntry

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

_KEY: Final = "model_metrics_sources"
_TYPES: Final = (*LATER_TYPES, *EARLIER_TYPES)
_WANTED: Final = {
    "cheapest": ("cost", "cost_metrics", "digitalocean_pricing"),
    "fastest": ("latency", "prometheus_metrics"),
}
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


@dataclass(frozen=True, slots=True)
class Sources:
    """The items that are valid, by their positions.

    ``types`` holds the type of every item, also of those that are not valid; None where it cannot
    be told.
    """

    entries: Mapping[int, SourceEntry]
    types: tuple[str | None, ...]


def tells_prices(sources: Sources) -> bool:
    """Whether one of the items tells prices, or may be meant to."""
    return None in sources.types or not {*_WANTED["cheapest"]}.isdisjoint(sources.types)


def _read(root: Mapping[Any, Any], reader: Reader) -> Sources:
    raw = root.get(_KEY, [])
    if not isinstance(raw, list):
        reader.problems.append(Problem(_KEY, "must be a list"))
        return Sources({}, (None,))
    read = {index: _read_item(item, index, reader) for index, item in enumerate(raw)}
    entries = {index: entry for index, entry in read.items() if entry is not None}
    return Sources(entries, tuple(_type(item, reader) for item in raw))


def _read_item(item: Any, index: int, reader: Reader) -> SourceEntry | None:
    if not isinstance(item, dict):
        reader.problems.append(Problem(place(_KEY, index), "must be a mapping"))
        return None
    name = _one_of(_TYPES, "type", item, index, reader)
    if name is None or name in EARLIER_TYPES:
        return reader.entry(EARLIER_TYPES[name], item, _KEY, index) if name else None
    providers = LATER_TYPES[name]
    provider = _one_of(tuple(providers), "provider", item, index, reader)
    return reader.entry(providers[provider], item, _KEY, index) if provider else None


def _one_of(
    known: Collection[str], key: str, item: Mapping[Any, Any], index: int, reader: Reader
) -> str | None:
    word = reader.settled(item.get(key))
    if isinstance(word, str) and word in known:
        return word
    message = "is required" if word is None else f"must be one of {', '.join(known)}"
    reader.problems.append(Problem(place(_KEY, index, key), message))
    return None


def _type(item: Any, reader: Reader) -> str | None:
    name = reader.settled(item.get("type")) if isinstance(item, dict) else None
    return name if isinstance(name, str) and name in _TYPES else None


def _look_up(file: File) -> None:
    for index, entry in file.sections[Sources].entries.items():
        prices.look_up(entry, place(_KEY, index), file)


def _problems(file: File) -> Iterator[Problem]:
    section = file.sections[Sources]
    types = [name for name in section.types if name is not None]
    for name, message in _ONLY_ONE.items():
        if types.count(name) > 1:
            yield Problem(_KEY, message)
    if {"cost_metrics", "digitalocean_pricing"} <= set(types):
        yield Problem(_KEY, _EITHER)
    earlier = sorted({*types} & {*EARLIER_TYPES})
    later = sorted({*types} - {*EARLIER_TYPES})
    if earlier and later:
        message = (
            f"type {', '.join(earlier)} is of an earlier form than type {', '.join(later)}; "
            "use the types of one form: cost and latency, "
            "or cost_metrics, digitalocean_pricing and prometheus_metrics"
        )
        yield Problem(_KEY, message)
    yield from _unmeasured(file, earlier=bool(earlier))
    for index, entry in section.entries.items():
        yield from prices.problems(entry, place(_KEY, index), file)


def _unmeasured(file: File, *, earlier: bool) -> Iterator[Problem]:
    """Policies without the data that they need."""
    types = file.sections[Sources].types
    for index, route in file.sections[Routes].entries.items():
        prefer = route.selection_policy.prefer if route.selection_policy else "none"
        wanted = _WANTED.get(prefer, ())
        if not wanted or None in types or {*wanted} & {*types}:
            continue
        kind = wanted[0]
        message = (
            _EARLIER_MISSING[prefer]
            if earlier
            else f"routing_preferences route '{route.name}' uses prefer: {prefer} but no {kind} "
            f"metrics source is configured — add a {kind} metrics source to {_KEY}"
        )
        yield Problem(place(routes.KEY, index, "selection_policy", "prefer"), message)


def _advice(file: File) -> Iterator[Problem]:
    for index, route in file.sections[Routes].entries.items():
        policy = route.selection_policy
        if policy and policy.cost_basis and policy.prefer != "cheapest":
            path = place(routes.KEY, index, "selection_policy", "cost_basis")
            yield Problem(path, f"ignored: prefer: {policy.prefer} compares no costs")
    for index, entry in file.sections[Sources].entries.items():
        yield from prices.advice(entry, place(_KEY, index), file)


def _write(file: File) -> Mapping[str, Any]:
    entries = file.sections[Sources].entries
    if not entries:
        return {}
    raw = file.root[_KEY]
    return {_KEY: [_item(entry, raw[index], file) for index, entry in entries.items()]}


def _item(entry: SourceEntry, raw: Mapping[str, Any], file: File) -> dict[str, Any]:
    """An item; the path of a file as it is from everywhere."""
    shown = written(entry, raw)
    if isinstance(entry, PriceFileEntry) and not Path(entry.path).expanduser().is_absolute():
        shown["path"] = str(file.directory.absolute() / raw["path"])
    return shown


def _build(config: Config, file: File) -> Config:
    costs = config.costs
    latencies = config.latencies
    for index, entry in file.sections[Sources].entries.items():
        if isinstance(entry, MeasuredEntry):
            latencies = latency_source(entry)
        else:
            costs = prices.cost_source(entry, place(_KEY, index), file)
    return replace(config, costs=costs, latencies=latencies)


def _kinds() -> list[type[SourceEntry]]:
    later = [entry for providers in LATER_TYPES.values() for entry in providers.values()]
    return list(dict.fromkeys([*later, *EARLIER_TYPES.values()]))


def _headings() -> dict[str, type[Entry]]:
    later = {
        f"`type: {name}`, `provider: {provider}`": entry
        for name, providers in LATER_TYPES.items()
        for provider, entry in providers.items()
        if provider != "models.dev"  # described with digitalocean
    }
    earlier = {f"`type: {name}`": entry for name, entry in EARLIER_TYPES.items()}
    return {**later, **earlier, "`type: cost_metrics`, `auth`": BearerAuth}


SECTION: Final = Section(
    kind=Sources,
    read=_read,
    schema={_KEY: list_of(*map(ref, _kinds()))},
    entries=_headings(),
    look_up=_look_up,
    problems=_problems,
    advice=_advice,
    write=_write,
    build=_build,
)
