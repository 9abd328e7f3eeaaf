"""Reads the tools of a chat and whether they are to be called, in today's words and in older ones.

Shapes: https://platform.openai.com/docs/api-reference/chat/create (``tools``, ``tool_choice``, the
older ``functions``, ``function_call``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from extproc.dialects.translation.chat.places import Leftovers
from extproc.dialects.translation.chat.reading_parts import cache_mark
from extproc.dialects.translation.common.fields import wrong
from extproc.dialects.translation.form import Choice, ChoiceMode, Tool

__all__ = ["read_choice", "read_tools"]

_MODES: Final[Mapping[str, ChoiceMode]] = {
    "auto": ChoiceMode.AUTO,
    "none": ChoiceMode.NONE,
    "required": ChoiceMode.REQUIRED,
    "any": ChoiceMode.REQUIRED,  # Mistral's word
}
_TOOL: Final = frozenset({"type", "function", "cache_control"})
_FUNCTION: Final = frozenset({"name", "description", "parameters", "strict"})


def _object(given: object, at: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise wrong(at, "an object")
    return given


def _name(holder: object, at: str) -> str:
    name = _object(holder, at).get("name")
    if not isinstance(name, str) or not name:
        raise wrong(f"{at}.name", "a string that is not empty")
    return name


def _function(
    given: object, at: str, leftovers: Leftovers, cache: Mapping[str, Any] | None = None
) -> Tool:
    function = _object(given, at)
    name = _name(function, at)
    leftovers.inside(function, _FUNCTION, "tools", at)
    description, parameters = function.get("description"), function.get("parameters")
    strict = function.get("strict")
    if description is not None and not isinstance(description, str):
        raise wrong(f"{at}.description", "a string")
    if parameters is not None and not isinstance(parameters, dict):
        raise wrong(f"{at}.parameters", "an object: a JSON Schema")
    if strict is not None and not isinstance(strict, bool):
        raise wrong(f"{at}.strict", "true or false")
    return Tool(name, description or None, parameters, strict, cache)


def _tool(given: object, at: str, leftovers: Leftovers) -> Tool:
    tool = _object(given, at)
    kind = tool.get("type", "function")
    if kind == "function":
        leftovers.inside(tool, _TOOL, "tools", at)
        return _function(tool.get("function"), f"{at}.function", leftovers, cache_mark(tool))
    if not isinstance(kind, str):
        raise wrong(f"{at}.type", "a string")
    own = tool.get(kind)
    name = own.get("name") if isinstance(own, dict) else None
    return Tool(name if isinstance(name, str) else "", kind=kind, raw=tool)


def read_tools(body: Mapping[str, Any], leftovers: Leftovers) -> tuple[Tool, ...]:
    """The tools that a chat offers; ``functions`` after ``tools``.

    Args:
        body: the client's.
        leftovers: takes what is not understood.

    Raises:
        ClientError: a tool is malformed (400).
    """
    tools: list[Tool] = []
    for member, reader in (("tools", _tool), ("functions", _function)):
        listed = body.get(member)
        if listed is None:
            continue
        if not isinstance(listed, list):
            raise wrong(member, "an array of objects")
        tools.extend(
            reader(tool, f"{member}[{index}]", leftovers) for index, tool in enumerate(listed)
        )
    return tuple(tools)


def _allowed(given: object, at: str) -> Choice:
    if not isinstance(given, dict) or not isinstance(given.get("tools"), list):
        raise wrong(at, "an object with an array of 'tools'")
    mode = given.get("mode", "auto")
    if mode not in ("auto", "required"):
        raise wrong(f"{at}.mode", "'auto' or 'required'")
    names = []
    for index, tool in enumerate(given["tools"]):
        place = f"{at}.tools[{index}]"
        if not isinstance(tool, dict):
            raise wrong(place, "an object")
        kind = "custom" if tool.get("type") == "custom" else "function"
        names.append(_name(tool.get(kind), f"{place}.{kind}"))
    return Choice(_MODES[mode], allowed=tuple(names))


def _choice(given: object) -> Choice:
    if isinstance(given, str) and given in _MODES:
        return Choice(_MODES[given])
    kind = given.get("type") if isinstance(given, dict) else None
    if isinstance(given, dict) and kind == "allowed_tools":
        return _allowed(given.get("allowed_tools"), "tool_choice.allowed_tools")
    if isinstance(given, dict) and kind in ("function", "custom"):
        return Choice(ChoiceMode.NAMED, _name(given.get(kind), f"tool_choice.{kind}"))
    raise wrong("tool_choice", "'none', 'auto', 'required' or an object that names tools")


def _old_choice(given: object) -> Choice:
    if given in ("none", "auto"):
        return Choice(_MODES[str(given)])
    if isinstance(given, dict):
        return Choice(ChoiceMode.NAMED, _name(given, "function_call"))
    raise wrong("function_call", "'none', 'auto' or an object with a 'name'")


def read_choice(body: Mapping[str, Any]) -> Choice | None:
    """Whether tools are to be called, None where the client says nothing of it.

    Raises:
        ClientError: it is malformed (400).
    """
    if body.get("tool_choice") is not None:
        return _choice(body["tool_choice"])
    if body.get("function_call") is not None:
        return _old_choice(body["function_call"])
    return None
