"""The section ``routing_preferences``: what requests are about, and who answers them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, Field

from extproc.config.fields import Dollars, Duration, Entry, Name, Score
from extproc.config.reading import Reader
from extproc.config.references import Directory, ambiguous
from extproc.config.section import File, Section, list_of, ref
from extproc.config.sections.bounds import DeadlineMs, bounds_of, routes_bounds
from extproc.config.sections.failover import Failover, policy
from extproc.config.sections.hedging import Hedging, HedgingOrNot, hedge_of
from extproc.config.sections.providers import Providers
from extproc.config.sections.settings import Extension
from extproc.config.sections.shadowing import Shadowing, shadow_of, shadow_problems
from extproc.config.sections.version import VERSION_WITH_ROUTING, Version
from extproc.config.sections.weights import Weights, weights_of, weights_problems
from extproc.config.writing import written_items
from extproc.core.config import Config
from extproc.core.problems import Problem, place
from extproc.core.routes import CostBasis, Preference, Route
from extproc.core.timeouts import Timeouts

__all__ = ["KEY", "SECTION", "RouteEntry", "Routes", "SelectionPolicy"]

KEY: Final = "routing_preferences"
_TIMEOUTS: Final = tuple(field.name for field in fields(Timeouts))
"""In a file, each has ``_timeout`` behind its name."""


def _example(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


class SelectionPolicy(Entry):
    """How the models of a route are ordered."""

    prefer: Literal["none", "random", "cheapest", "fastest"]
    cost_basis: Literal["total", "request"] | None = None


class RouteEntry(Entry):
    """An item of ``routing_preferences``."""

    implied: ClassVar = {"selection_policy": SelectionPolicy(prefer="none")}

    name: Name
    description: str = Field(min_length=1)
    models: list[Name] = Field(min_length=1)
    selection_policy: SelectionPolicy | None = None
    threshold: Score | None = None
    examples: list[Annotated[str, AfterValidator(_example)]] | None = None
    failover: Failover | None = None
    attempt_timeout: Duration | None = None
    first_content_timeout: Duration | None = None
    answer_timeout: Duration | None = None
    stream_idle_timeout: Duration | None = None
    fallback: bool | None = None
    hold_stream: bool = False
    weights: Weights | None = None
    max_cost: Dollars | None = None
    deadline_ms: DeadlineMs | None = None
    hedge: HedgingOrNot = None
    shadow: Shadowing | None = None


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes that are valid, by their positions in the list."""

    entries: Mapping[int, RouteEntry]


def _read(root: Mapping[Any, Any], reader: Reader) -> Routes:
    return Routes(reader.items(RouteEntry, root.get(KEY), KEY))


def _problems(file: File) -> Iterator[Problem]:
    routes = file.sections[Routes].entries
    if routes and file.sections[Version].text not in (None, VERSION_WITH_ROUTING):
        yield Problem(
            KEY,
            "top-level routing_preferences requires version v0.4.0 or above. "
            "Update the version field or remove routing_preferences.",
        )
    for name, count in Counter(route.name for route in routes.values()).items():
        if count > 1:
            yield Problem(
                KEY,
                f'Duplicate routing preference name "{name}", '
                "please provide unique name for each routing preference",
            )
    taken = next((route.name for route in routes.values() if route.fallback), None)
    for index, route in routes.items():
        yield from _undeclared(route, index, file)
        if route.weights is not None:
            at = (KEY, index, "weights")
            yield from weights_problems(route.weights, route.models, file.known, *at)
        if route.shadow is not None and file.sections.complete:
            providers = file.sections[Providers].entries.values()
            at = (KEY, index, "shadow")
            yield from shadow_problems(route.shadow, file.known, providers, *at)
        if route.fallback and route.name != taken:
            yield Problem(
                place(KEY, index, "fallback"),
                f"'{taken}' takes what no other route matches already; one route can",
            )


