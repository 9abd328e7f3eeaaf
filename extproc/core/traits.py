"""What a model takes and how much: what translation adapts a request to, and eligibility asks.

Where nothing is known of a model, every trait is None (unknown): it is then tried as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum

__all__ = ["UNKNOWN", "Thinking", "Traits"]


class Thinking(StrEnum):
    """How a model is told to reason before it answers."""

    NONE = "none"
    """Not at all: it does not reason, or cannot be told to."""
    BUDGET = "budget"
    """By a number of tokens (Anthropic's ``thinking.budget_tokens``)."""
    ADAPTIVE = "adaptive"
    """By itself, with an effort (Anthropic's ``thinking.type: adaptive``)."""
    EFFORT = "effort"
    """By an effort alone (OpenAI's ``reasoning_effort``)."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a model takes; None is unknown.

    ``output_ceiling`` and ``context_window`` are in tokens. ``efforts`` are the efforts that it
    knows, in rising order. ``sampling`` says whether it takes ``temperature``, ``top_p`` and
    ``top_k``; ``stop`` whether it takes stop sequences; ``prefill`` whether the last turn may be
    the assistant's; ``inner_system`` whether a turn in the middle may be the system's;
    ``reasoning_back`` whether it wants its reasoning of earlier turns back (as
    ``reasoning_content``). ``tool_reasoning`` is false where it refuses reasoning together with
    tools on chat completions. ``forced_tools`` says whether it can be made to call a tool (any, or
    a named one); ``thinking_off`` whether it can be told not to reason.
    """

    output_ceiling: int | None = None
    context_window: int | None = None
    thinking: Thinking | None = None
    efforts: tuple[str, ...] | None = None
    sampling: bool | None = None
    stop: bool | None = None
    prefill: bool | None = None
    images: bool | None = None
    documents: bool | None = None
    tools: bool | None = None
    inner_system: bool | None = None
    reasoning_back: bool | None = None
    tool_reasoning: bool | None = None
    forced_tools: bool | None = None
    thinking_off: bool | None = None

    def overridden_by(self, other: Traits) -> Traits:
        """The same, but for what ``other`` knows."""
        known = {name: value for name in _NAMES if (value := getattr(other, name)) is not None}
        return replace(self, **known) if known else self


_NAMES = tuple(each.name for each in fields(Traits))

UNKNOWN = Traits()
