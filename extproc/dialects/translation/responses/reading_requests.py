"""Reads a client's request into the form.

Shape: ``ResponseCreateParams`` of the ``openai`` SDK,
https://platform.openai.com/docs/api-reference/responses/create.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from extproc.core.models import Dialect
from extproc.dialects.inline_routes import INLINE_MEMBERS
from extproc.dialects.malformed import invalid, missing
from extproc.dialects.translation.common.fields import (
    flag,
    integer,
    number,
    object_at,
    optional_text,
    text_at,
)
from extproc.dialects.translation.form import (
    OutputFormat,
    ReasoningSettings,
    Request,
    Text,
    Turn,
)
from extproc.dialects.translation.responses.custom_tools import custom_names
from extproc.dialects.translation.responses.reading_items import read_items
from extproc.dialects.translation.responses.reading_tools import read_choice, read_tools

__all__ = ["read_request"]

_IN_THE_FORM = frozenset(
    {
        "input",
        "instructions",
        "max_output_tokens",
        "model",
        "parallel_tool_calls",
        "reasoning",
        "stream",
        "stream_options",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_p",
        "user",
        *INLINE_MEMBERS,
    }
)
_DEFAULTS: Mapping[str, Any] = {
    "background": False,
    "service_tier": "auto",
    "top_logprobs": 0,
    "truncation": "disabled",
}
"""What means the same as nothing at all, of the API reference."""

_WITHOUT_INPUT = ("previous_response_id", "conversation", "prompt")
"""What may stand for ``input``."""

_SETTINGS = frozenset({"effort", "summary", "generate_summary"})

_PATHS = {
    "max_tokens": "max_output_tokens",
    "reasoning": "reasoning",
    "format": "text.format",
    "verbosity": "text.verbosity",
}


def read_request(body: Mapping[str, Any]) -> Request:
    """The request in a client's body.

    Args:
        body: the parsed body.

    Raises:
        ClientError: it is malformed (400); the message names the place.
    """
    tools = read_tools(body)
    turns = _turns(body, custom_names(tools))
    leading = tuple(takewhile(_is_system_text, turns))
    system = [part for turn in leading for part in turn.parts if isinstance(part, Text)]
    instructions = optional_text(body, "instructions", "")
    if instructions:
        system.insert(0, Text(instructions))
    settings = _object(body, "reasoning")
    text = _object(body, "text")
    extras = _extras(body, settings, text)
    return Request(
        dialect=Dialect.RESPONSES,
        model=optional_text(body, "model", "") or None,
        turns=turns[len(leading) :],
        system=tuple(system),
        tools=tools,
        choice=read_choice(body, tools),
        parallel_tools=flag(body, "parallel_tool_calls"),
        max_tokens=integer(body, "max_output_tokens"),
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        reasoning=_reasoning(settings),
        format=_format(text),
        streamed=body.get("stream") is True,
        include_usage=body.get("stream") is True,
        user=optional_text(body, "user", ""),
        extras=extras,
        paths=_PATHS,
    )


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    return {} if value is None else object_at(value, name)


def _turns(body: Mapping[str, Any], custom: frozenset[str]) -> tuple[Turn, ...]:
    given = body.get("input")
    if given is not None:
        return read_items(given, custom)
    if any(body.get(name) for name in _WITHOUT_INPUT):
        return ()
    raise missing("input")


def _is_system_text(turn: Turn) -> bool:
    return turn.role == "system" and all(isinstance(part, Text) for part in turn.parts)


def _reasoning(settings: Mapping[str, Any]) -> ReasoningSettings | None:
    effort = optional_text(settings, "effort", "reasoning")
    summary = optional_text(settings, "summary", "reasoning")
    if summary is None:
        summary = optional_text(settings, "generate_summary", "reasoning")
    if effort is None and summary is None:
        return None
    return ReasoningSettings(effort=effort, summary=summary)


def _format(text: Mapping[str, Any]) -> OutputFormat | None:
    given = text.get("format")
    if given is None:
        return None
    place = "text.format"
    members = object_at(given, place)
    kind = text_at(members, "type", place)
    if kind == "text":
        return None
    if kind == "json_object":
        return OutputFormat()
    if kind != "json_schema":
        raise invalid(f"{place}.type", "must be one of text, json_object, json_schema")
    return OutputFormat(
        object_at(members.get("schema"), f"{place}.schema"),
        optional_text(members, "name", place),
        optional_text(members, "description", place),
        flag(members, "strict", place),
    )


def _extras(
    body: Mapping[str, Any], settings: Mapping[str, Any], text: Mapping[str, Any]
) -> Mapping[str, Any]:
    extras = {
        name: value
        for name, value in body.items()
        if name not in _IN_THE_FORM
        and value is not None
        and value != []
        and value != {}
        and _DEFAULTS.get(name, _NO_DEFAULT) != value
    }
    for name, value in text.items():
        if name != "format" and value is not None:
            extras[name if name == "verbosity" else f"text.{name}"] = value
    for name, value in settings.items():
        if name not in _SETTINGS and value is not None:
            extras[f"reasoning.{name}"] = value
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and read_choice(body) is None:
        extras["tool_choice"] = choice
    return extras


_NO_DEFAULT = object()
