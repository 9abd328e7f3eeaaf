"""A budget's two counters in a window: what is spent and set aside, and of that what is only set
aside. The first is what the limit is on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from extproc.core.budgets import Budget, Reservation
from extproc.core.windows import Window
from extproc.quotas.counters import Charge, Counter

__all__ = ["Account", "account_of", "reserving", "settling", "tenants_in"]

_TAKEN: Final = "budget"
_RESERVED: Final = "reserved"


@dataclass(frozen=True, slots=True)
class Account:
    """The counters of one bucket of a budget."""

    taken: Counter
    reserved: Counter


def account_of(budget: str, bucket: str, window: Window) -> Account:
    """The account of a bucket, which is a tenant's name where the budget is per tenant."""
    return Account(
        Counter(f"{_TAKEN}:{budget}:{bucket}", window),
        Counter(f"{_RESERVED}:{budget}:{bucket}", window),
    )


def tenants_in(budget: Budget) -> str:
    """What the names of a budget's counters begin with; what follows are its buckets."""
    return account_of(budget.name, "", budget.window).taken.name


def reserving(account: Account, amount: int, limit: int | None) -> tuple[Charge, Charge]:
    """What it takes to set an amount aside."""
    return Charge(account.taken, amount, limit), Charge(account.reserved, amount)


def settling(reservation: Reservation, spent: int) -> tuple[Charge, ...]:
    """What it takes to put what was really spent in place of what was set aside."""
    account = account_of(reservation.budget, reservation.bucket, reservation.window)
    charges = (
        Charge(account.taken, -reservation.amount),
        Charge(account.taken, spent),
        Charge(account.reserved, -reservation.amount),
    )
    return tuple(charge for charge in charges if charge.amount)
