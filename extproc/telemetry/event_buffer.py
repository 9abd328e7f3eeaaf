"""Keeps events of requests whose decision is not known yet.

Workers tell decisions, Envoy tells attempts and ends of requests: which of them arrives first is
chance.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["EventBuffer"]

_E = TypeVar("_E")


@dataclass(slots=True)
class _Waiting(Generic[_E]):
    """The events of one request; ``since`` is when the first of them came."""

    since: float
    events: list[_E] = field(default_factory=list)


class EventBuffer(Generic[_E]):
    """Events by request, bounded in number and time. When room or time is up, the request that has
    waited longest is dropped with all its events.

    Some requests never have a decision (the list of models, a refused body): most of what is
    dropped belongs to them.
    """

    def __init__(self, capacity: int, patience: float, clock: Callable[[], float]) -> None:
        """
        Args:
            capacity: how many events are kept at most, of all requests together.
            patience: seconds from a request's first event until its events are dropped.
            clock: the time in seconds; it must not go backwards.
        """
        self._capacity = capacity
        self._patience = patience
        self._clock = clock
        self._requests: OrderedDict[str, _Waiting[_E]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        """How many events are kept."""
        return self._count

    def add(self, request_id: str, event: _E) -> None:
        """Keep an event until its request's decision is known."""
        now = self._clock()
        self._requests.setdefault(request_id, _Waiting(now)).events.append(event)
        self._count += 1
        while self._requests and (self._count > self._capacity or self._oldest_is_late(now)):
            _, waiting = self._requests.popitem(last=False)
            self._count -= len(waiting.events)

    def take(self, request_id: str) -> list[_E]:
        """Hand out a request's events, in the order in which they came; none of them is kept."""
        waiting = self._requests.pop(request_id, None)
        if waiting is None:
            return []
        self._count -= len(waiting.events)
        return waiting.events

    def _oldest_is_late(self, now: float) -> bool:
        return now - next(iter(self._requests.values())).since > self._patience
