"""Custom tools, whose input is any text, as functions of one string: nothing is lost.

A grammar for the text goes into the function's description: nothing else holds a model to one, but
models follow those that they are told.
Shapes: ``CustomToolParam``, ``ResponseCustomToolCall`` of the ``openai`` SDK.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from extproc.dialects.translation.common.json_text import json_string
from extproc.dialects.translation.form import Tool

__all__ = ["PARAMETERS", "custom_names", "grammar_of", "is_free", "unwrapped", "wrapped"]

_INPUT = "input"
PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {_INPUT: {"type": "string"}},
    "required": [_INPUT],
    "additionalProperties": False,
}


def is_free(tool: Mapping[str, Any]) -> bool:
    """Whether a tool as a client wrote it is a custom one of text, be that any or of a grammar."""
    given = tool.get("format")
    is_text = given is None or (isinstance(given, dict) and given.get("type") == "text")
    return tool.get("type") == "custom" and (is_text or grammar_of(tool) is not None)


def grammar_of(tool: Mapping[str, Any]) -> str | None:
    """What a custom tool's text must follow, in words for the model; None: nothing."""
    given = tool.get("format")
    if not isinstance(given, dict) or given.get("type") != "grammar":
        return None
    syntax, definition = given.get("syntax"), given.get("definition")
    if not isinstance(syntax, str) or not isinstance(definition, str):
        return None
    return f"`{_INPUT}` must follow this grammar ({syntax}):\n{definition}"


def custom_names(tools: Iterable[Tool]) -> frozenset[str]:
    """The names of the tools that were read as functions and are the client's custom ones."""
    return frozenset(tool.name for tool in tools if tool.kind is None and tool.raw)


def wrapped(text: str) -> str:
    """The arguments of a function for a custom tool's input."""
    return f'{{"{_INPUT}":{json_string(text).decode()}}}'


def unwrapped(arguments: str) -> str:
    """The input of a custom tool in a function's arguments; as it is where it is something else,
    such as an answer that was cut off."""
    try:
        told = orjson.loads(arguments)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return arguments
    text = told.get(_INPUT) if isinstance(told, dict) else None
    return text if isinstance(text, str) else arguments
