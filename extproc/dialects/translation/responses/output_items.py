"""The items of a response's output, complete.

Shapes: ``ResponseOutputMessage``, ``ResponseFunctionToolCall`` and ``ResponseReasoningItem`` of the
``openai`` SDK.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extproc.dialects.translation.common.json_text import NO_ARGUMENTS
from extproc.dialects.translation.responses.callees import Callee

__all__ = ["custom_tool_call", "function_call", "message", "output_text", "reasoning", "refusal"]


def output_text(text: str) -> dict[str, Any]:
    """A message's part in words."""
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def refusal(text: str) -> dict[str, Any]:
    """A message's part that says why the model does not do it."""
    return {"type": "refusal", "refusal": text}


def message(item_id: str, content: Sequence[dict[str, Any]], status: str) -> dict[str, Any]:
    """What the assistant says."""
    return {
        "id": item_id,
        "type": "message",
        "status": status,
        "content": content,
        "role": "assistant",
    }


def function_call(
    item_id: str, call_id: str, callee: Callee, arguments: str, status: str
) -> dict[str, Any]:
    """A call of a tool of the client's; no arguments are an empty object once it has ended."""
    if not arguments and status != "in_progress":
        arguments = NO_ARGUMENTS
    return {
        "id": item_id,
        "type": "function_call",
        "status": status,
        "arguments": arguments,
        "call_id": call_id,
        **_called(callee),
    }


def custom_tool_call(item_id: str, call_id: str, callee: Callee, text: str) -> dict[str, Any]:
    """A call of a tool of the client's that takes any text."""
    return {
        "id": item_id,
        "type": "custom_tool_call",
        "call_id": call_id,
        **_called(callee),
        "input": text,
    }


def _called(callee: Callee) -> dict[str, str]:
    if callee.namespace is None:
        return {"name": callee.name}
    return {"name": callee.name, "namespace": callee.namespace}


def reasoning(item_id: str, text: str, encrypted: str | None) -> dict[str, Any]:
    """What the model thought, as a summary."""
    item: dict[str, Any] = {
        "id": item_id,
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": text}] if text else [],
    }
    if encrypted is not None:
        item["encrypted_content"] = encrypted
    return item
