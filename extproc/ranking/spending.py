"""What a budget has against a model for one request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from extproc.core.budgets import Budget, OnExhausted, Unpriced, rounded_up
from extproc.core.models import Model
from extproc.ranking.bars import Objection
from extproc.ranking.expectation import Expectation
from extproc.ranking.pricing import expected_cost

__all__ = ["BUDGET", "Purse", "set_aside"]

BUDGET: Final = "budget"
"""The code of what a budget bars."""
_NOT_COUNTED: Final = "budget_not_counted"
"""The code of what is barred since the store of counters does not answer."""
_UNPRICED: Final = "unpriced"
"""The code of what is barred since its price is not known."""

_USED_UP: Final = "insufficient_quota"
"""What OpenAI calls it, and clients know (https://platform.openai.com/docs/guides/error-codes)."""
_NO_RETRY: Final = {"x-should-retry": "false"}
"""Understood by the SDKs of OpenAI and Anthropic, which would otherwise try a 429 again at once."""
_SOON: Final = 2
"""Seconds until a store that does not answer is asked again."""


def set_aside(cost: float | None) -> int:
    """What is set aside for a model, in billionths of a US dollar: 0 where it is free.

    Args:
        cost: what it is expected to cost, in US dollars; None if its price is not known.
    """
    return rounded_up(cost or 0.0)


@dataclass(slots=True)
class Purse:
    """One bucket of a budget at a moment: ``taken`` is what is spent and set aside, None where the
    store does not say; ``closed`` is whether that means that nothing may be spent."""

    budget: Budget
    at: float
    taken: int | None
    closed: bool = False

    def has(self, amount: int) -> bool:
        """Whether there is so much left. What costs nothing, it always has."""
        return not amount or (self.taken or 0) + amount <= self.budget.amount

    def against(
        self, model: Model, cost: float | None, expectation: Expectation
    ) -> Objection | None:
        """What speaks against a model that the budget covers, None if nothing does.

        Args:
            model: the model.
            cost: what it is expected to cost, in US dollars; None if its price is not known.
            expectation: of the request.
        """
        if self.taken is None:
            return self._not_counted() if self.closed else None
        if cost is None:
            return self._unpriced() if self.budget.unpriced is Unpriced.REFUSE else None
        if self.has(set_aside(cost)) or self._goes_on(model, cost, expectation):
            return None
        return self._used_up()

    def _goes_on(self, model: Model, cost: float, expectation: Expectation) -> bool:
        """Whether a model is what the budget goes on with when it is used up."""
        match self.budget.on_exhausted:
            case OnExhausted.CHEAPER:
                return self._is_cheaper(model, cost, expectation)
            case OnExhausted.FALLBACK:
                return model.name in self.budget.fallback_models
            case OnExhausted.REFUSE:
                return False

    def _is_cheaper(self, model: Model, cost: float, expectation: Expectation) -> bool:
        """Whether a model costs less for this request than the first one of its route would."""
        if expectation.route is None:
            return False
        first = expectation.snapshot.prices.get(expectation.route.models[0])
        if first is None:
            return False
        entering = expectation.requirements().input_tokens
        return cost < expected_cost(first, entering, expectation.output_tokens(model))

    def _used_up(self) -> Objection:
        end = self.budget.window.ends(self.at)
        state = "has too little left" if (self.taken or 0) < self.budget.amount else "is used up"
        return Objection(
            BUDGET,
            f"the budget '{self.budget.name}' {state} until "
            f"{datetime.fromtimestamp(end, UTC):%Y-%m-%d %H:%M} UTC",
            429,
            retry_after=max(1, round(end - self.at)),
            error_code=_USED_UP,
            headers=_NO_RETRY,
            fallback=self.budget.fallback,
        )

    def _unpriced(self) -> Objection:
        reason = f"its price is not known, and the budget '{self.budget.name}' wants one"
        return Objection(_UNPRICED, reason, 503)

    def _not_counted(self) -> Objection:
        reason = f"the budget '{self.budget.name}' cannot be counted at the moment"
        return Objection(_NOT_COUNTED, reason, 503, retry_after=_SOON)
