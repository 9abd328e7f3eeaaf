"""The types of filters: how an item of each is written, and what guard it means.

A type is an entry and a row in ``TYPES``; ``extproc/guards/table.py`` has the guard.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from pydantic import Field

from extproc.config.fields import Duration, Entry, Line, Name, Url
from extproc.core.guards import GuardSettings, HttpFilter, McpFilter, OnFailure, Side
from extproc.core.injection import InjectionAction, InjectionRules
from extproc.core.pii import QUIET_KINDS, PiiAction, PiiKind, PiiRules

__all__ = [
    "TYPES",
    "FilterEntry",
    "FilterType",
    "HttpFilterEntry",
    "InjectionFilterEntry",
    "McpFilterEntry",
    "PiiFilterEntry",
]

_DEFAULT: Final = GuardSettings("")


class FilterEntry(Entry):
    """What the filters of all types have."""

    takes_variables: ClassVar = True
    braced: ClassVar = frozenset({"id"})

    id: Name
    deadline: Duration = _DEFAULT.deadline
    on_failure: Literal["open", "closed"] = _DEFAULT.on_failure.value

    def settings(self) -> GuardSettings:
        """What the entry means."""
        shared = GuardSettings(
            self.id, deadline=self.deadline, on_failure=OnFailure(self.on_failure)
        )
        return self.completed(shared)

    @abstractmethod
    def completed(self, shared: GuardSettings) -> GuardSettings:
        """What all filters have, with what this one has beside it."""


class HttpFilterEntry(FilterEntry):
    """A filter that is asked over HTTP."""

    unused: ClassVar = {
        "tool": "ignored: only filters of type mcp are tools",
        "transport": "ignored: only filters of type mcp have one",
    }

    type: Literal["http"]
    url: Url
    pass_credentials: bool = False
    window: Annotated[int, Field(ge=1, le=100_000)] = _DEFAULT.window

    def completed(self, shared: GuardSettings) -> GuardSettings:
        asked = HttpFilter(self.url, self.pass_credentials)
        return replace(shared, http=asked, window=self.window)


class McpFilterEntry(FilterEntry):
    """A filter that is a tool of an MCP server."""

    unused: ClassVar = {"transport": "ignored: it is always streamable-http"}

    type: Literal["mcp"] = "mcp"
    url: Url
    tool: Name | None = None
    pass_credentials: bool = False
    window: Annotated[int, Field(ge=1, le=100_000)] = _DEFAULT.window

    def completed(self, shared: GuardSettings) -> GuardSettings:
        asked = McpFilter(self.url, self.tool or self.id, self.pass_credentials)
        return replace(shared, mcp=asked, window=self.window)


_Kind: TypeAlias = Literal["email", "phone", "card", "iban", "ssn", "ip", "secret"]
_Action: TypeAlias = Literal["mask", "redact", "block"]


class PiiFilterEntry(FilterEntry):
    """A guard in the box: personal data and secrets."""

    type: Literal["pii"]
    action: _Action = "mask"
    kinds: Annotated[list[_Kind], Field(min_length=1)] | None = None
    actions: dict[_Kind, _Action] = Field(default_factory=dict)

    def completed(self, shared: GuardSettings) -> GuardSettings:
        kinds = QUIET_KINDS if self.kinds is None else map(PiiKind, self.kinds)
        actions = dict.fromkeys(kinds, PiiAction(self.action))
        for kind, action in self.actions.items():
            actions[PiiKind(kind)] = PiiAction(action)
        return replace(shared, pii=PiiRules(actions))


_RULES: Final = InjectionRules()


class InjectionFilterEntry(FilterEntry):
    """A guard in the box: attacks on models."""

    type: Literal["injection"]
    action: Literal["observe", "block"] = _RULES.action.value
    threshold: Annotated[float, Field(gt=0, le=1)] = _RULES.threshold
    message: Line | None = None

    def completed(self, shared: GuardSettings) -> GuardSettings:
        rules = InjectionRules(self.threshold, InjectionAction(self.action), self.message)
        if rules.action is InjectionAction.OBSERVE and "on_failure" not in self.model_fields_set:
            # What only observes refuses nothing.
            shared = replace(shared, on_failure=OnFailure.OPEN)
        return replace(shared, injection=rules)


@dataclass(frozen=True, slots=True)
class FilterType:
    """A value of ``type``: how its entries are read, and what they can look at."""

    entry: type[FilterEntry]
    sides: frozenset[Side] = frozenset(Side)


TYPES: Final[Mapping[str, FilterType]] = {
    "http": FilterType(HttpFilterEntry),
    "mcp": FilterType(McpFilterEntry),
    "pii": FilterType(PiiFilterEntry, frozenset({Side.INPUT})),
    "injection": FilterType(InjectionFilterEntry, frozenset({Side.INPUT})),
}
