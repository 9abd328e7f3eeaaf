"""A client's request in Anthropic's dialect, read.

Shapes: ``anthropic.types.message_create_params`` and its beta form,
https://docs.anthropic.com/en/api/messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.core.models import Dialect
from extproc.dialects.malformed import invalid
from extproc.dialects.translation.common.fields import (
    flag,
    integer,
    number,
    object_at,
    objects_at,
    optional_text,
    text_at,
    texts_at,
)
from extproc.dialects.translation.form import (
    Choice,
    ChoiceMode,
    OutputFormat,
    ReasoningSettings,
    Request,
    Tool,
)
from extproc.dialects.translation.messages.reading_turns import cache_mark, read_system, read_turns
from extproc.dialects.translation.messages.strays import Strays

__all__ = ["read_request"]

_MODES = {
    "auto": ChoiceMode.AUTO,
    "any": ChoiceMode.REQUIRED,
    "tool": ChoiceMode.NAMED,
    "none": ChoiceMode.NONE,
}
_NEUTRAL: Mapping[str, Any] = {"service_tier": "auto", "speed": "standard"}
_THINKING = frozenset({"enabled", "adaptive", "disabled"})
"""Other kinds of thinking are extras."""
_PREVIOUS = "previous_message_id"
_TOOL = frozenset({"type", "name", "description", "input_schema", "strict", "cache_control"})
_PLACED = frozenset(
    {
        "model",
        "messages",
        "system",
        "tools",
        "tool_choice",
        "max_tokens",
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "stream",
        "thinking",
        "output_config",
        "output_format",
        "metadata",
        "thread",
        # Clouds that carry Anthropic's dialect put these headers into the body.
        "anthropic_version",
        "anthropic_beta",
    }
)


def _tool(tool: Mapping[str, Any], path: str, strays: Strays) -> Tool:
    kind = optional_text(tool, "type", path)
    if kind not in (None, "custom"):
        return Tool(optional_text(tool, "name", path) or "", kind=kind, raw=tool)
    strays.keep(tool, _TOOL, path)
    schema = tool.get("input_schema")
    return Tool(
        text_at(tool, "name", path),
        optional_text(tool, "description", path),
        None if schema is None else object_at(schema, f"{path}.input_schema"),
        flag(tool, "strict", path),
        cache_mark(tool, path),
    )


def _tools(body: Mapping[str, Any], strays: Strays) -> tuple[Tool, ...]:
    if body.get("tools") is None:
        return ()
    return tuple(_tool(tool, path, strays) for path, tool in objects_at(body["tools"], "tools"))


def _choice(body: Mapping[str, Any]) -> tuple[Choice | None, bool | None]:
    """Which tools are called, and whether several at once."""
    if body.get("tool_choice") is None:
        return None, None
    choice = object_at(body["tool_choice"], "tool_choice")
    kind = choice.get("type")
    mode = _MODES.get(kind) if isinstance(kind, str) else None
    if mode is None:
        raise invalid("tool_choice.type", f"must be one of {', '.join(_MODES)}")
    name = text_at(choice, "name", "tool_choice") if mode is ChoiceMode.NAMED else None
    alone = flag(choice, "disable_parallel_tool_use", "tool_choice")
    return Choice(mode, name), None if alone is None else not alone


def _reasoning(thinking: object, config: Mapping[str, Any]) -> ReasoningSettings | None:
    effort = optional_text(config, "effort", "output_config")
    bare = None if effort is None else ReasoningSettings(effort)
    if thinking is None:
        return bare
    settings = object_at(thinking, "thinking")
    kind = text_at(settings, "type", "thinking")
    if kind not in _THINKING:
        return bare
    return ReasoningSettings(
        effort=effort,
        budget=integer(settings, "budget_tokens", "thinking", least=0),
        adaptive=kind == "adaptive",
        enabled=kind != "disabled",
        summary=optional_text(settings, "display", "thinking"),
    )


def _format(body: Mapping[str, Any], config: Mapping[str, Any]) -> OutputFormat | None:
    path = "output_config.format" if config.get("format") is not None else "output_format"
    given = config.get("format") if config.get("format") is not None else body.get("output_format")
    if given is None:
        return None
    wanted = object_at(given, path)
    if wanted.get("type") != "json_schema":
        raise invalid(f"{path}.type", "must be 'json_schema'")
    return OutputFormat(object_at(wanted.get("schema"), f"{path}.schema"))


def _thread(body: Mapping[str, Any]) -> dict[str, Any]:
    """A thread that begins here, or the message that one goes on from: only who made it has it."""
    thread = object_at(body.get("thread") or {}, "thread")
    previous = optional_text(thread, _PREVIOUS, "thread")
    return {_PREVIOUS: previous} if previous else {"thread": thread} if thread else {}


def _beside(holder: Mapping[str, Any], known: frozenset[str], path: str) -> dict[str, Any]:
    """What an object has that the form has no place for, under the names of its places."""
    return {
        f"{path}.{name}": value
        for name, value in holder.items()
        if name not in known and value is not None
    }


def read_request(body: Mapping[str, Any]) -> Request:
    """The request in a client's body.

    Args:
        body: parsed.

    Raises:
        ClientError: something is malformed so that it cannot be carried (400); the message and
            ``param`` name its place.
    """
    strays = Strays()
    config = object_at(body.get("output_config") or {}, "output_config")
    metadata = object_at(body.get("metadata") or {}, "metadata")
    choice, parallel = _choice(body)
    streamed = flag(body, "stream") or False
    turns = read_turns(body.get("messages"), strays)
    system = read_system(body.get("system"), "system", strays)
    tools = _tools(body, strays)
    thinking = body.get("thinking")
    reasoning = _reasoning(thinking, config)
    extras = {
        name: value
        for name, value in body.items()
        if name not in _PLACED and value not in (None, [], {}) and value != _NEUTRAL.get(name)
    }
    if thinking is not None and thinking["type"] not in _THINKING:
        extras["thinking"] = thinking
    extras |= _thread(body) | _beside(config, frozenset({"effort", "format"}), "output_config")
    extras |= _beside(metadata, frozenset({"user_id"}), "metadata")
    paths = {name: path for name, path in strays.paths.items() if name not in extras}
    if _PREVIOUS in extras:
        paths[_PREVIOUS] = f"thread.{_PREVIOUS}"
    return Request(
        dialect=Dialect.MESSAGES,
        model=optional_text(body, "model", ""),
        turns=turns,
        system=system,
        tools=tools,
        choice=choice,
        parallel_tools=parallel,
        max_tokens=integer(body, "max_tokens", least=0),
        temperature=number(body, "temperature"),
        top_p=number(body, "top_p"),
        top_k=integer(body, "top_k", least=0),
        stop=texts_at(body, "stop_sequences"),
        reasoning=reasoning,
        format=_format(body, config),
        streamed=streamed,
        # A stream of this dialect always tells its usage.
        include_usage=streamed,
        user=optional_text(metadata, "user_id", "metadata"),
        extras={**strays.values, **extras},
        paths=paths,
    )
