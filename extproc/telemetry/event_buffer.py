"""A bounded place for what is told of a request before its decision is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["EventBuffer"]

_E = TypeVar("_E")


@dataclass(slots=True)
class _Party(Generic[_E]):
    since: float
    events: list[_E] = field(default_factory=list)


class EventBuffer(Generic[_E]):
    """Keeps events by their request for a while, the oldest request leaving first.

    Requests that were never decided (a list of models, a refused body) wait here as well: most of
    what leaves unclaimed is of that kind.
    """

    def __init__(self, capacity: int, patience: float, clock: Callable[[], float]) -> None:
        """Make room.

        Args:
            capacity: how many events may wait.
            patience: for how long those of one request wait, in seconds since its first.
            clock: the time in seconds; it must not go backwards.
        """
        self._capacity = capacity
        self._patience = patience
        self._clock = clock
        self._parties: OrderedDict[str, _Party[_E]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        """How many events wait."""
        return self._count

    def add(self, request_id: str, event: _E) -> None:
        """Let an event wait for its request's decision."""
        now = self._clock()
        self._parties.setdefault(request_id, _Party(now)).events.append(event)
        self._count += 1
        while self._parties and (self._count > self._capacity or self._oldest_tired(now)):
            _, party = self._parties.popitem(last=False)
            self._count -= len(party.events)

    def take(self, request_id: str) -> list[_E]:
        """The events of a request, in the order in which they came; they wait no longer."""
        party = self._parties.pop(request_id, None)
        if party is None:
            return []
        self._count -= len(party.events)
        return party.events

    def _oldest_tired(self, now: float) -> bool:
        return now - next(iter(self._parties.values())).since > self._patience
