"""What a program says and hears, in terms that the SDKs share: so that one and the same program can
be written once for all of them."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol, TypeAlias

from pydantic import BaseModel

from extproc.core.models import Dialect

__all__ = [
    "PDF",
    "PICTURE",
    "PICTURE_URL",
    "TOOLS",
    "Client",
    "Forecast",
    "Media",
    "Part",
    "Result",
    "Said",
    "Tool",
    "Used",
    "Wants",
]

PICTURE = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(24)).decode()
PICTURE_URL = "https://example.com/cat.png"
PDF = base64.b64encode(b"%PDF-1.7\n" + bytes(24)).decode()


class Media(Enum):
    """A part that is no text."""

    PICTURE = auto()
    PICTURE_URL = auto()
    PDF = auto()


Part: TypeAlias = str | Media
"""A text, or what goes beside it."""


class Forecast(BaseModel):
    """A structured answer."""

    city: str
    days: int


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call."""

    name: str
    description: str
    schema: Mapping[str, Any]


TOOLS = (
    Tool(
        "weather",
        "The weather in a city",
        {
            "type": "object",
            "properties": {"city": {"type": "string", "examples": ["Oslo"]}},
            "required": ["city"],
        },
    ),
    Tool("now", "The time", {"type": "object", "properties": {}}),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave, or why it failed."""

    text: str
    picture: bool = False
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Wants:
    """What a program asks for beside the conversation."""

    system: str | None = None
    tools: Sequence[Tool] = ()
    schema: type[Forecast] | None = None
    stop: str | None = None
    limit: int = 2000
    effort: str | None = None
    user: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    """Members of the dialect's own."""


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens: ``cached`` are among the ``input``, ``reasoning`` among the ``output``."""

    input: int
    output: int
    cached: int
    reasoning: int


@dataclass(frozen=True, slots=True)
class Said:
    """What the SDK made of an answer.

    Attributes:
        text: all of it.
        stop: why it ends, in the dialect's own word.
        calls: the ids of the calls, in their order, and what is called with which arguments.
        refusal: the words of a refusal.
        reasoning: what is shown of it.
        parsed: the structured answer.
        used: the tokens.
        turn: what a program puts into the history.
        headers: of the response.
    """

    text: str
    stop: str | None
    calls: Mapping[str, tuple[str, Any]]
    refusal: str
    reasoning: str
    parsed: Forecast | None
    used: Used
    turn: Sequence[Any]
    headers: Mapping[str, str]

    @property
    def called(self) -> list[tuple[str, Any]]:
        """What is called, with which arguments."""
        return list(self.calls.values())

    @property
    def lost(self) -> list[str]:
        """What translation could not carry."""
        return [code for code in self.headers.get("x-dragoman-translation", "").split(", ") if code]


class Client(Protocol):
    """A program's way to a model: one SDK, in one dialect."""

    @property
    def dialect(self) -> Dialect:
        """Which one."""

    def user(self, *parts: Part) -> Sequence[Any]:
        """A turn of the user's."""

    def results(self, results: Mapping[str, Result]) -> Sequence[Any]:
        """The results of calls, by the calls' ids."""

    async def ask(
        self, model: str, history: Sequence[Any], wants: Wants, *, streamed: bool
    ) -> Said:
        """Have the model answer.

        Raises:
            AssertionError: the SDK's types do not declare all of the answer, or miss a member.
        """
