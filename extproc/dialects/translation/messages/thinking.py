"""How a model of Anthropic's is told to think: by itself with an effort, or by a budget.

https://platform.claude.com/docs/en/build-with-claude/thinking,
https://platform.claude.com/docs/en/build-with-claude/effort.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from extproc.core.traits import Thinking, Traits
from extproc.dialects.translation.common.efforts import EFFORTS, effort_of, nearest_effort
from extproc.dialects.translation.common.finding_losses import dropped
from extproc.dialects.translation.form import ReasoningSettings
from extproc.dialects.translation.losses import Loss

__all__ = [
    "LEAST_BUDGET",
    "UNTHOUGHT",
    "Told",
    "goes_on_unthought",
    "has_budget",
    "known_effort",
    "told_to_think",
]

LEAST_BUDGET = 1024
_MOST_BUDGET = 32_000
"""Anthropic advises batches beyond it; an effort says nothing that would justify more."""

_ANTHROPIC = ("low", "medium", "high", "xhigh", "max")
_SHARES = {"minimal": 0.1, "low": 0.2, "medium": 0.5, "high": 0.8, "xhigh": 0.9, "max": 0.95}
"""Of ``max_tokens``, which bounds thinking and answer together."""
_DEFAULT_EFFORT = "medium"


UNTHOUGHT = "with a budget, the model goes on only from calls that it has thought about itself"
_THOUGHTS = ("thinking", "redacted_thinking")


def goes_on_unthought(messages: Sequence[Any]) -> bool:
    """Whether the last message gives results of calls before which nothing signed was thought.

    Anthropic answers 400 to such a request where thinking has a budget; where it is adaptive, it
    does not: https://platform.claude.com/docs/en/build-with-claude/thinking.
    """
    if len(messages) < 2:
        return False
    called, given = _first(messages[-2]), _first(messages[-1])
    return given == "tool_result" and called not in _THOUGHTS


def _first(message: object) -> object:
    content = message.get("content") if isinstance(message, dict) else None
    block = content[0] if isinstance(content, list) and content else None
    return block.get("type") if isinstance(block, dict) else None


def has_budget(settings: ReasoningSettings, traits: Traits) -> bool:
    """Whether a model is told to think by a budget. Where its way is not known, a budget stays a
    budget and everything else is adaptive."""
    if traits.thinking is None:
        return settings.budget is not None
    return traits.thinking is Thinking.BUDGET


@dataclass(frozen=True, slots=True)
class Told:
    """The members ``thinking`` and ``output_config.effort``, None where they are left out."""

    thinking: dict[str, Any] | None = None
    effort: str | None = None
    losses: tuple[Loss, ...] = ()


def known_effort(effort: str, traits: Traits) -> str | None:
    """The effort next to ``effort`` that the model knows; None where it knows none, or nobody knows
    ``effort``."""
    known = [level for level in traits.efforts or _ANTHROPIC if level in _ANTHROPIC]
    if traits.efforts == () or not known or effort not in EFFORTS:
        return None
    return nearest_effort(effort, known)


def _budgeted(settings: ReasoningSettings, max_tokens: int, path: str) -> Told:
    if max_tokens <= LEAST_BUDGET:
        reason = f"a budget of at least {LEAST_BUDGET:,} tokens must be below max_tokens"
        return Told(losses=(dropped("effort", path, reason),))
    wanted = settings.budget
    if wanted is None:
        share = _SHARES.get(settings.effort or _DEFAULT_EFFORT, _SHARES[_DEFAULT_EFFORT])
        wanted = min(int(max_tokens * share), _MOST_BUDGET)
    budget = min(max(wanted, LEAST_BUDGET), max_tokens - 1)
    losses: tuple[Loss, ...] = ()
    if settings.budget is not None and budget != settings.budget:
        reason = f"it must be from {LEAST_BUDGET:,} to below max_tokens"
        losses = (Loss("clamped:effort", path, reason=reason),)
    return Told({"type": "enabled", "budget_tokens": budget}, losses=losses)


def _effort(settings: ReasoningSettings, traits: Traits, path: str) -> Told:
    """The effort alone."""
    effort = settings.effort
    if effort is None and settings.budget is not None:
        effort = effort_of(settings.budget)
    if effort is None or effort == "none":
        return Told()
    known = known_effort(effort, traits)
    if known is None:
        return Told(losses=(dropped("effort", path, "the model does not know it"),))
    if known == effort or effort == "minimal":
        return Told(effort=known)
    reason = f"the model knows {known} at the nearest"
    return Told(effort=known, losses=(Loss("clamped:effort", path, reason=reason),))


def told_to_think(
    settings: ReasoningSettings,
    traits: Traits,
    max_tokens: int,
    path: str,
    *,
    wanted: bool = True,
    barred: str | None = None,
) -> Told:
    """What a request says about thinking, for a model.

    Args:
        settings: what the client wants.
        traits: what the model takes. Where that is not known, a budget stays a budget and
            everything else is adaptive.
        max_tokens: the request's.
        path: where the client said so.
        wanted: whether thinking itself is asked for, not only an effort for the whole answer.
        barred: why this request allows no thinking, None where it does.
    """
    style = traits.thinking
    if style is None:
        style = Thinking.BUDGET if has_budget(settings, traits) else Thinking.ADAPTIVE
    if style is Thinking.NONE:
        reason = "the model does not think"
        return Told(losses=(dropped("effort", path, reason),) if wanted else ())
    if style is Thinking.BUDGET:
        if not wanted:
            return Told()
        if barred is not None:
            return Told(losses=(dropped("effort", path, barred),))
        return _budgeted(settings, max_tokens, path)
    told = _effort(settings, traits, path)
    if not wanted or style is Thinking.EFFORT:
        return told
    if barred is not None:
        return Told(None, told.effort, (*told.losses, dropped("effort", path, barred)))
    losses = told.losses
    if settings.budget is not None:
        reason = "the model measures its thinking itself"
        losses = (*losses, Loss("adapted:thinking", path, reason=reason))
    return Told({"type": "adaptive"}, told.effort, losses)
