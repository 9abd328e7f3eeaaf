"""A receipt: what was decided for a request, what was tried, how it ended and what it cost.

Receipts are what the observer hands to whoever wants to know of requests that have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TypeAlias, TypeVar

from msgspec import Struct

from extproc.core.guards import GuardVerdict
from extproc.core.records import Attempt, Completion, DecisionRecord, Unserved
from extproc.core.usage import TOKENS, Usage

__all__ = ["PricedAttempt", "Receipt", "ReceiptConsumer"]

_Number = TypeVar("_Number", int, float)


class PricedAttempt(Struct, frozen=True):
    """An attempt and what it cost when it ended, in US dollars; None if that is not known."""

    attempt: Attempt
    cost_usd: float | None = None

    @property
    def lacks_cost(self) -> bool:
        """Whether it cost something that is not known, and that was to be known: what is forwarded
        by names alone has no price."""
        attempt = self.attempt
        return self.cost_usd is None and attempt.outcome.costs and not attempt.forwarded

    @property
    def may_cost(self) -> bool:
        """Whether it costs something that is not known, or may do so."""
        return self.lacks_cost or (self.cost_usd is None and self.attempt.outcome.given_up)


class Receipt(Struct, frozen=True):
    """All that is known of one request; ``attempts`` are in the order in which they were made, and
    ``guards`` in the order in which they looked.

    ``shadow`` is what became of its copy, None if there was none or nobody has told yet. It is no
    part of the request: not of its cost, nor of what it used. ``decided`` is false where the
    request ended before anybody decided it: ``decision`` is then a stand-in that says no more than
    what is known of it.
    """

    decision: DecisionRecord
    attempts: tuple[PricedAttempt, ...] = ()
    completion: Completion | None = None
    guards: tuple[GuardVerdict, ...] = ()
    shadow: PricedAttempt | None = None
    decided: bool = True

    @property
    def unserved(self) -> Unserved | None:
        """What it asked for, if it has ended without going to a provider, and not well."""
        return None if self.completion is None else self.completion.unserved

    @property
    def answered_by(self) -> str | None:
        """The model whose answer the client got, None if there is none yet or nobody answered.

        Where every attempt failed, that is the last one: its status and body are the client's.
        """
        if self.completion is not None and self.completion.model is not None:
            return self.completion.model
        return None if self.answer is None else self.answer.model

    @property
    def answer(self) -> Attempt | None:
        """The attempt whose answer was one, to its end; None if there is none."""
        for entry in reversed(self.attempts):
            if entry.attempt.succeeded:
                return entry.attempt
        return None

    @property
    def last(self) -> Attempt | None:
        """The attempt that was made last of those that were waited for, None if there is none."""
        waited_for = (each.attempt for each in reversed(self.attempts) if not each.attempt.lost)
        return next(waited_for, None)

    @property
    def cost_usd(self) -> float | None:
        """What all attempts cost together; None where any part of it is not known."""
        return self._total(lambda entry: entry.cost_usd)

    @property
    def usage(self) -> Usage:
        """What all attempts used together; a figure is None where any part of it is not known."""
        if len(self.attempts) == 1 and (self.completion is None or self.completion.attempts <= 1):
            return self.attempts[0].attempt.usage  # as of nearly every request
        return Usage(**{kind: self._total(_tokens(kind)) for kind in TOKENS})

    def _total(self, figure: Callable[[PricedAttempt], _Number | None]) -> _Number | None:
        if self.completion is not None and self.completion.attempts > len(self.attempts):
            return None  # an attempt was not told of, and it may be the one that counts
        known: list[_Number] = []
        for entry in self.attempts:
            amount = figure(entry)
            if amount is not None:
                known.append(amount)
            elif entry.attempt.outcome.costs:
                return None
        return sum(known[1:], known[0]) if known else None


def _tokens(kind: str) -> Callable[[PricedAttempt], int | None]:
    of_usage = attrgetter(kind)
    return lambda entry: of_usage(entry.attempt.usage)


ReceiptConsumer: TypeAlias = Callable[[Sequence[Receipt]], None]
"""Is told of requests that have ended, several at a time, each once. It is called in the observer's
loop, so it must return at once: what takes longer goes to a thread or a task of its own."""
