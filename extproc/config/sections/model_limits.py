"""``model_limits`` of a model provider: what an operator knows better of a model than the table of
families (:mod:`extproc.providers.families`), or of a model that is not in it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from extproc.config.fields import Entry
from extproc.core.traits import Thinking, Traits
from extproc.providers.traits import traits_of

__all__ = ["ModelLimits", "model_traits"]

Tokens = Annotated[int, Field(ge=1, le=1_000_000_000)]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


class ModelLimits(Entry):
    """What a model takes and how much. What is not given stays as it is known."""

    context_window: Tokens | None = None
    output_ceiling: Tokens | None = None
    thinking: Literal["none", "budget", "adaptive", "effort"] | None = None
    efforts: list[Effort] | None = None
    thinking_off: bool | None = None
    sampling: bool | None = None
    stop: bool | None = None
    prefill: bool | None = None
    inner_system: bool | None = None
    images: bool | None = None
    documents: bool | None = None
    tools: bool | None = None
    forced_tools: bool | None = None
    tool_reasoning: bool | None = None
    reasoning_back: bool | None = None

    @property
    def traits(self) -> Traits:
        """The same as a value."""
        given = self.model_dump(exclude_none=True)
        if self.thinking is not None:
            given["thinking"] = Thinking(self.thinking)
        if self.efforts is not None:
            given["efforts"] = tuple(self.efforts)
        return Traits(**given)


def model_traits(provider: str, model_id: str, limits: ModelLimits | None) -> Traits:
    """What is known of a model, by its family and by its entry.

    Args:
        provider: the provider's name.
        model_id: what the provider calls the model; for a wildcard, only its entry says anything.
        limits: what the entry says.
    """
    known = traits_of(provider, model_id)
    return known if limits is None else known.overridden_by(limits.traits)
