"""What a fake provider has to say, before a dialect puts it into words."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeAlias

__all__ = ["Answer", "Call", "Part", "PartKind", "Piece", "Stop", "Usage"]


class PartKind(Enum):
    """What a part of an answer is."""

    REASONING = auto()
    TEXT = auto()
    REFUSAL = auto()
    CALL = auto()


class Stop(Enum):
    """Why an answer ends."""

    END = auto()
    CALLS = auto()
    LENGTH = auto()
    CONTEXT = auto()
    FILTER = auto()
    SEQUENCE = auto()
    REFUSAL = auto()


@dataclass(frozen=True, slots=True)
class Part:
    """One part, in the pieces in which it is streamed. ``name`` is that of a call's function."""

    kind: PartKind
    pieces: tuple[str, ...]
    name: str = ""

    @property
    def text(self) -> str:
        """The whole part; for a call, its arguments."""
        return "".join(self.pieces)


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call. ``arguments`` are JSON."""

    id: str
    name: str
    arguments: str


Piece: TypeAlias = tuple[int, str]
"""A part's index, and the piece of it that comes next."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost, in tokens. ``input`` includes ``cached`` and ``written``, ``output``
    includes ``reasoning``."""

    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its parts, in order, and what it cost.

    Attributes:
        provider: what the provider calls itself.
        model: the model id that the request named.
        request: the body that is answered.
        interleaved: whether the pieces of several calls come in turns, in dialects that allow it.
    """

    provider: str
    model: str
    request: Mapping[str, Any]
    parts: tuple[Part, ...]
    usage: Usage
    stop: Stop
    interleaved: bool = False
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def size(self) -> int:
        """How many pieces there are."""
        return sum(len(part.pieces) for part in self.parts)

    def text(self, kind: PartKind) -> str | None:
        """All parts of a kind, together; None if there are none."""
        found = [part.text for part in self.parts if part.kind is kind]
        return "".join(found) if found else None

    def call(self, index: int, prefix: str) -> Call:
        """The call that is the part of this index, its id beginning as the dialect's do."""
        part = self.parts[index]
        return Call(f"{prefix}{self.key[:24]}{index}", part.name, part.text)

    def calls(self, prefix: str) -> list[Call]:
        """All calls."""
        kinds = enumerate(part.kind for part in self.parts)
        return [self.call(index, prefix) for index, kind in kinds if kind is PartKind.CALL]

    def pieces(self, *, interleave: bool = False) -> Iterator[Piece]:
        """All pieces in the order in which they are streamed."""
        together: list[int] = []
        for index, part in enumerate(self.parts):
            if interleave and part.kind is PartKind.CALL:
                together.append(index)
            else:
                yield from ((index, piece) for piece in part.pieces)
        longest = max((len(self.parts[index].pieces) for index in together), default=0)
        for at in range(longest):
            for index in together:
                pieces = self.parts[index].pieces
                if at < len(pieces):
                    yield index, pieces[at]
