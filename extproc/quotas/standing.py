"""Where budgets stand: for people, and for metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extproc.core.budgets import Budget
from extproc.quotas.accounts import account_of, tenants_in
from extproc.quotas.counters import Counters

__all__ = ["Standing", "standing"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one bucket of a budget stands, in billionths of a US dollar. ``ends`` is when it begins
    anew, in seconds since the epoch."""

    budget: Budget
    bucket: str
    spent: int
    reserved: int
    ends: int


async def standing(
    budgets: Sequence[Budget], counters: Counters, at: float, *, tenants: bool = True
) -> list[Standing]:
    """Where budgets stand, in their order.

    Args:
        budgets: the budgets.
        counters: where they are counted.
        at: the moment, in seconds since the epoch.
        tenants: whether the buckets of tenants are looked for; else those budgets are left out.

    Raises:
        StoreError: the store does not answer.
    """
    buckets = [
        (budget, bucket)
        for budget in budgets
        if tenants or not budget.per_tenant
        for bucket in (await _tenants(budget, counters, at) if budget.per_tenant else ("",))
    ]
    accounts = [account_of(budget.name, bucket, budget.window) for budget, bucket in buckets]
    asked = [counter for account in accounts for counter in (account.taken, account.reserved)]
    counts = await counters.read(asked, at) if asked else ()
    pairs = zip(buckets, counts[::2], counts[1::2], strict=True)
    return [
        Standing(budget, bucket, max(0, taken - reserved), reserved, budget.window.ends(at))
        for (budget, bucket), taken, reserved in pairs
    ]


async def _tenants(budget: Budget, counters: Counters, at: float) -> list[str]:
    """The tenants that have spent something of a budget."""
    beginning = tenants_in(budget)
    names = await counters.names(beginning, budget.window, at)
    return sorted(name.removeprefix(beginning) for name in names)
