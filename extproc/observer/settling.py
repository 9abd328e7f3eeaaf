"""Settles what was set aside of budgets: what a request has really cost takes its place.

Nobody waits for it. What a request has cost that is not known is taken to be what was expected,
also where its client left before the answer: else a budget would not see what such requests cost.
Of what is forwarded by names alone, it is taken to be nothing, for no price is known of most of it.
A request whose end is not told within an hour is settled like one whose cost is not known, and a
decision that is lost on its way here leaves what was set aside until the window ends.
"""

from __future__ import annotations

from collections.abc import Sequence

from extproc.core.budgets import Reservation, rounded
from extproc.quotas import Counters
from extproc.quotas.accounts import settling
from extproc.telemetry.receipt import Receipt

__all__ = ["Settling", "spent"]


class Settling:
    """Settles the reservations of finished requests."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def take(self, receipts: Sequence[Receipt]) -> None:
        """Requests have ended."""
        for receipt in receipts:
            for reservation in receipt.decision.reservations:
                charges = settling(reservation, spent(receipt, reservation))
                if charges:
                    self._counters.add(charges, reservation.at)


def spent(receipt: Receipt, reservation: Reservation) -> int:
    """What a request has cost a budget, in billionths of a US dollar."""
    covered = [entry for entry in receipt.attempts if entry.attempt.model in reservation.models]
    known = sum(rounded(entry.cost_usd) for entry in covered if entry.cost_usd is not None)
    untold = receipt.completion is None or receipt.completion.attempts > len(receipt.attempts)
    if receipt.decision.forwarded is None and (untold or any(one.may_cost for one in covered)):
        return max(known, reservation.amount)
    return known
