"""The kinds of guards, one row each: what makes one of its settings.

Guards in the box are imported where one is configured: what they work with takes memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar

from extproc.core.config import Config
from extproc.core.guards import GuardReport, GuardSettings
from extproc.guards.asking import Asking
from extproc.guards.guard import InputGuard, OutputGuard
from extproc.guards.http_filter import HttpGuard
from extproc.guards.mcp_filter import McpGuard
from extproc.guards.requests import InputPlace, OutputPlace, RequestGuards

__all__ = ["GUARDS", "Kind", "Means", "guards_for"]

_Guard = TypeVar("_Guard")


@dataclass(frozen=True, slots=True)
class Means:
    """What guards are made with: ``asking`` asks those that are asked over HTTP."""

    asking: Asking


@dataclass(frozen=True, slots=True)
class Kind:
    """How guards of one kind are made: those of requests, and those of answers; None where there
    are none of these. Of settings of another kind they make none."""

    of_requests: Callable[[GuardSettings, Means], InputGuard | None] | None = None
    of_answers: Callable[[GuardSettings, Means], OutputGuard | None] | None = None


def _http(settings: GuardSettings, means: Means) -> HttpGuard | None:
    asked = settings.http
    return None if asked is None else HttpGuard(settings, asked, means.asking)


def _mcp(settings: GuardSettings, means: Means) -> McpGuard | None:
    asked = settings.mcp
    return None if asked is None else McpGuard(settings, asked, means.asking)


def _pii(settings: GuardSettings, _: Means) -> InputGuard | None:
    if settings.pii is None:
        return None
    from extproc.guards.pii import PiiGuard

    return PiiGuard(settings.pii, settings.deadline)


def _injection(settings: GuardSettings, _: Means) -> InputGuard | None:
    if settings.injection is None:
        return None
    from extproc.guards.injection import InjectionGuard

    return InjectionGuard(settings.injection)


GUARDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "http": Kind(_http, _http),
        "mcp": Kind(_mcp, _mcp),
        "pii": Kind(_pii),
        "injection": Kind(_injection),
    }
)
"""By the field of :class:`extproc.core.guards.GuardSettings` that has a value."""


def guards_for(
    config: Config, means: Means, tell: Callable[[GuardReport], None]
) -> RequestGuards | None:
    """The guards of a configuration; None if it has none.

    Args:
        config: the configuration.
        means: what they are made with.
        tell: is called with what they have said; it must return at once.
    """
    if not config.guards:
        return None
    of_requests = [row.of_requests for row in GUARDS.values()]
    of_answers = [row.of_answers for row in GUARDS.values()]
    return RequestGuards(
        [InputPlace(each, _made(each, means, of_requests)) for each in config.input_guards],
        [OutputPlace(each, _made(each, means, of_answers)) for each in config.output_guards],
        tell,
        config.unguarded,
    )


def _made(
    settings: GuardSettings,
    means: Means,
    makers: Iterable[Callable[[GuardSettings, Means], _Guard | None] | None],
) -> _Guard:
    """The guard that the settings are of.

    Raises:
        ValueError: there is none of their kind on this side: what was to be guarded must not pass.
    """
    for make in makers:
        if make is not None and (guard := make(settings, means)) is not None:
            return guard
    raise ValueError(f"no guard can be made of {settings.name!r} where it stands")
