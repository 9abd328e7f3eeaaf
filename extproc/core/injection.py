"""What a guard against attacks on models is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["InjectionAction", "InjectionRules"]


class InjectionAction(StrEnum):
    """What becomes of a request that looks like an attack."""

    OBSERVE = "observe"
    """It goes on, and is counted."""
    BLOCK = "block"
    """It is refused."""


@dataclass(frozen=True, slots=True)
class InjectionRules:
    """``threshold`` is the score, 0 to 1, from which a request is taken for an attack. ``message``
    is what its client is told; None for words of ours."""

    threshold: float = 0.9
    action: InjectionAction = InjectionAction.OBSERVE
    message: str | None = None
