"""Budgets at work: what a request is expected to cost is set aside before it is sent.

Where a budget stands is known from the last time that it was asked, so that most requests ask the
store once: when they take what they need. Who finds then that others were quicker decides again by
what the store has said.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cachetools import LRUCache

from extproc.core.budgets import Budget, Reservation
from extproc.core.counting import OnStoreFailure
from extproc.core.models import Model
from extproc.errors import ClientError
from extproc.quotas import Charge, Counter, Counters, StoreError
from extproc.quotas.accounts import Account, account_of, reserving
from extproc.ranking.bars import Objection
from extproc.ranking.expectation import Expectation
from extproc.ranking.spending import Purse, set_aside

__all__ = ["Budgets", "Spending"]

_CONTENDED: Final = "budget_contended"
"""The code of what is refused since others were quicker again and again."""

_FRESH: Final = 0.5
"""Seconds for which it is taken to stand where it stood."""
_MOST_REMEMBERED: Final = 10_000
_ROUNDS: Final = 8
"""How often one request may find that others were quicker."""


@dataclass(slots=True)
class _Entry:
    """A bucket: its purse, its counters, what is set aside for each model, by its name."""

    purse: Purse
    account: Account
    bucket: str
    amounts: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Known:
    """Where an account stood at a moment."""

    taken: int
    at: float


class Spending:
    """What the budgets have to say about one request, and what is taken of them for it. It is a
    :class:`extproc.ranking.bars.Bar`."""

    def __init__(
        self,
        entries: Sequence[_Entry],
        counters: Counters,
        at: float,
        learn: Callable[[Sequence[tuple[Account, int]]], None],
    ) -> None:
        """
        Args:
            entries: the buckets that the request may spend from.
            counters: where they are counted.
            at: the moment of the request.
            learn: is told where accounts stand.
        """
        self.reservations: tuple[Reservation, ...] = ()
        self._entries = entries
        self._counters = counters
        self._at = at
        self._learn = learn
        self._rounds = 0

    def against(self, model: Model, expectation: Expectation) -> Objection | None:
        route = None if expectation.route is None else expectation.route.name
        for entry in self._entries:
            entry.amounts.pop(model.name, None)
        covering = [each for each in self._entries if each.purse.budget.covers(route, model)]
        cost = expectation.cost(model) if covering else None
        for entry in covering:
            entry.amounts[model.name] = set_aside(cost)
            objection = entry.purse.against(model, cost, expectation)
            if objection is not None:
                return objection
        return None

    async def reserve(self, candidates: Sequence[Model]) -> bool:
        """Set aside what the dearest of a request's candidates is expected to cost.

        Args:
            candidates: all of them have been judged, and nothing speaks against any.

        Returns:
            Whether that is done; else others were quicker, and the candidates must be judged again.

        Raises:
            ClientError: others were quicker again and again (503).
        """
        names = [model.name for model in candidates]
        found = [(entry, _amounts(entry, names)) for entry in self._entries]
        taking = [(entry, amounts) for entry, amounts in found if amounts]
        asked = [(entry, amounts) for entry, amounts in taking if entry.purse.taken is not None]
        charges = [
            charge
            for entry, amounts in asked
            for charge in reserving(entry.account, max(amounts.values()), _limit(entry, amounts))
        ]
        try:
            if charges and not await self._take(charges, [entry for entry, _ in asked]):
                return False
        except StoreError:
            for entry, _ in asked:
                entry.purse.taken = None
            if any(entry.purse.closed for entry, _ in asked):
                return False
        self.reservations = tuple(self._reservation(*each) for each in taking)
        return True

    async def _take(self, charges: Sequence[Charge], entries: Sequence[_Entry]) -> bool:
        taken = await self._counters.take(charges, self._at)
        counts = taken.counts[::2]
        for entry, count in zip(entries, counts, strict=True):
            entry.purse.taken = count
        self._learn([(e.account, count) for e, count in zip(entries, counts, strict=True)])
        self._rounds += not taken.granted
        if self._rounds > _ROUNDS:
            raise ClientError(
                503,
                "Too many requests spend from the same budget at once. Try again.",
                code=_CONTENDED,
                retry_after=1,
            )
        return taken.granted

    def _reservation(self, entry: _Entry, amounts: Mapping[str, int]) -> Reservation:
        budget = entry.purse.budget
        amount = 0 if entry.purse.taken is None else max(amounts.values())
        return Reservation(
            budget.name, entry.bucket, budget.window, self._at, amount, tuple(amounts)
        )


def _amounts(entry: _Entry, names: Sequence[str]) -> dict[str, int]:
    return {name: entry.amounts[name] for name in names if name in entry.amounts}


def _limit(entry: _Entry, amounts: Mapping[str, int]) -> int | None:
    """What the account may come to. What goes on although the budget is used up, or costs nothing
    that is known, is counted all the same."""
    if not any(amounts.values()) or not all(map(entry.purse.has, amounts.values())):
        return None
    return entry.purse.budget.amount


class Budgets:
    """The budgets of one configuration, in one worker."""

    def __init__(
        self,
        budgets: Sequence[Budget],
        counters: Counters,
        on_failure: OnStoreFailure,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        Args:
            budgets: at least one.
            counters: where they are counted.
            on_failure: what becomes of requests that cannot be counted.
            clock: the time, in seconds since the epoch.
        """
        self._budgets = budgets
        self._counters = counters
        self._closed = on_failure is OnStoreFailure.CLOSED
        self._clock = clock
        self._known: LRUCache[tuple[Counter, int], _Known] = LRUCache(_MOST_REMEMBERED)

    async def spending(self, tenant: str | None) -> Spending:
        """What a request may spend.

        Args:
            tenant: whose request it is, None where no header tells.
        """
        at = self._clock()
        buckets = [(budget, budget.bucket(tenant)) for budget in self._budgets]
        accounts = [account_of(budget.name, bucket, budget.window) for budget, bucket in buckets]
        standing = [self._fresh(account, at) for account in accounts]
        if None in standing:
            standing = [*await self._read(accounts, at)]
        entries = [
            _Entry(Purse(budget, at, taken, self._closed), account, bucket, {})
            for (budget, bucket), account, taken in zip(buckets, accounts, standing, strict=True)
        ]
        return Spending(entries, self._counters, at, lambda told: self._learn(told, at))

    async def _read(self, accounts: Sequence[Account], at: float) -> Sequence[int | None]:
        try:
            counts = await self._counters.read([account.taken for account in accounts], at)
        except StoreError:
            return [None] * len(accounts)
        self._learn(list(zip(accounts, counts, strict=True)), at)
        return counts

    def _fresh(self, account: Account, at: float) -> int | None:
        known = self._known.get(_key(account, at))
        return None if known is None or self._clock() - known.at > _FRESH else known.taken

    def _learn(self, told: Sequence[tuple[Account, int]], at: float) -> None:
        now = self._clock()
        for account, taken in told:
            self._known[_key(account, at)] = _Known(taken, now)


def _key(account: Account, at: float) -> tuple[Counter, int]:
    return account.taken, account.taken.window.begins(at)
