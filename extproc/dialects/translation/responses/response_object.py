"""The response object that an answer, whole or streamed, is told in.

Shape: ``Response`` of the ``openai`` SDK. It repeats what the client asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from extproc.dialects.translation.common.json_text import json_bytes
from extproc.dialects.translation.form import (
    ChoiceMode,
    OutputFormat,
    Request,
    Stop,
    Tool,
    Usage,
)
from extproc.dialects.translation.responses.callees import Callees, regrouped
from extproc.dialects.translation.responses.usage import write_usage
from extproc.dialects.translation.translator import Echo

__all__ = ["opening", "outcome", "response"]

_BETWEEN_BLOCKS = "\n\n"
_DEFAULT_SAMPLING = 1.0
_EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})
_SUMMARIES = frozenset({"auto", "concise", "detailed"})
_TIERS = frozenset({"auto", "default", "flex", "scale", "priority", "fast", "ultrafast"})
_VERBOSITIES = frozenset({"low", "medium", "high"})

_PLAIN = b'{"format":{"type":"text"}}'

_INCOMPLETE = {Stop.LENGTH: "max_output_tokens", Stop.REFUSED: "content_filter"}
"""Why a response is not complete."""


def opening(response_id: str, created: int, echo: Echo, service_tier: str | None) -> dict[str, Any]:
    """The members that stay the same from the beginning of a response to its end.

    Args:
        response_id: the response's.
        created: seconds since the epoch.
        echo: what the response repeats.
        service_tier: as the provider told it; others than OpenAI's are left out.
    """
    request = echo.request
    extras = request.extras
    return {
        "id": response_id,
        "object": "response",
        "created_at": created,
        "background": False,
        "instructions": _BETWEEN_BLOCKS.join(text.text for text in request.system) or None,
        "max_output_tokens": request.max_tokens,
        "max_tool_calls": None,
        "metadata": _metadata(extras.get("metadata")),
        "model": echo.model,
        "parallel_tool_calls": request.parallel_tools is not False,
        "previous_response_id": None,
        "prompt_cache_key": _text(extras.get("prompt_cache_key")),
        "reasoning": _reasoning(request),
        "safety_identifier": _text(extras.get("safety_identifier")),
        "service_tier": service_tier if service_tier in _TIERS else "default",
        "temperature": _DEFAULT_SAMPLING if request.temperature is None else request.temperature,
        "text": _serialised(_text_settings(request), _PLAIN),
        "tool_choice": _choice(request),
        "tools": _serialised([_tool(tool) for tool in regrouped(request.tools)], b"[]"),
        "top_logprobs": 0,
        "top_p": _DEFAULT_SAMPLING if request.top_p is None else request.top_p,
        "truncation": "disabled",
        "user": request.user,
    }


def response(
    own: Mapping[str, Any],
    status: str,
    output: Sequence[Mapping[str, Any]],
    *,
    reason: str | None = None,
    error: Mapping[str, Any] | None = None,
    usage: Usage | None = None,
) -> dict[str, Any]:
    """A response as it is at one moment.

    Args:
        own: what :func:`opening` gave.
        status: one of in_progress, completed, incomplete, failed.
        output: the items so far.
        reason: why it is incomplete.
        error: why it failed.
        usage: the tokens, once they are known.
    """
    return {
        **own,
        "status": status,
        "completed_at": own["created_at"] if status == "completed" else None,
        "error": error,
        "incomplete_details": None if reason is None else {"reason": reason},
        "output": output,
        "usage": None if usage is None else write_usage(usage),
    }


def outcome(stop: Stop) -> tuple[str, str | None]:
    """The status of a response, and why it is incomplete, None where it is complete.

    A refusal in the model's own words is complete: :data:`Stop.REFUSED` without words is a filter.
    """
    reason = _INCOMPLETE.get(stop)
    return ("completed" if reason is None else "incomplete"), reason


def _serialised(value: Any, otherwise: bytes) -> orjson.Fragment:
    """Schemas, written once for all events of a stream; ``otherwise`` if they are nested too deeply
    to be written at all."""
    try:
        return orjson.Fragment(json_bytes(value))
    except TypeError:
        return orjson.Fragment(otherwise)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _metadata(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        return {}
    return {name: word for name, word in value.items() if isinstance(word, str)}


def _reasoning(request: Request) -> Mapping[str, str | None]:
    settings = request.reasoning
    effort = settings.effort if settings is not None else None
    summary = settings.summary if settings is not None else None
    return {
        "effort": effort if effort in _EFFORTS else None,
        "summary": summary if summary in _SUMMARIES else None,
    }


def _text_settings(request: Request) -> Mapping[str, Any]:
    verbosity = request.extras.get("verbosity")
    known = isinstance(verbosity, str) and verbosity in _VERBOSITIES
    return {"format": _format(request.format), "verbosity": verbosity if known else "medium"}


def _format(wanted: OutputFormat | None) -> Mapping[str, Any]:
    if wanted is None:
        return {"type": "text"}
    if wanted.schema is None:
        return {"type": "json_object"}
    return {
        "type": "json_schema",
        "name": wanted.name or "",
        "description": wanted.description,
        "schema": wanted.schema,
        "strict": wanted.strict,
    }


def _choice(request: Request) -> str | Mapping[str, Any]:
    choice = request.choice
    if choice is None:
        return ChoiceMode.AUTO.value
    callees = Callees(request.tools)
    named = [
        {"type": "custom" if callee.is_custom else "function", "name": callee.name}
        for callee in map(callees.find, choice.allowed or (choice.name or "",))
    ]
    if choice.mode is ChoiceMode.NAMED:
        return named[0]
    if choice.allowed is not None:
        return {"type": "allowed_tools", "mode": choice.mode.value, "tools": named}
    return choice.mode.value


def _tool(tool: Tool | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(tool, Tool):
        return tool
    if tool.raw:
        return tool.raw
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters,
        "strict": tool.strict,
    }
