"""One model by several spellings: with the date of a snapshot or without, with a mark or without.

Dates are written as the providers do: ``-20250929``, ``-2024-08-06``, ``-09-2025``, ``-0613`` (the
month and the day), ``-2411`` (the year and the month), and ``@20250929`` where Google serves
Claude. ``-latest`` is no date, but stands in the place of one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Snapshots", "dated", "mark_of", "snapshots", "unmarked"]

_MONTH: Final = "(?:0[1-9]|1[0-2])"
_DAY: Final = "(?:0[1-9]|[12][0-9]|3[01])"
_YEAR: Final = "20[0-9]{2}"
_DATED: Final = re.compile(
    rf"(.+)[-@](?:latest|({_YEAR}(?P<dash>-?){_MONTH}(?P=dash){_DAY}|{_MONTH}-{_YEAR}"
    rf"|{_MONTH}{_DAY}|2[0-9]{_MONTH}))"
)
_LONGEST: Final = 256
"""Characters: a longer name is no model's, and clients choose what is looked up."""
_MARKED: Final = re.compile(r"(.+)\[[0-9a-z]+\]")


def unmarked(name: str) -> str:
    """A name without what some clients put behind it for themselves: ``[1m]`` of Claude Code asks
    for the long context window, which a provider is told in a header instead."""
    marked = _MARKED.fullmatch(name) if name.endswith("]") and len(name) <= _LONGEST else None
    return marked[1] if marked else name


def mark_of(name: str) -> str:
    """What :func:`unmarked` takes off: "" where there is nothing."""
    return name[len(unmarked(name)) :]


def dated(name: str) -> tuple[str, str]:
    """A name without its date, and the digits of that; these are empty where it has none."""
    found = _DATED.fullmatch(name) if len(name) <= _LONGEST else None
    return (found[1], (found[2] or "").replace("-", "")) if found else (name, "")


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Models by names without their dates: for each of these, the dates and what they lead to."""

    by_undated: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    def find(self, reference: str) -> tuple[str, ...]:
        """What the names lead to that mean the same as ``reference`` but for a date.

        Of two dates that differ neither stands for the other.
        """
        undated, date = dated(reference)
        known = self.by_undated.get(undated, ())
        fitting = (model for other, model in known if not date or not other or date == other)
        return tuple(dict.fromkeys(fitting))


def snapshots(called: Iterable[tuple[str, str]]) -> Snapshots:
    """An index of names.

    Args:
        called: names, and what each leads to.
    """
    by_undated: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, model in called:
        undated, date = dated(name)
        by_undated[undated].append((date, model))
    return Snapshots({undated: tuple(found) for undated, found in by_undated.items()})
