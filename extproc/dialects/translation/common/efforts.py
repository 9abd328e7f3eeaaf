"""How much to reason: efforts, and what budgets of tokens come to."""

from __future__ import annotations

from collections.abc import Sequence

from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.form import ReasoningSettings

__all__ = ["EFFORTS", "asked_effort", "effort_of", "nearest_effort", "reasons"]

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""The form's, in rising order."""
_BUDGETS = ((4_096, "low"), (16_384, "medium"))
"""The largest budget in tokens that each effort stands for; more is ``high``. A policy: no
provider tells what its efforts spend."""


def reasons(traits: Traits) -> bool:
    """Whether the model may be told to reason, as far as is known."""
    return traits.thinking is not Thinking.NONE and traits.efforts != ()


def effort_of(budget: int) -> str:
    """The effort that comes near a budget of tokens."""
    return next((effort for most, effort in _BUDGETS if budget <= most), "high")


def asked_effort(settings: ReasoningSettings) -> str | None:
    """The effort that the settings come to, None where they leave it to the model."""
    if settings.enabled is False:
        return "none"
    if settings.effort is not None or settings.budget is None:
        return settings.effort
    return effort_of(settings.budget)


def nearest_effort(effort: str, known: Sequence[str] | None) -> str:
    """The effort next to ``effort`` among those known: of two, the lesser. One that is no word of
    the form's, or where none is known, stays as it is."""
    if not known or effort in known or effort not in EFFORTS:
        return effort
    wanted = EFFORTS.index(effort)
    rising = [name for name in EFFORTS if name in known]
    return min(rising, key=lambda name: abs(EFFORTS.index(name) - wanted), default=effort)
