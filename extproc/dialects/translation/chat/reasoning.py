"""How much a chat model is to reason: an effort that it knows."""

from __future__ import annotations

from extproc.core.traits import Traits
from extproc.dialects.translation.common.efforts import asked_effort, nearest_effort, reasons
from extproc.dialects.translation.common.finding_losses import RequestLosses
from extproc.dialects.translation.form import ReasoningSettings

__all__ = ["chosen_effort", "refuses_with_tools"]


def refuses_with_tools(settings: ReasoningSettings | None, traits: Traits, *, tools: bool) -> bool:
    """Whether the model would answer 400 to these settings because there are tools, too.

    Some of OpenAI's newest models take both only on responses.
    """
    if settings is None or not tools or traits.tool_reasoning is not False:
        return False
    return asked_effort(settings) != "none"


def chosen_effort(
    settings: ReasoningSettings | None, traits: Traits, losses: RequestLosses, *, tools: bool
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
    asked = asked_effort(settings)
    if asked is None:
        return None
    name = "effort" if settings.effort is not None else "reasoning"
    if not reasons(traits):
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
