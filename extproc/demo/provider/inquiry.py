"""What a fake provider understands of a request body: only what its answer depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

__all__ = ["Inquiry", "read_inquiry", "results_in", "schema_in", "tools_in"]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Which model is asked, and how it is to answer; ``body`` is all that was said."""

    model: str
    stream: bool
    body: Mapping[str, Any]


def read_inquiry(body: bytes) -> Inquiry:
    """Read a request body of any of the dialects.

    Raises:
        ValueError: the body is not a JSON object, or names no model.
    """
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"The body is not JSON: {error}.") from None
    if not isinstance(said, dict):
        raise ValueError("The body is not a JSON object.")
    model = said.get("model")
    if not isinstance(model, str) or not model:
        raise ValueError("The body names no model.")
    return Inquiry(model=model, stream=said.get("stream") is True, body=said)


def tools_in(body: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The functions that a request of any dialect lets be called now, and the schemas of their
    arguments."""
    choice = body.get("tool_choice")
    if choice == "none" or (isinstance(choice, dict) and choice.get("type") == "none"):
        return []
    tools = []
    for tool in _objects(body.get("tools")):
        function = _object(tool.get("function")) or tool
        schema = function.get("parameters", function.get("input_schema"))
        if isinstance(function.get("name"), str):
            tools.append((function["name"], schema))
    if isinstance(choice, dict):
        named = (_object(choice.get("function")) or choice).get("name")
        if named is not None:
            tools = [tool for tool in tools if tool[0] == named]
        if choice.get("disable_parallel_tool_use"):
            tools = tools[:1]
    return tools[:1] if body.get("parallel_tool_calls") is False else tools


def results_in(body: Mapping[str, Any]) -> list[str]:
    """The results of tools with which a conversation of any dialect ends, as text."""
    results: list[str] = []
    for turn in reversed(_objects(body.get("input")) or _objects(body.get("messages"))):
        if turn.get("role") == "tool":
            results.append(_text(turn.get("content")))
        elif turn.get("type") == "function_call_output":
            results.append(_text(turn.get("output")))
        elif found := [b for b in _objects(turn.get("content")) if b.get("type") == "tool_result"]:
            results += [_text(block.get("content")) for block in reversed(found)]
            break
        else:
            break
    return results[::-1]


def schema_in(body: Mapping[str, Any]) -> Any:
    """The JSON Schema that the answer is to follow; None if there is none."""
    chat = _object(_object(body.get("response_format")).get("json_schema"))
    messages = _object(_object(body.get("output_config")).get("format"))
    responses = _object(_object(body.get("text")).get("format"))
    return next((form["schema"] for form in (chat, messages, responses) if "schema" in form), None)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    texts = (part.get("text") for part in _objects(content))
    return "".join(text for text in texts if isinstance(text, str))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
