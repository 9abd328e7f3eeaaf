"""Why an answer ended, in Anthropic's words and in the form's (``anthropic.types.StopReason``)."""

from __future__ import annotations

from typing import Any

from extproc.dialects.translation.form import Stop

__all__ = ["read_stop", "refusal_text", "stop_details", "stop_reason"]

_STOPS = {
    "end_turn": Stop.END,
    "stop_sequence": Stop.SEQUENCE,
    "max_tokens": Stop.LENGTH,
    "model_context_window_exceeded": Stop.LENGTH,
    "tool_use": Stop.TOOLS,
    "refusal": Stop.REFUSED,
    "pause_turn": Stop.PAUSED,
}
_REASONS = {
    Stop.END: "end_turn",
    Stop.SEQUENCE: "stop_sequence",
    Stop.LENGTH: "max_tokens",
    Stop.TOOLS: "tool_use",
    Stop.REFUSED: "refusal",
    Stop.PAUSED: "pause_turn",
}
_REFUSED = "The provider's safeguards stopped this answer."


def read_stop(reason: object) -> Stop:
    """What a provider's ``stop_reason`` means; END where nobody knows it."""
    return _STOPS.get(reason, Stop.END) if isinstance(reason, str) else Stop.END


def refusal_text(details: object) -> str:
    """The words for a refusal: Anthropic tells them in ``stop_details``, or not at all."""
    explanation = details.get("explanation") if isinstance(details, dict) else None
    return explanation if isinstance(explanation, str) and explanation else _REFUSED


def stop_reason(stop: Stop, *, called: bool, refused: bool) -> str:
    """A client's ``stop_reason``.

    Args:
        stop: why the answer ended.
        called: whether it holds a tool call. OpenAI says ``stop`` after a call that was forced;
            Anthropic's clients run tools only when told ``tool_use``.
        refused: whether the model refused in words.
    """
    if refused:
        return _REASONS[Stop.REFUSED]
    return _REASONS[Stop.TOOLS if stop is Stop.END and called else stop]


def stop_details(words: str | None) -> dict[str, Any]:
    """A client's ``stop_details`` of a refusal (``anthropic.types.RefusalStopDetails``)."""
    return {"type": "refusal", "category": None, "explanation": words}
