"""``dragoman.budgets``: what requests may cost in a day or a month.

Its entries are read with the section ``dragoman``. They name routes and models, and need prices, so
that they are checked and settled here, behind all of these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from extproc.config.references import ambiguous
from extproc.config.section import File, Section
from extproc.config.sections.budget_entries import BudgetEntry
from extproc.config.sections.provider_entries import ProviderEntry
from extproc.config.sections.providers import Providers
from extproc.config.sections.routes import Routes
from extproc.config.sections.sessions import Routing
from extproc.config.sections.settings import Extension
from extproc.config.sections.sources import Sources, tells_prices
from extproc.core.budgets import Budget, OnExhausted, Unpriced, rounded
from extproc.core.config import Config
from extproc.core.problems import Problem, place
from extproc.core.windows import Window

__all__ = ["SECTION", "Budgets"]

_KEY: Final = ("dragoman", "budgets")
_FALLBACK: Final = OnExhausted.FALLBACK.value


class Budgets:
    """What is read of budgets: nothing, for another section holds them."""


def _problems(file: File) -> Iterator[Problem]:
    entries = file.sections[Extension].budgets
    if not entries:
        return
    if file.sections[Extension].counters is None:
        yield Problem(place(*_KEY), "nothing says where they are counted: add dragoman.counters")
    if not tells_prices(file.sections[Sources]):
        message = "nothing tells prices: add a cost metrics source to model_metrics_sources"
        yield Problem(place(*_KEY), message)
    for name, count in Counter(entry.name for entry in entries).items():
        if count > 1:
            yield Problem(place(*_KEY), f"'{name}' is the name of {count} budgets")
    cache = file.sections[Routing].session_cache
    for index, entry in enumerate(entries):
        if entry.per_tenant and (cache is None or cache.tenant_header is None):
            message = "which header names the tenant? Add routing.session_cache.tenant_header"
            yield Problem(place(*_KEY, index, "per_tenant"), message)
        yield from _unknown(entry, index, file)


def _unknown(entry: BudgetEntry, index: int, file: File) -> Iterator[Problem]:
    routes = [route.name for route in file.sections[Routes].entries.values()]
    for position, name in enumerate(entry.routes):
        if name not in routes:
            where = place(*_KEY, index, "routes", position)
            yield Problem(where, f"there is no route '{name}' in routing_preferences")
    for position, name in enumerate(entry.models):
        yield from _no_model(name, place(*_KEY, index, "models", position), file)
    used = {provider.model.partition("/")[0] for provider in _providers(file)}
    for position, name in enumerate(entry.providers):
        if name not in used and file.sections.complete:
            where = place(*_KEY, index, "providers", position)
            yield Problem(where, f"no model of '{name}' is declared in model_providers")
    where = place(*_KEY, index, "fallback")
    if entry.fallback is None:
        if entry.on_exhausted == _FALLBACK:
            yield Problem(where, "is required: the route or the model that goes on")
    elif entry.on_exhausted != _FALLBACK:
        yield Problem(where, f"has a meaning with on_exhausted: {_FALLBACK} alone")
    elif entry.fallback not in routes:
        yield from _no_model(entry.fallback, where, file, "route or model")


def _providers(file: File) -> Iterator[ProviderEntry]:
    yield from file.sections[Providers].entries.values()


def _no_model(name: str, where: str, file: File, kind: str = "model") -> Iterator[Problem]:
    found = file.known.find(name)
    if len(found) > 1:
        yield ambiguous(where, name, found)
    elif not found and name not in file.known.available and file.sections.complete:
        yield Problem(where, f"there is no {kind} '{name}'")


def _build(config: Config, file: File) -> Config:
    entries = file.sections[Extension].budgets
    return replace(config, budgets=tuple(_budget(entry, config, file) for entry in entries))


def _budget(entry: BudgetEntry, config: Config, file: File) -> Budget:
    route = next((route for route in config.routes if route.name == entry.fallback), None)
    fallback, fallback_models = entry.fallback, () if route is None else route.models
    if fallback is not None and route is None:
        fallback = file.known.find(fallback)[0]
        fallback_models = (fallback,)
    return Budget(
        name=entry.name,
        amount=rounded(entry.amount),
        window=Window(entry.per),
        per_tenant=entry.per_tenant,
        routes=tuple(entry.routes),
        models=tuple((*file.known.find(name), name)[0] for name in entry.models),
        providers=tuple(entry.providers),
        on_exhausted=OnExhausted(entry.on_exhausted),
        fallback=fallback,
        fallback_models=fallback_models,
        unpriced=Unpriced(entry.unpriced),
    )


SECTION: Final = Section(
    kind=Budgets,
    read=lambda _root, _reader: Budgets(),
    entries={"`dragoman.budgets[]`": BudgetEntry},
    problems=_problems,
    build=_build,
)
