"""The sections that are one mapping of settings: ``overrides`` and ``dragoman``.

What they say of the intent router is checked and settled in ``router``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field

from extproc.config.fields import (
    PROMPT_TARGETS,
    Duration,
    Entry,
    HostName,
    Line,
    Name,
    Score,
    Size,
)
from extproc.config.file_paths import why_not_kept
from extproc.config.guards import Guard, needlessly_acknowledged, unacknowledged
from extproc.config.section import File, mapping_section
from extproc.config.sections.bounds import BoundsEntry, bounds_of
from extproc.config.sections.budget_entries import BudgetEntry
from extproc.config.sections.counters import (
    Counters,
    counter_store,
    counters_problems,
    look_up_counters,
)
from extproc.config.sections.failover import Failover, policy
from extproc.config.sections.inline_preferences import (
    InlinePreferences,
    inline_caps,
    inline_problems,
)
from extproc.config.sections.limits import LimitEntry
from extproc.config.units import address_and_port
from extproc.core.config import Admin, Config, IntentSettings, Limits, Transport
from extproc.core.guards import Unguarded
from extproc.core.ledger import LedgerSettings
from extproc.core.problems import Problem, place
from extproc.core.timeouts import Timeouts

__all__ = [
    "DRAGOMAN",
    "OVERRIDES",
    "Extension",
    "Overrides",
]

_LIMITS: Final = Limits()
_TIMEOUTS: Final = Timeouts()
_INTENT: Final = IntentSettings()
_ADMIN: Final = Admin()
_LEDGER: Final = LedgerSettings("")
_CONFIG: Final = Config(models=())
_ADMIN_TOKEN: Final = place("dragoman", "admin_token")
_NO_AGENTS: Final = "ignored: Dragoman chooses among models, not among agents"


def _address_and_port(text: str) -> str:
    address_and_port(text)
    return text


class Overrides(Entry):
    """The section ``overrides``."""

    unused: ClassVar = {
        "agent_orchestration_model": _NO_AGENTS,
        "disable_signals": "ignored: Dragoman has no signals to turn off",
        "empty_pool_behavior": "ignored: models that cannot take a request are tried last",
        "model_capabilities_source": (
            "ignored: what is known of models comes with Dragoman; correct it in model_limits"
        ),
        "optimize_context_window": PROMPT_TARGETS,
        "orchestrator_model": _NO_AGENTS,
        "prompt_target_intent_matching_threshold": PROMPT_TARGETS,
        "use_agent_orchestrator": _NO_AGENTS,
    }
    takes_variables: ClassVar = True

    upstream_connect_timeout: Duration = _LIMITS.connect_timeout
    upstream_tls_ca_path: Name | None = None
    llm_routing_model: Name | None = None
    router_model: Name | None = None
    orchestrator_model_context_length: Annotated[int, Field(ge=1, le=10_000_000)] | None = None


class Extension(Entry):
    """The section ``dragoman``: settings that Plano has no word for."""

    takes_variables: ClassVar = True
    literal: ClassVar = frozenset({"router_access_key", "admin_token"})
    secret: ClassVar = frozenset({"router_access_key", "admin_token"})

    max_request_bytes: Size = _LIMITS.max_request_bytes
    max_bytes_in_flight: Size | None = None
    receive_timeout: Duration = _LIMITS.receive_timeout
    attempt_timeout: Duration = _TIMEOUTS.attempt
    first_content_timeout: Duration = _TIMEOUTS.first_content
    answer_timeout: Duration = _TIMEOUTS.answer
    stream_idle_timeout: Duration = _TIMEOUTS.stream_idle
    max_candidates: Annotated[int, Field(ge=1, le=100)] = _LIMITS.max_candidates
    threshold: Score | None = None
    router_url: Line | None = None
    router_access_key: str | None = None
    router_prompt: Literal["arch-router", "plano-orchestrator"] | None = None
    intent_timeout: Duration = _INTENT.timeout
    intent_concurrency: Annotated[int, Field(ge=1, le=10_000)] = _INTENT.concurrency
    intent_cache_entries: Annotated[int, Field(ge=0, le=1_000_000)] = _INTENT.cache_entries
    intent_cache_ttl: Duration = _INTENT.cache_ttl
    embedded_timeout: Duration = _INTENT.embedded_timeout
    embedded_texts: Annotated[int, Field(ge=0, le=1_000_000)] = _INTENT.embedded_texts
    cooldowns: bool = True
    failover: Failover | None = None
    admin_address: Annotated[str, AfterValidator(_address_and_port)] = (
        f"{_ADMIN.address}:{_ADMIN.port}"
    )
    admin_token: str | None = None
    limits: list[LimitEntry] = Field(default_factory=list, max_length=1000)
    allowed_hosts: list[HostName] = Field(default_factory=list)
    kept_decisions: Annotated[int, Field(ge=0, le=100_000)] = _ADMIN.kept_decisions
    bounds: BoundsEntry | None = None
    inline_preferences: InlinePreferences | None = None
    counters: Counters | None = None
    budgets: list[BudgetEntry] = Field(default_factory=list, max_length=100)
    ledger: Name | None = None
    ledger_days: Annotated[int, Field(ge=1, le=3650)] = _LEDGER.days
    ledger_max_bytes: Size = _LEDGER.max_bytes
    drain_timeout: Duration = _CONFIG.drain_timeout
    transport: Literal["builtin", "grpcio"] = _CONFIG.transport.value
    unguarded: Literal["refuse", "pass"] = _CONFIG.unguarded.value
    acknowledge_ignored: list[Guard] = Field(default_factory=list)

    def ledger_in(self, folder: Path) -> Path | None:
        """Where the ledger lies, by a path that is relative to the configuration's folder."""
        if self.ledger is None:
            return None
        return (folder / Path(self.ledger).expanduser()).absolute()


