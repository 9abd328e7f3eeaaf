"""Which attempt gave way to one at another model, whatever the order in which they are told."""

from __future__ import annotations

from collections import OrderedDict

from extproc.core.records import Attempt

__all__ = ["Failovers"]


class Failovers:
    """Pairs the attempts of a request. Only requests with a failure take memory."""

    def __init__(self, capacity: int = 10_000) -> None:
        """Remember nothing yet; ``capacity`` is how many requests are remembered at once."""
        self._capacity = capacity
        self._requests: OrderedDict[str, dict[int, Attempt]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._requests)

    def told(self, attempt: Attempt) -> list[Attempt]:
        """The attempts that are now known to have given way; each is returned once."""
        if attempt.number == 1 and attempt.succeeded:
            return []
        attempts = self._requests.setdefault(attempt.request_id, {})
        if len(self._requests) > self._capacity:
            self._requests.popitem(last=False)
        if attempt.number in attempts:
            return []
        attempts[attempt.number] = attempt
        pairs = (
            (attempts.get(number), attempts.get(number + 1))
            for number in (attempt.number - 1, attempt.number)
        )
        return [
            first
            for first, second in pairs
            if first is not None and second is not None and _gave_way(first, second)
        ]


def _gave_way(first: Attempt, second: Attempt) -> bool:
    """Whether the second attempt was made for the failure of the first."""
    return first.model != second.model and not (first.lost or first.succeeded)
