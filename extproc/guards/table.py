"""The kinds of guards, one row each: what makes one of its settings.

Guards in the box are imported where one is configured: what they work with takes memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from extproc.core.config import Config
from extproc.core.guards import GuardReport, GuardSettings
from extproc.guards.asking import Asking
from extproc.guards.guard import InputGuard, OutputGuard
from extproc.guards.http_filter import HttpGuard
from extproc.guards.mcp_filter import McpGuard
from extproc.guards.requests import InputPlace, OutputPlace, RequestGuards

__all__ = ["GUARDS", "Kind", "Means", "guards_for"]


@dataclass(frozen=True, slots=True)
class Means:
    """What guards are made with: ``asking`` asks those that are asked over HTTP."""

    asking: Asking


@dataclass(frozen=True, slots=True)
class Kind:
    """How guards of one kind are made: those of requests, and those of answers; None where there
    are none of these."""

    of_requests: Callable[[GuardSettings, Means], InputGuard] | None = None
    of_answers: Callable[[GuardSettings, Means], OutputGuard] | None = None


def _http(settings: GuardSettings, means: Means) -> HttpGuard:
    assert settings.http is not None  # noqa: S101 - what makes this its row
    return HttpGuard(settings, settings.http, means.asking)


def _mcp(settings: GuardSettings, means: Means) -> McpGuard:
    assert settings.mcp is not None  # noqa: S101 - what makes this its row
    return McpGuard(settings, settings.mcp, means.asking)


def _pii(settings: GuardSettings, _: Means) -> InputGuard:
    assert settings.pii is not None  # noqa: S101 - what makes this its row
    from extproc.guards.pii import PiiGuard

    return PiiGuard(settings.pii, settings.deadline)


def _injection(settings: GuardSettings, _: Means) -> InputGuard:
    assert settings.injection is not None  # noqa: S101 - what makes this its row
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
    inputs = [(each, _kind(each).of_requests) for each in config.input_guards]
    outputs = [(each, _kind(each).of_answers) for each in config.output_guards]
    return RequestGuards(
        [InputPlace(each, made(each, means)) for each, made in inputs if made],
        [OutputPlace(each, made(each, means)) for each, made in outputs if made],
        tell,
        config.unguarded,
    )


def _kind(settings: GuardSettings) -> Kind:
    return next(row for kind, row in GUARDS.items() if getattr(settings, kind) is not None)
