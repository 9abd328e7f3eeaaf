"""How much a chat model is to reason: an effort that it knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.chat.finding_losses import Losses
from extproc.dialects.translation.form import ReasoningSettings

__all__ = ["chosen_effort", "nearest_effort", "refuses_with_tools"]

_RISING: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_BUDGETS: Final = ((4_096, "low"), (16_384, "medium"))
"""The largest budget in tokens that each effort stands for; more is ``high``. A policy: no
provider tells what its efforts spend."""


def nearest_effort(effort: str, known: Sequence[str]) -> str:
    """The effort among those known that is nearest to one of the form's, rather less than more."""
    if effort in known or effort not in _RISING:
        return effort
    wanted = _RISING.index(effort)
    ranked = [name for name in known if name in _RISING]
    return min(ranked, key=lambda name: abs(_RISING.index(name) - wanted), default=effort)


def _asked(settings: ReasoningSettings) -> str | None:
    """The effort that the settings come to, None where they leave it to the model."""
    if settings.enabled is False:
        return "none"
    if settings.effort is not None or settings.budget is None:
        return settings.effort
    return next((effort for most, effort in _BUDGETS if settings.budget <= most), "high")


def refuses_with_tools(settings: ReasoningSettings | None, traits: Traits, *, tools: bool) -> bool:
    """Whether the model would answer 400 to these settings because there are tools, too.

    Some of OpenAI's newest models take both only on responses.
    """
    if settings is None or not tools or traits.tool_reasoning is not False:
        return False
    return _asked(settings) != "none"


def chosen_effort(
    settings: ReasoningSettings | None, traits: Traits, losses: Losses, *, tools: bool
) -> str | None:
    """The effort to write, None where there is none to write.

    Args:
        settings: the client's.
        traits: the model's.
        losses: is told what becomes of them.
        tools: whether the request offers tools.
    """
    if settings is None:
        return None
    if settings.summary is not None:
        losses.of("dropped:summary", "summary", "chat has no say in how reasoning is shown")
    known = traits.efforts
    if refuses_with_tools(settings, traits, tools=tools):
        return "none" if known and "none" in known else None
    asked = _asked(settings)
    if asked is None:
        return None
    name = "effort" if settings.effort is not None else "reasoning"
    if traits.thinking is Thinking.NONE or known == ():
        if asked != "none":
            losses.of("dropped:effort", name, "the model does not reason on request")
        return None
    if known is None:
        # That it is to reason not at all is no effort for every model that knows efforts.
        return None if settings.enabled is False else asked
    nearest = nearest_effort(asked, known)
    if nearest != asked:
        losses.of("clamped:effort", name, f"the model knows the efforts {', '.join(known)}")
    return nearest
