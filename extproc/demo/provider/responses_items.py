"""The objects of OpenAI's responses: responses, their output items and what they cost."""

from __future__ import annotations

from typing import Any

from extproc.demo.provider.answer import Answer, Part, PartKind, Stop
from extproc.demo.provider.seal import encrypt

__all__ = ["content_part", "finished", "is_incomplete", "item", "item_id", "response"]

_PREFIXES = {PartKind.REASONING: "rs", PartKind.CALL: "fc"}
_CALL_PREFIX = "call_"
_REASONS = {
    Stop.LENGTH: "max_output_tokens",
    Stop.CONTEXT: "max_output_tokens",
    Stop.FILTER: "content_filter",
}


def is_incomplete(answer: Answer) -> bool:
    """Whether the answer ends before it is complete."""
    return answer.stop in _REASONS


def finished(answer: Answer) -> dict[str, Any]:
    """The response, with all items and the usage."""
    usage = answer.usage
    status = "incomplete" if is_incomplete(answer) else "completed"
    indexes = range(len(answer.parts))
    done: dict[str, Any] = {
        "output": [item(answer, index, "completed") for index in indexes],
        "usage": {
            "input_tokens": usage.input,
            "input_tokens_details": {
                "cached_tokens": usage.cached,
                "cache_write_tokens": usage.written,
            },
            "output_tokens": usage.output,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning},
            "total_tokens": usage.input + usage.output,
        },
    }
    if is_incomplete(answer):
        done["incomplete_details"] = {"reason": _REASONS[answer.stop]}
    return response(answer, status) | done


def item_id(answer: Answer, index: int) -> str:
    """The id of the item that a part of the answer is."""
    return f"{_PREFIXES.get(answer.parts[index].kind, 'msg')}_{answer.key}{index}"


def item(answer: Answer, index: int, status: str) -> dict[str, Any]:
    """The item that a part of the answer is, empty as long as it is in progress."""
    part = answer.parts[index]
    done = status != "in_progress"
    match part.kind:
        case PartKind.CALL:
            call = answer.call(index, _CALL_PREFIX)
            return {
                "id": item_id(answer, index),
                "type": "function_call",
                "status": status,
                "arguments": call.arguments if done else "",
                "call_id": call.id,
                "name": call.name,
            }
        case PartKind.REASONING:
            return _reasoning(answer, index, part, done=done)
    return {
        "id": item_id(answer, index),
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [content_part(part.kind, part.text)] if done else [],
    }


def content_part(kind: PartKind, text: str) -> dict[str, Any]:
    """A part of a message."""
    if kind is PartKind.REFUSAL:
        return {"type": "refusal", "refusal": text}
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def _reasoning(answer: Answer, index: int, part: Part, *, done: bool) -> dict[str, Any]:
    summary = [{"type": "summary_text", "text": part.text}] if done and part.pieces else []
    found: dict[str, Any] = {
        "id": item_id(answer, index),
        "type": "reasoning",
        "summary": summary,
    }
    include = answer.request.get("include")
    if isinstance(include, list) and "reasoning.encrypted_content" in include:
        found["encrypted_content"] = encrypt(answer.provider, part.text or answer.key)
    return found


def response(answer: Answer, status: str) -> dict[str, Any]:
    """The response without its output. It repeats the request's settings."""
    said = answer.request
    found: dict[str, Any] = {
        "id": f"resp_{answer.key}",
        "object": "response",
        "created_at": answer.created,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "metadata": {},
        "model": answer.model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "user": None,
    }
    for name in _REPEATED:
        if (value := said.get(name)) is not None:
            found[name] = value
    for name in ("reasoning", "text"):
        if isinstance(value := said.get(name), dict):
            found[name] = _DEFAULTS[name] | value
    if isinstance(tools := said.get("tools"), list):
        found["tools"] = [_tool(tool) for tool in tools]
    return found


_DEFAULTS: dict[str, dict[str, Any]] = {
    "reasoning": {"effort": None, "summary": None},
    "text": {"format": {"type": "text"}},
}
_REPEATED = (
    "instructions",
    "max_output_tokens",
    "metadata",
    "parallel_tool_calls",
    "previous_response_id",
    "temperature",
    "tool_choice",
    "top_p",
    "truncation",
    "user",
)


def _tool(tool: Any) -> Any:
    if isinstance(tool, dict) and tool.get("type") == "function":
        return {"description": None, "parameters": None, "strict": True} | tool
    return tool
