"""How a request reaches a model that does not speak its dialect: in which of the model's dialects,
and what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from extproc.core.models import Dialect, Model
from extproc.dialects.translation.form import Request
from extproc.dialects.translation.losses import Loss, Severity
from extproc.dialects.translation.table import TRANSLATORS
from extproc.dialects.translation.translator import Target

__all__ = ["API_VERSION", "Crossing", "crossing", "target"]

API_VERSION = "anthropic-version"
"""The header that says which of its forms a messages request has:
https://docs.anthropic.com/en/api/versioning"""

_NEAREST: Mapping[Dialect, tuple[Dialect, ...]] = MappingProxyType(
    {
        Dialect.CHAT: (Dialect.RESPONSES, Dialect.MESSAGES),
        Dialect.MESSAGES: (Dialect.CHAT, Dialect.RESPONSES),
        Dialect.RESPONSES: (Dialect.CHAT, Dialect.MESSAGES),
    }
)
"""Where two dialects carry a request equally well, the one that comes first here."""

_HEIGHTS = MappingProxyType({Severity.WARN: 1, Severity.RELUCTANT: 2, Severity.SKIP: 3})


@dataclass(frozen=True, slots=True)
class Crossing:
    """A request's way to one model: the dialect that it is written in, for which target, and the
    obstacles that this meets."""

    dialect: Dialect
    target: Target
    obstacles: tuple[Loss, ...] = ()

    @property
    def height(self) -> int:
        """How high the highest obstacle is; 0 where there is none."""
        return max((_HEIGHTS[loss.severity] for loss in self.obstacles), default=0)

    @property
    def lost(self) -> str | None:
        """The code of what another candidate, which carries it, should go first for."""
        reluctant = (loss for loss in self.obstacles if loss.severity is Severity.RELUCTANT)
        return next((loss.code for loss in reluctant), None)

    @property
    def skipped(self) -> tuple[Loss, ...]:
        """The obstacles that cannot be taken."""
        return tuple(loss for loss in self.obstacles if loss.severity is Severity.SKIP)


def target(model: Model, sent_version: str | None = None) -> Target:
    """The model as a request is written for it.

    Args:
        model: the model.
        sent_version: the client's ``anthropic-version``, where it reaches the provider.
    """
    configured = {name.lower(): value for name, value in model.headers.items()}
    default = {name.lower(): value for name, value in model.default_headers.items()}
    version = configured.get(API_VERSION) or sent_version or default.get(API_VERSION, "")
    return Target(model.model_id, model.provider, model.traits, version)


def crossing(request: Request, model: Model) -> Crossing:
    """The best way of a request to a model that does not speak its dialect.

    The client's own headers of its dialect do not go along, so neither does its version.
    """
    wanted = target(model)
    ways = (
        Crossing(dialect, wanted, TRANSLATORS[dialect].obstacles(request, wanted))
        for dialect in _NEAREST[request.dialect]
        if model.serves(dialect)
    )
    return min(ways, key=lambda way: way.height)
