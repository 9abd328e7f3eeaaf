"""The section ``routing``: how long sessions keep their model, and where that is kept.

What it says of the intent router is checked and settled in ``router``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field

from extproc.config.fields import Entry, HeaderName, Name, Seconds
from extproc.config.secrets.redis_urls import look_up_redis
from extproc.config.section import File, mapping_section
from extproc.config.sections.routing_budget import RoutingBudget, routing_budget
from extproc.config.sections.sources import Sources, tells_prices
from extproc.core.config import Config
from extproc.core.key_names import names_a_key
from extproc.core.problems import Problem, place
from extproc.core.sessions import PROMPT_CACHE_KEY, Sessions

__all__ = ["SECTION", "Routing", "SessionCache"]

_BUDGET: Final = place("routing", "routing_budget")
_URL: Final = place("routing", "session_cache", "url")
_DEFAULT: Final = Sessions()
_MOST_HEADERS: Final = 16


def _names_no_credential(name: str) -> str:
    if names_a_key(name) and name.lower() != PROMPT_CACHE_KEY:
        raise ValueError("is a header that holds credentials, which must not name sessions")
    return name


SessionHeader = Annotated[HeaderName, AfterValidator(_names_no_credential)]


class SessionCache(Entry):
    """Where sessions are kept."""

    literal: ClassVar = frozenset({"url"})

    type: Literal["memory", "redis"] = "memory"
    url: str | None = None
    tenant_header: HeaderName | None = None


class Routing(Entry):
    """The section ``routing``: sessions, and the intent router by an older way to name it."""

    implied: ClassVar = {"session_cache": SessionCache()}

    llm_provider: Name | None = None
    model: Name | None = None
    session_ttl_seconds: Seconds = _DEFAULT.ttl
    session_max_entries: Annotated[int, Field(ge=1, le=10_000)] = _DEFAULT.max_entries
    session_cache: SessionCache | None = None
    session_headers: list[SessionHeader] = Field(
        default_factory=lambda: list(_DEFAULT.headers), max_length=_MOST_HEADERS
    )
    route_on_user_only: bool = False
    routing_budget: RoutingBudget | None = None


def _look_up(file: File) -> None:
    """Look up the URL of Redis, which may hold a password."""
    cache = file.sections[Routing].session_cache
    if cache is None or cache.type != "redis":
        return
    if cache.url is None:
        # Plano's wording.
        message = "session_cache.url is required when type is redis"
        file.secrets.problems.append(Problem(_URL, message))
        return
    look_up_redis(cache.url, _URL, file.secrets)


def _problems(file: File) -> Iterator[Problem]:
    budget = file.sections[Routing].routing_budget
    if budget is not None and not tells_prices(file.sections[Sources]):
        # Plano's wording.
        yield Problem(
            _BUDGET,
            "is configured but no cost metrics source is configured — add a cost source (e.g. "
            "models.dev) to model_metrics_sources so per-model input/cached rates are available "
            "for the switch-cost calculation",
        )


def _advice(file: File) -> Iterator[Problem]:
    cache = file.sections[Routing].session_cache
    if cache is not None and cache.type == "memory" and cache.url is not None:
        yield Problem(_URL, "ignored: sessions are kept in memory; for Redis write type: redis")


def _build(config: Config, file: File) -> Config:
    routing = file.sections[Routing]
    header = routing.session_cache.tenant_header if routing.session_cache else None
    sessions = Sessions(
        ttl=routing.session_ttl_seconds,
        max_entries=routing.session_max_entries,
        redis_variable=file.secrets.variables.get(_URL),
        tenant_header=header.lower() if header else None,
        headers=tuple(name.lower() for name in routing.session_headers),
        implicit=routing.routing_budget is not None or routing.route_on_user_only,
        budget=routing_budget(routing.routing_budget),
        takes_budgets=tells_prices(file.sections[Sources]),
        on_user_only=routing.route_on_user_only,
    )
    return replace(config, sessions=sessions)


SECTION: Final = mapping_section(
    "routing",
    Routing,
    entries={
        "`routing.session_cache`": SessionCache,
        "`routing.routing_budget`": RoutingBudget,
    },
    problems=_problems,
    look_up=_look_up,
    advice=_advice,
    build=_build,
)
