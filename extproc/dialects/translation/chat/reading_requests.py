"""Reads a client's chat request into the form in the middle.

Shapes: https://platform.openai.com/docs/api-reference/chat/create; the type definitions are those
of the ``openai`` SDK (``CompletionCreateParams``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from extproc.core.models import Dialect
from extproc.dialects.inline_routes import INLINE_MEMBERS
from extproc.dialects.translation.chat.conventions import NEUTRAL
from extproc.dialects.translation.chat.places import Leftovers
from extproc.dialects.translation.chat.reading_messages import read_messages
from extproc.dialects.translation.chat.reading_tools import read_choice, read_tools
from extproc.dialects.translation.common.efforts import EFFORTS
from extproc.dialects.translation.common.fields import flag, integer, number, optional_text, wrong
from extproc.dialects.translation.form import OutputFormat, ReasoningSettings, Request

__all__ = ["read_request"]

_PLACED: Final = frozenset(
    {
        "model",
        "messages",
        "tools",
        "functions",
        "tool_choice",
        "function_call",
        "parallel_tool_calls",
        "max_completion_tokens",
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "stop",
        "response_format",
        "stream",
        "stream_options",
        "user",
        *INLINE_MEMBERS,
    }
)
"""``stream_options`` has no more to say than whether usage is wanted: ``include_obfuscation`` pads
what is sent against listeners, and changes no answer."""
_DEFAULT_EFFORT: Final = "default"
"""Some providers' word for the effort of a model that is told none."""


def _stop(stop: object) -> tuple[str, ...]:
    if stop is None:
        return ()
    if isinstance(stop, str):
        return (stop,)
    if isinstance(stop, list) and all(isinstance(sequence, str) for sequence in stop):
        return tuple(stop)
    raise wrong("stop", "a string or an array of strings")


def _format(given: object) -> OutputFormat | None:
    if given is None:
        return None
    kind = given.get("type") if isinstance(given, dict) else None
    if kind == "text":
        return None
    if kind == "json_object":
        return OutputFormat()
    if not isinstance(given, dict) or kind != "json_schema":
        raise wrong("response_format", "an object of type 'text', 'json_object' or 'json_schema'")
    place, described = "response_format.json_schema", given.get("json_schema")
    if not isinstance(described, dict):
        raise wrong(place, "an object")
    schema = described.get("schema")
    if schema is not None and not isinstance(schema, dict):
        raise wrong(f"{place}.schema", "an object: a JSON Schema")
    inside: dict[str, Any] = {}
    for name, kinds, expected in (
        ("name", str, "a string"),
        ("description", str, "a string"),
        ("strict", bool, "true or false"),
    ):
        value = described.get(name)
        if value is not None and not isinstance(value, kinds):
            raise wrong(f"{place}.{name}", expected)
        inside[name] = value
    return OutputFormat(schema=schema or {}, **inside)


def _reasoning(body: Mapping[str, Any]) -> ReasoningSettings | None:
    effort = optional_text(body, "reasoning_effort")
    return ReasoningSettings(effort=effort) if effort in EFFORTS else None


def _wants_usage(body: Mapping[str, Any]) -> bool:
    options = body.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise wrong("stream_options", "an object")
    return options is not None and options.get("include_usage") is True


def _leftovers(body: Mapping[str, Any], reasoning: ReasoningSettings | None) -> Leftovers:
    found = Leftovers()
    for name, value in body.items():
        if name in _PLACED or value is None or (name == "reasoning_effort" and reasoning):
            continue
        if name == "reasoning_effort" and value == _DEFAULT_EFFORT:
            continue
        if value not in NEUTRAL.get(name, ()):
            found.members[name] = value
    return found


def read_request(body: Mapping[str, Any]) -> Request:
    """The request in a client's body.

    Args:
        body: as it was parsed, an object.

    Raises:
        ClientError: something in it is malformed and cannot be carried; the message and ``param``
            name its place (400).
    """
    reasoning = _reasoning(body)
    leftovers = _leftovers(body, reasoning)
    system, turns = read_messages(body.get("messages"), leftovers)
    tools = read_tools(body, leftovers)
    parallel = flag(body, "parallel_tool_calls")
    if body.get("functions") is not None:
        # The answer's older form has room for one call.
        leftovers.paths["tools"] = "functions"
        parallel = False
    most, older = integer(body, "max_completion_tokens"), integer(body, "max_tokens")
    if most is not None:
        leftovers.paths["max_tokens"] = "max_completion_tokens"
    return Request(
        dialect=Dialect.CHAT,
        model=optional_text(body, "model") or None,
        turns=turns,
        system=system,
        tools=tools,
        choice=read_choice(body),
        parallel_tools=parallel,
        max_tokens=older if most is None else most,
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        top_k=integer(body, "top_k"),
        stop=_stop(body.get("stop")),
        reasoning=reasoning,
        format=_format(body.get("response_format")),
        streamed=flag(body, "stream") is True,
        include_usage=_wants_usage(body),
        user=optional_text(body, "user") or None,
        extras=leftovers.members,
        paths=leftovers.paths,
    )
