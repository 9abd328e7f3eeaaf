"""The tools that a model may call, by the names that it calls them by.

A namespace groups tools; only this dialect has that. Its tools are carried as functions named
``<namespace>__<tool>``, and a call of one is told with the namespace and the tool's own name again.
Shapes: ``NamespaceToolParam``, ``ResponseFunctionToolCall`` and ``ResponseCustomToolCall`` of the
``openai`` SDK.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from extproc.dialects.translation.form import Tool
from extproc.dialects.translation.responses.custom_tools import custom_names

__all__ = ["Callee", "Callees", "flat_name", "regrouped"]

_BETWEEN = "__"


@dataclass(frozen=True, slots=True)
class Callee:
    """A tool as the client calls it: ``namespace`` is the group that it stands in."""

    name: str
    namespace: str | None = None
    is_custom: bool = False


class Callees:
    """The tools of a request."""

    __slots__ = ("_custom", "_members", "_written")

    def __init__(self, tools: Iterable[Tool], written: Mapping[str, str] | None = None) -> None:
        """
        Args:
            tools: the request's.
            written: the names in the form behind those that had to change for the provider.
        """
        tools = tuple(tools)
        self._custom = custom_names(tools)
        self._members = {tool.name: tool.member for tool in tools if tool.member is not None}
        self._written = written or {}

    def find(self, called: str) -> Callee:
        """What a model means that calls this name; a name that nobody offered stays as it is."""
        name = self._written.get(called, called)
        is_custom = name in self._custom
        member = self._members.get(name)
        if member is None:
            return Callee(name, is_custom=is_custom)
        return Callee(member.name, member.group, is_custom)


def flat_name(members: Mapping[str, Any], name: str) -> str:
    """The name in the form of a tool that is called or chosen.

    Args:
        members: of the call or the choice: they may name a namespace.
        name: the tool's own.
    """
    namespace = members.get("namespace")
    return f"{namespace}{_BETWEEN}{name}" if isinstance(namespace, str) and namespace else name


def regrouped(tools: Iterable[Tool]) -> Iterator[Tool | Mapping[str, Any]]:
    """Tools, and for those of a namespace the whole of that, once, as the client wrote it."""
    told = None
    for tool in tools:
        if tool.member is None:
            yield tool
        elif tool.member.raw is not told:
            told = tool.member.raw
            yield told
