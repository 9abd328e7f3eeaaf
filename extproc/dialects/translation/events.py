"""The form in the middle of a streamed answer: what every dialect's stream is read into.

``Started`` comes once, first. Then come parts: of each, ``PartStarted``, any number of ``Delta``,
``PartEnded``. ``Stopped`` comes once, when every part has ended. ``Used`` comes whenever usage is
told, also after ``Stopped``: later values replace earlier ones, member by member, and None replaces
nothing. ``Ended`` comes last, when the provider has ended its stream as its dialect does.
``Failed`` may come at any time, and nothing after it.

Parts may overlap (chat tells tool calls in turns). Their keys count from 0 in the order in which
they start.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from extproc.dialects.translation.form import Failure, Stop, Usage

__all__ = [
    "Delta",
    "Ended",
    "Event",
    "Failed",
    "PartEnded",
    "PartKind",
    "PartStarted",
    "Started",
    "Stopped",
    "Used",
]


class PartKind(StrEnum):
    """What a part of a streamed answer is."""

    TEXT = "text"
    REASONING = "reasoning"
    TOOL = "tool"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Started:
    """The answer has begun; ``id`` is the provider's."""

    id: str
    created: int | None = None


@dataclass(frozen=True, slots=True)
class PartStarted:
    """A part begins. ``id`` and ``name`` are a tool call's."""

    key: int
    kind: PartKind
    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """More of a part: its text, or more of the JSON text of a tool call's arguments."""

    key: int
    text: str


@dataclass(frozen=True, slots=True)
class PartEnded:
    """A part is complete. ``signature``, ``redacted`` and ``encrypted`` are a reasoning's, see
    :class:`extproc.dialects.translation.form.Reasoning`."""

    key: int
    signature: str | None = None
    redacted: str | None = None
    encrypted: str | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """Tokens, as far as they are known now."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why the answer ended; ``sequence`` is the stop sequence that was met."""

    stop: Stop
    sequence: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The provider has said that its stream is complete."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The provider told an error, or broke off."""

    failure: Failure


Event: TypeAlias = Started | PartStarted | Delta | PartEnded | Used | Stopped | Ended | Failed
