"""Whether a server that keeps failing is worth another question: a circuit breaker.

It is a table of states without a clock: whoever asks tells the time.

    closed ── enough strikes in a row ──► open ── after the pause ──► probing
       ▲                                   ▲                            │
       │                                   └── it fails: longer pause ──┤
       └────────────────────────── it answers ──────────────────────────┘
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["CircuitBreaker", "State"]

_STRIKES: Final = 5
_SHORTEST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0


class State(StrEnum):
    """What a circuit lets through: everything, nothing, or the one question that is on its way."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


class CircuitBreaker:
    """Opens when failures follow each other, and lets a single probe through after each pause.

    A question's outcome counts only in the state that it was admitted in: what comes back late
    neither prolongs a pause nor passes for the probe. Times are in seconds.
    """

    def __init__(
        self,
        strikes: int = _STRIKES,
        shortest: float = _SHORTEST_PAUSE,
        longest: float = _LONGEST_PAUSE,
    ) -> None:
        """
        Args:
            strikes: how many in a row open it.
            shortest: the first pause; each failed probe doubles it.
            longest: the longest pause.
        """
        self.state = State.CLOSED
        self._limit = strikes
        self._shortest = shortest
        self._longest = longest
        self._strikes = 0
        self._pause = shortest
        self._until = 0.0
        self._period = 0

    @property
    def pause(self) -> float:
        """How long it pauses when it opens, or paused when it did."""
        return self._pause

    def admit(self, now: float) -> int | None:
        """Leave to ask, to be given back with the outcome; None: do not ask."""
        if self.state is State.OPEN and now >= self._until:
            self._enter(State.PROBING)
            return self._period
        return self._period if self.state is State.CLOSED else None

    def succeeded(self, leave: int) -> None:
        """The server answered."""
        if leave != self._period:
            return
        self._strikes = 0
        if self.state is State.PROBING:
            self._pause = self._shortest
            self._enter(State.CLOSED)

    def failed(self, leave: int, now: float, strikes: int = 1) -> None:
        """The server did not answer; a failure may weigh several ``strikes``."""
        if leave != self._period:
            return
        if self.state is State.PROBING:
            self._pause = min(2 * self._pause, self._longest)
            self._open(now)
            return
        self._strikes += strikes
        if self._strikes >= self._limit:
            self._open(now)

    def abandoned(self, leave: int) -> None:
        """Nobody waited for the answer: another question may be the probe at once."""
        if leave == self._period and self.state is State.PROBING:
            self._enter(State.OPEN)

    def _open(self, now: float) -> None:
        self._strikes = 0
        self._until = now + self._pause
        self._enter(State.OPEN)

    def _enter(self, state: State) -> None:
        self.state = state
        self._period += 1
