"""What the tools of a request are called, in any dialect."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from extproc.dialects.dialect import Json

__all__ = ["MOST_TOOLS", "tool_names"]

MOST_TOOLS: Final = 32
"""Of more tools the first are named: agents list their own before those of their servers."""

_NESTED: Final = ("function", "custom")


def tool_names(document: Json) -> tuple[str, ...]:
    """The names of a body's tools in their order, at most :data:`MOST_TOOLS`.

    A provider's own tool that has no name goes by its type (``web_search``, ``local_shell``). What
    is no tool is passed over: that is for the provider to judge.
    """
    return tuple(islice(_names(document), MOST_TOOLS))


def _names(document: Json) -> Iterator[str]:
    for member in ("tools", "functions"):
        listed = document.get(member)
        for tool in listed if isinstance(listed, list) else ():
            name = _name(tool)
            if name is not None:
                yield name


def _name(tool: Any) -> str | None:
    if not isinstance(tool, dict):
        return None
    nested = (tool[key].get("name") for key in _NESTED if isinstance(tool.get(key), dict))
    for name in (tool.get("name"), *nested, tool.get("type")):
        if isinstance(name, str) and name.strip():
            return name
    return None
