"""A clock that tests set."""

from __future__ import annotations

__all__ = ["SetClock"]


class SetClock:
    """Stands at ``now``, in seconds, until a test sets it."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now
