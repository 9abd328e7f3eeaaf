"""What is wrong with a JSON value, before a provider puts it into words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, TypeAlias

__all__ = ["Check", "Defect", "Flaw", "Step", "Tag"]


class Tag(str):
    """A step in a path that names the branch of a union; only Anthropic tells it."""

    __slots__ = ()


Step: TypeAlias = str | int | Tag


class Defect(Enum):
    """What is wrong with a value."""

    UNKNOWN = auto()
    MISSING = auto()
    TYPE = auto()
    VALUE = auto()


@dataclass(frozen=True, slots=True)
class Flaw:
    """The first thing wrong. ``expected`` names the types or lists the values that would do."""

    defect: Defect
    path: tuple[Step, ...] = ()
    expected: tuple[str, ...] = ()
    found: Any = None

    def under(self, *steps: Step) -> Flaw:
        """The same flaw, seen from further out."""
        return replace(self, path=(*steps, *self.path))


Check: TypeAlias = Callable[[Any], Flaw | None]
"""Looks at a value; None means that it will do."""
