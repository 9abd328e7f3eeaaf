"""A bounded memory of what was answered a moment ago."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["RecentAnswers"]

_A = TypeVar("_A")


class RecentAnswers(Generic[_A]):
    """Keeps the answers used last, each for a while from when it was given."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        """
        Args:
            most: how many are kept; 0 keeps none.
            seconds: for how long each may be used.
            clock: the time in seconds, never going back.
        """
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, _A]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, question: Hashable) -> _A | None:
        """The answer to a question, None where there is none or it has become too old."""
        kept = self._kept.get(question)
        if kept is None:
            return None
        until, answer = kept
        if self._clock() >= until:
            del self._kept[question]
            return None
        self._kept.move_to_end(question)
        return answer

    def put(self, question: Hashable, answer: _A) -> None:
        """Keep an answer; the one that was not used for longest gives way."""
        self._kept[question] = (self._clock() + self._seconds, answer)
        self._kept.move_to_end(question)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
