"""The bars of a request's bounds: models that would cost too much, or answer too late.

What a model costs is reckoned, and a bound on it holds. How long a model takes is a percentile of
what was measured: by that, others are tried instead, but a request is not refused for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from extproc.core.models import Model
from extproc.core.routes import Route
from extproc.core.sources import LatencyMeasure, LatencySource, ObservedLatency
from extproc.ranking.bars import Objection
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Snapshot

__all__ = ["MAX_COST", "TOO_SLOW", "CostBar", "DeadlineBar", "Pace"]

MAX_COST: Final = "max_cost"
TOO_SLOW: Final = "too_slow"
"""Codes for why a model may not be tried."""

_COSTS_TOO_MUCH: Final = 400
_COMES_TOO_LATE: Final = 504


@dataclass(frozen=True, slots=True)
class CostBar:
    """Bars what is expected to cost more than a route's requests may cost, in US dollars.

    All attempts count as billed: a provider may want money for an answer that was given up. So a
    model may be barred for what those cost that are tried ahead of it.
    """

    most: Callable[[Route | None], float | None]
    refuses_unpriced: bool = False

    def against(self, model: Model, expectation: Expectation) -> Objection | None:
        most = self.most(expectation.route)
        if most is None:
            return None
        cost = expectation.cost(model)
        if cost is None:
            unknown = f"its price is not known, and the request may cost {_dollars(most)}"
            return Objection(MAX_COST, unknown, _COSTS_TOO_MUCH) if self.refuses_unpriced else None
        before = sum(expectation.cost(one) or 0.0 for one in expectation.ahead)
        if before + cost <= most:
            return None
        behind = f" behind {_dollars(before)} for those ahead of it" if before else ""
        reason = (
            f"it is expected to cost {_dollars(cost)}{behind}, and the request may cost "
            f"{_dollars(most)}"
        )
        return Objection(MAX_COST, reason, _COSTS_TOO_MUCH)


class Pace:
    """How long models take to answer, as far as that is known and comparable with a deadline.

    A stream must have begun by then, a whole answer must be complete. So what is measured until an
    answer ends says nothing of streams; and what a Prometheus measures is not known.
    """

    __slots__ = ("_tells_of_streams",)

    def __init__(self, source: LatencySource | ObservedLatency | None) -> None:
        """
        Args:
            source: where latencies come from.
        """
        self._tells_of_streams = (
            isinstance(source, ObservedLatency) and source.measure is LatencyMeasure.FIRST_BYTE
        )

    def seconds(self, name: str, snapshot: Snapshot, *, streamed: bool) -> float | None:
        """How long a model takes at the least, None if that is not known.

        Args:
            name: the model's.
            snapshot: what is known of the models.
            streamed: whether a stream is asked for.
        """
        if streamed and not self._tells_of_streams:
            return None
        return snapshot.latencies.get(name)


@dataclass(frozen=True, slots=True)
class DeadlineBar:
    """Bars what is known to take longer than the seconds that a route's requests have left."""

    left: Callable[[Route | None], float | None]
    pace: Pace
    streamed: bool

    def against(self, model: Model, expectation: Expectation) -> Objection | None:
        left = self.left(expectation.route)
        if left is None:
            return None
        seconds = self.pace.seconds(model.name, expectation.snapshot, streamed=self.streamed)
        if seconds is None or seconds <= left:
            return None
        reason = f"it takes {seconds:.3g} s to answer, and {max(left, 0):.3g} s are left"
        return Objection(TOO_SLOW, reason, _COMES_TOO_LATE, gives_way=True)


def _dollars(amount: float) -> str:
    return f"${amount:.2f}" if amount >= 1 else f"${Decimal(f'{amount:.4g}'):f}"
