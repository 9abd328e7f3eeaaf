"""Reads the messages of a chat: who said what, which tools were called, what they gave.

Shapes: https://platform.openai.com/docs/api-reference/chat/create, with the older
``function_call`` and role ``function``, and with ``reasoning_content``, in which most providers but
OpenAI give and take back what a model thought.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from extproc.core.models import Dialect
from extproc.dialects.translation.chat.places import Leftovers
from extproc.dialects.translation.chat.reading_parts import cache_mark, read_content, read_texts
from extproc.dialects.translation.common.fields import wrong
from extproc.dialects.translation.form import (
    Opaque,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Turn,
)

__all__ = ["read_messages"]

_SYSTEM: Final = frozenset({"system", "developer"})
_COMMON: Final = frozenset({"role", "content", "cache_control"})
_TOOL: Final = _COMMON | {"tool_call_id"}
_FUNCTION: Final = _COMMON | {"name"}
_ASSISTANT: Final = _COMMON | {
    "refusal",
    "tool_calls",
    "function_call",
    "reasoning_content",
    "reasoning",
    "audio",
}
_CALL: Final = frozenset({"id", "type", "function", "index", "cache_control"})
"""``index`` is what accumulators of streams leave behind."""


class _Reader:
    """Reads one message after another; old function calls have no ids, so it makes them up."""

    __slots__ = ("_called", "_leftovers", "system", "turns")

    def __init__(self, leftovers: Leftovers) -> None:
        self._leftovers = leftovers
        self._called: dict[str, str] = {}
        self.system: list[Text] = []
        self.turns: list[Turn] = []

    def read(self, message: Mapping[str, Any], path: str) -> None:
        role, content = message.get("role"), message.get("content")
        if (
            (role == "user" or role == "assistant")
            and isinstance(content, str)
            and len(message) == 2
        ):
            # Most messages are no more than that.
            self.turns.append(Turn(role, (Text(content),) if content else (), path))
        elif role == "user":
            self._known(message, _COMMON, path)
            parts = read_content(message, path, self._leftovers)
            self.turns.append(Turn("user", tuple(parts), path))
        elif role == "assistant":
            self._known(message, _ASSISTANT, path)
            self.turns.append(Turn("assistant", tuple(self._assistant(message, path)), path))
        elif role == "tool":
            self._known(message, _TOOL, path)
            self._result(message, path, self._call_id(message, "tool_call_id", path))
        elif role == "function":
            self._known(message, _FUNCTION, path)
            name = self._call_id(message, "name", path)
            self._result(message, path, self._called.get(name, f"call_{name}"))
        elif isinstance(role, str) and role in _SYSTEM:
            self._known(message, _COMMON, path)
            texts = read_texts(message, path, self._leftovers)
            if self.turns:
                self.turns.append(Turn("system", tuple(texts), path))
            else:
                self.system.extend(texts)
        else:
            raise wrong(
                f"{path}.role", "'system', 'developer', 'user', 'assistant', 'tool' or 'function'"
            )

    def _known(self, message: Mapping[str, Any], known: frozenset[str], path: str) -> None:
        self._leftovers.inside(message, known, "messages", path)

    def _call_id(self, message: Mapping[str, Any], name: str, path: str) -> str:
        value = message.get(name)
        if not isinstance(value, str) or not value:
            raise wrong(f"{path}.{name}", "a string that is not empty")
        return value

    def _result(self, message: Mapping[str, Any], path: str, call_id: str) -> None:
        parts = tuple(read_content(message, path, self._leftovers))
        result = ToolResult(call_id, parts, cache=cache_mark(message))
        self.turns.append(Turn("user", (result,), path))

    def _assistant(self, message: Mapping[str, Any], path: str) -> list[Part]:
        parts: list[Part] = []
        thought = message.get("reasoning_content") or message.get("reasoning")
        if isinstance(thought, str) and thought:
            parts.append(Reasoning(thought))
        parts.extend(read_content(message, path, self._leftovers))
        refusal = message.get("refusal")
        if isinstance(refusal, str) and refusal:
            parts.append(Refusal(refusal))
        audio = message.get("audio")
        if isinstance(audio, dict):
            parts.append(Opaque(Dialect.CHAT, "audio", f"{path}.audio", audio))
        parts.extend(self._calls(message.get("tool_calls"), path))
        old = message.get("function_call")
        if old is not None:
            parts.append(self._old_call(old, path))
        return parts

    def _calls(self, calls: object, path: str) -> list[Part]:
        if calls is None:
            return []
        if not isinstance(calls, list):
            raise wrong(f"{path}.tool_calls", "an array of objects")
        return [self._call(call, f"{path}.tool_calls[{i}]") for i, call in enumerate(calls)]

    def _call(self, call: object, at: str) -> Part:
        if not isinstance(call, dict):
            raise wrong(at, "an object")
        kind = call.get("type", "function")
        if kind != "function":
            if not isinstance(kind, str):
                raise wrong(f"{at}.type", "a string")
            return Opaque(Dialect.CHAT, f"{kind}_tool_call", at, call)
        self._leftovers.inside(call, _CALL, "tool_calls", at)
        name, arguments = _function(call.get("function"), f"{at}.function")
        return ToolCall(self._call_id(call, "id", at), name, arguments, cache_mark(call))

    def _old_call(self, call: object, path: str) -> Part:
        name, arguments = _function(call, f"{path}.function_call")
        made_up = f"call_{len(self.turns)}"
        self._called[name] = made_up
        return ToolCall(made_up, name, arguments)


def _function(function: object, at: str) -> tuple[str, str]:
    """The name and the arguments' JSON text of a call."""
    if not isinstance(function, dict):
        raise wrong(at, "an object")
    name, arguments = function.get("name"), function.get("arguments")
    if not isinstance(name, str) or not name:
        raise wrong(f"{at}.name", "a string that is not empty")
    if isinstance(arguments, dict):
        try:
            return name, orjson.dumps(arguments).decode()
        except orjson.JSONEncodeError:
            raise wrong(f"{at}.arguments", "nested less deeply") from None
    if arguments is not None and not isinstance(arguments, str):
        raise wrong(f"{at}.arguments", "a string that holds a JSON object")
    return name, arguments or ""


def read_messages(
    messages: object, leftovers: Leftovers
) -> tuple[tuple[Text, ...], tuple[Turn, ...]]:
    """What the system says before all others, and the turns after it.

    Args:
        messages: the member of the client's body.
        leftovers: takes what is not understood.

    Raises:
        ClientError: a message is malformed (400).
    """
    if not isinstance(messages, list):
        raise wrong("messages", "an array of objects")
    reader = _Reader(leftovers)
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            raise wrong(f"messages[{index}]", "an object")
        reader.read(message, f"messages[{index}]")
    return tuple(reader.system), tuple(reader.turns)