def _undeclared(route: RouteEntry, index: int, file: File) -> Iterator[Problem]:
    for position, reference in enumerate(route.models):
        path = place(KEY, index, "models", position)
        found = file.known.find(reference)
        if len(found) > 1:
            yield ambiguous(path, reference, found)
        elif not found and file.sections.complete and reference not in file.sections.aliases:
            yield Problem(
                path,
                f"routing_preferences route '{route.name}' references model '{reference}' "
                "which is not declared in model_providers",
            )


def _advice(file: File) -> Iterator[Problem]:
    for index, route in file.sections[Routes].entries.items():
        names = [name for model in route.models for name in file.known.find(model)[:1]]
        path = place(KEY, index, "models")
        for name, count in Counter(names).items():
            if count > 1:
                yield Problem(path, f"'{name}' is named more than once; the first place counts")
        most = file.sections[Extension].max_candidates
        if len(set(names)) > most:
            message = (
                f"of these {len(set(names))} models the best {most} are tried for a request: "
                "dragoman.max_candidates says so"
            )
            yield Problem(path, message)
        yield from _shared_key(names, path, file)


def _shared_key(names: list[str], path: str, file: File) -> Iterator[Problem]:
    """A client's key is for one provider: others would get it where an attempt moves on."""
    given_to = {
        entry.known_as: entry.model.partition("/")[0]
        for entry in file.sections[Providers].entries.values()
        if entry.passthrough_auth
    }
    entries = [file.known.entry(name) for name in names]
    others = list(dict.fromkeys(given_to[name] for name in entries if name in given_to))
    if len(others) > 1:
        yield Problem(path, f"a client's key is passed on to each of several: {', '.join(others)}")


def _write(file: File) -> Mapping[str, Any]:
    entries = file.sections[Routes].entries
    return {KEY: written_items(entries, file.root[KEY])} if entries else {}


def _build(config: Config, file: File) -> Config:
    entries = file.sections[Routes].entries.values()
    limits = file.sections[Extension]
    return replace(config, routes=tuple(_route(entry, file.known, limits) for entry in entries))


def _route(entry: RouteEntry, known: Directory, limits: Extension) -> Route:
    selection = entry.selection_policy
    return Route(
        name=entry.name,
        description=entry.description,
        models=tuple(dict.fromkeys(known.find(model)[0] for model in entry.models)),
        prefer=Preference(selection.prefer) if selection else Preference.NONE,
        cost_basis=CostBasis((selection and selection.cost_basis) or CostBasis.TOTAL),
        examples=tuple(entry.examples or ()),
        threshold=entry.threshold,
        failover=policy(entry.failover) if entry.failover else None,
        timeouts=_timeouts(entry, limits),
        fallback=bool(entry.fallback),
        hold_stream=entry.hold_stream,
        weights=weights_of(entry.weights or {}, known),
        bounds=routes_bounds(entry.max_cost, entry.deadline_ms, bounds_of(limits.bounds)),
        hedge=hedge_of(entry.hedge) if entry.hedge else None,
        shadow=shadow_of(entry.shadow, known) if entry.shadow else None,
    )


def _timeouts(entry: RouteEntry, limits: Extension) -> Timeouts | None:
    """The route's own, and everyone's where it has none; None where it has none at all."""
    own = {name: getattr(entry, f"{name}_timeout") for name in _TIMEOUTS}
    if not any(own.values()):
        return None
    return Timeouts(**{name: own[name] or getattr(limits, f"{name}_timeout") for name in own})


SECTION: Final = Section(
    kind=Routes,
    read=_read,
    schema={KEY: list_of(ref(RouteEntry))},
    entries={
        "`routing_preferences[]`": RouteEntry,
        "`routing_preferences[].selection_policy`": SelectionPolicy,
        "`routing_preferences[].failover`": Failover,
        "`routing_preferences[].hedge`": Hedging,
        "`routing_preferences[].shadow`": Shadowing,
    },
    problems=_problems,
    advice=_advice,
    write=_write,
    build=_build,
)
