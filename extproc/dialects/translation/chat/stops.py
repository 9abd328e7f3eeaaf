"""Why an answer ended, in chat's words.

Source: https://platform.openai.com/docs/api-reference/chat/object (``finish_reason``); Mistral's
``model_length`` is its word for a full context window.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from extproc.dialects.translation.form import Stop

__all__ = ["FINISH_REASONS", "REFUSED", "read_stop"]

_STOPS: Final[Mapping[str, Stop]] = {
    "stop": Stop.END,
    "length": Stop.LENGTH,
    "model_length": Stop.LENGTH,
    "tool_calls": Stop.TOOLS,
    "function_call": Stop.TOOLS,
    "content_filter": Stop.REFUSED,
}
FINISH_REASONS: Final[Mapping[Stop, str]] = {
    Stop.END: "stop",
    Stop.SEQUENCE: "stop",
    Stop.PAUSED: "stop",
    Stop.LENGTH: "length",
    Stop.TOOLS: "tool_calls",
    Stop.REFUSED: "content_filter",
}
REFUSED: Final = "The model refused to answer."
"""``message.refusal`` where the provider tells that it refused, but has no words for it."""


def read_stop(finish_reason: object, *, called: bool) -> Stop:
    """Why an answer ended.

    Args:
        finish_reason: the provider's; one that is not known is an ordinary end.
        called: whether the answer calls tools. OpenAI says ``stop`` where the client had named the
            tool, and a client that is not told to run it would wait.
    """
    known = isinstance(finish_reason, str)
    stop = _STOPS.get(str(finish_reason), Stop.END) if known else Stop.END
    if stop is Stop.END:
        return Stop.TOOLS if called else Stop.END
    return Stop.END if stop is Stop.TOOLS and not called else stop
