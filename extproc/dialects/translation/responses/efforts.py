"""How much to reason, in the words that a model knows."""

from __future__ import annotations

from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.form import ReasoningSettings

__all__ = ["asked_effort", "known_effort", "reasons"]

_RISING = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_BUDGETS = ((4_096, "low"), (16_384, "medium"))
"""Up to so many tokens of thinking are which effort, where no API says."""


def reasons(traits: Traits) -> bool:
    """Whether the model may be told to reason, as far as is known."""
    return traits.thinking is not Thinking.NONE and traits.efforts != ()


def asked_effort(settings: ReasoningSettings) -> str | None:
    """The effort that a request asks for; None leaves it to the model."""
    if settings.effort is not None:
        return settings.effort
    if settings.enabled is False:
        return "none"
    if settings.budget is None:
        return None
    return next((effort for most, effort in _BUDGETS if settings.budget <= most), "high")


def known_effort(effort: str, traits: Traits) -> str:
    """The effort next to ``effort`` that the model knows: of two, the lesser. An effort that is no
    known word, or for a model of which none are known, stays as it is."""
    if not traits.efforts or effort in traits.efforts or effort not in _RISING:
        return effort
    asked = _RISING.index(effort)
    known = [name for name in _RISING if name in traits.efforts]
    if not known:
        return effort
    return min(known, key=lambda name: abs(_RISING.index(name) - asked))