def _problems(file: File) -> Iterator[Problem]:
    yield from _room_for_one(file)
    yield from _no_place_for_the_ledger(file)
    yield from _no_place_for_the_counters(file)
    inline = file.sections[Extension].inline_preferences
    if inline is not None and file.sections.complete:
        yield from inline_problems(inline, file.known)
    yield from unacknowledged(file.root, file.sections[Extension].acknowledge_ignored)


def _look_up(file: File) -> None:
    extension = file.sections[Extension]
    if extension.admin_token is not None:
        file.secrets.look_up(extension.admin_token, _ADMIN_TOKEN)
    if extension.counters is not None:
        look_up_counters(extension.counters, file.secrets)


def _advice(file: File) -> Iterator[Problem]:
    yield from needlessly_acknowledged(file.root, file.sections[Extension].acknowledge_ignored)


def _room_for_one(file: File) -> Iterator[Problem]:
    extension = file.sections[Extension]
    in_flight = extension.max_bytes_in_flight
    if in_flight is not None and in_flight < extension.max_request_bytes:
        yield Problem(
            place("dragoman", "max_bytes_in_flight"),
            "must not be less than max_request_bytes: no request of that size would be served",
        )


def _no_place_for_the_ledger(file: File) -> Iterator[Problem]:
    path = file.sections[Extension].ledger_in(file.directory)
    if path is None:
        return
    if (problem := why_not_kept(path)) is not None:
        yield Problem(place("dragoman", "ledger"), problem)


def _no_place_for_the_counters(file: File) -> Iterator[Problem]:
    counters = file.sections[Extension].counters
    if counters is not None:
        yield from counters_problems(counters, file.directory)


def _with_overrides(config: Config, file: File) -> Config:
    overrides = file.sections[Overrides]
    return replace(
        config,
        limits=replace(config.limits, connect_timeout=overrides.upstream_connect_timeout),
        tls_ca_path=overrides.upstream_tls_ca_path,
    )


def _with_extension(config: Config, file: File) -> Config:
    extension = file.sections[Extension]
    address, port = address_and_port(extension.admin_address)
    token_variable = file.secrets.variables.get(_ADMIN_TOKEN)
    ledger = extension.ledger_in(file.directory)
    return replace(
        config,
        limits=replace(
            config.limits,
            max_request_bytes=extension.max_request_bytes,
            max_bytes_in_flight=extension.max_bytes_in_flight,
            receive_timeout=extension.receive_timeout,
            timeouts=Timeouts(
                attempt=extension.attempt_timeout,
                first_content=extension.first_content_timeout,
                answer=extension.answer_timeout,
                stream_idle=extension.stream_idle_timeout,
            ),
            max_candidates=extension.max_candidates,
        ),
        cooldowns=extension.cooldowns,
        failover=policy(extension.failover) if extension.failover else config.failover,
        hosts=tuple(extension.allowed_hosts),
        admin=Admin(address, port, extension.kept_decisions, token_variable),
        bounds=bounds_of(extension.bounds),
        inline_caps=inline_caps(extension.inline_preferences, file.known),
        counters=counter_store(extension.counters, file.directory, file.secrets)
        if extension.counters
        else None,
        ledger=None
        if ledger is None
        else LedgerSettings(str(ledger), extension.ledger_days, extension.ledger_max_bytes),
        drain_timeout=extension.drain_timeout,
        transport=Transport(extension.transport),
        unguarded=Unguarded(extension.unguarded),
    )


OVERRIDES: Final = mapping_section("overrides", Overrides, build=_with_overrides)
DRAGOMAN: Final = mapping_section(
    "dragoman",
    Extension,
    entries={
        "`dragoman.bounds`": BoundsEntry,
        "`dragoman.counters`": Counters,
        "`dragoman.limits[]`": LimitEntry,
        "`dragoman.failover`": Failover,
        "`dragoman.inline_preferences`": InlinePreferences,
    },
    look_up=_look_up,
    problems=_problems,
    advice=_advice,
    build=_with_extension,
)
