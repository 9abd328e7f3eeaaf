"""Requests that end before anything is decided: at the door, by a limit, for want of JSON.

Only Envoy's access log tells of them. Anybody can make any number of them, even without a key, so
that of each kind only so many leave a receipt: the first ones, and then one a second.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from cachetools import LRUCache

from extproc.contract import DECISION_PREFIX, DOOR, REPLY_DETAILS
from extproc.core.records import Completion, DecisionRecord

__all__ = ["AT_ONCE", "NO_HTTP", "Kind", "Selection", "kind_of", "never_decided", "stand_in"]

AT_ONCE: Final = 10
"""Requests of one kind that leave receipts however soon they follow each other."""
_PER_SECOND: Final = 1.0
"""How many more of them may do so with each second."""
_MOST_KINDS: Final = 200
_PATIENCE: Final = 2.0
"""Seconds. A worker tells its decision within some milliseconds, Envoy the end within 250."""
_UNREADABLE: Final = ("http.", "http1.", "http2.")
"""How Envoy's details begin where what came could not be read on."""
_NO_REQUESTS: Final = ("absolute_path_rejected", "missing_host_header", "path_normalization_failed")
NO_HTTP: Final = (*_UNREADABLE, *_NO_REQUESTS)
"""How they begin where Envoy cannot take what came for a request."""
_NEVER_DECIDED: Final = (*_NO_REQUESTS, "direct_response", DOOR, "overload", "upgrade_failed")
"""How they begin of what Envoy has answered itself, before any worker was asked."""
_OURS: Final = (REPLY_DETAILS, DOOR)

Kind: TypeAlias = tuple[int, str, str | None]


def kind_of(completion: Completion) -> Kind:
    """What such requests have in common: their status, what Envoy's details begin with, and the
    limit. All of that is ours or Envoy's: clients cannot make kinds up."""
    details = completion.details
    known = details if details.startswith(_OURS) else details.partition("{")[0]
    return completion.status, known, completion.limit


def never_decided(completion: Completion) -> bool:
    """Whether it is certain that no worker was asked about a request: none will tell of it."""
    if completion.details.startswith(_UNREADABLE):
        # What comes behind a request's headers may be wrong, too, and its stream may be reset.
        return completion.unserved is not None and not completion.unserved.path
    return completion.details.startswith(_NEVER_DECIDED)


def stand_in(completion: Completion) -> DecisionRecord:
    """What stands in for the decision of a request that has none, as far as the access log knows.

    Args:
        completion: of such a request.

    Raises:
        ValueError: it was served.
    """
    asked = completion.unserved
    if asked is None:
        raise ValueError(f"request {completion.request_id} was served")
    return DecisionRecord(
        request_id=completion.request_id,
        trace_id=asked.trace_id,
        at=completion.at + completion.duration,
        dialect=completion.dialect,
        requested_model=asked.requested_model,
        candidates=(),
        decision_only=asked.path.startswith(f"{DECISION_PREFIX}/"),
        forwarded=(asked.path or None) if completion.dialect is None else None,
    )


@dataclass(slots=True)
class _Allowance:
    """How many of a kind may leave receipts now, and when that was reckoned."""

    left: float
    at: float


class Selection:
    """Selects those that leave receipts, once it is certain that nobody has decided them.

    ``passed_over`` counts the others.
    """

    def __init__(self, clock: Callable[[], float], *, patience: float = _PATIENCE) -> None:
        """
        Args:
            clock: seconds that do not go backwards.
            patience: how long a decision is waited for, in seconds.
        """
        self.passed_over = 0
        self._clock = clock
        self._patience = patience
        self._allowances: LRUCache[Kind, _Allowance] = LRUCache(_MOST_KINDS)
        self._waiting: OrderedDict[str, tuple[float, Completion]] = OrderedDict()

    def ended(self, completion: Completion) -> None:
        """A request has ended that was sent nowhere, and nobody has told a decision yet."""
        now = self._clock()
        if not self._allows(kind_of(completion), now):
            self.passed_over += 1
            return
        due = now if never_decided(completion) else now + self._patience
        self._waiting[completion.request_id] = due, completion

    def decided(self, request_id: str) -> None:
        """It was decided after all."""
        self._waiting.pop(request_id, None)

    def take(self, *, at_once: bool = False) -> list[Completion]:
        """Those that nobody has decided, each once.

        Args:
            at_once: take also those whose decision may be told yet.
        """
        now = self._clock()
        taken = [each for due, each in self._waiting.values() if at_once or due <= now]
        for each in taken:
            del self._waiting[each.request_id]
        return taken

    def _allows(self, kind: Kind, now: float) -> bool:
        known = self._allowances.get(kind)
        if known is None:
            known = self._allowances[kind] = _Allowance(AT_ONCE, now)
        known.left = min(AT_ONCE, known.left + (now - known.at) * _PER_SECOND)
        known.at = now
        if known.left < 1:
            return False
        known.left -= 1
        return True
