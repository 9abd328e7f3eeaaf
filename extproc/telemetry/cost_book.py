"""What requests have cost, added up by time, route and model, and what they would have cost.

It knows the last week, or less of it where there is more to tell than room for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from extproc.core.records import Attempt
from extproc.core.usage import TOKENS
from extproc.telemetry.counterfactuals import Counterfactuals, Instead
from extproc.telemetry.labels import Labels
from extproc.telemetry.receipt import PricedAttempt, Receipt

__all__ = ["LONGEST", "STEP", "Cell", "Comparison", "CostBook", "Figures"]

STEP: Final = 900
"""Seconds that are added up into one figure."""
LONGEST: Final = 7 * 24 * 3600
"""Seconds for which figures are kept."""
_MOST: Final = 10_000
"""Figures, each of which takes about half a kilobyte."""


@dataclass(slots=True)
class Comparison:
    """Of the requests that can be compared: how many there are, what they cost, and what they would
    have cost, in US dollars."""

    requests: int = 0
    cost_usd: float = 0.0
    would_cost_usd: float = 0.0

    def add(self, other: Comparison) -> None:
        """Add up."""
        self.requests += other.requests
        self.cost_usd += other.cost_usd
        self.would_cost_usd += other.would_cost_usd


@dataclass(slots=True)
class Figures:
    """``requests`` have ended, ``cost_usd`` is what is known of their cost, in US dollars, and
    ``without_cost`` is how many answers cost something that is not known. ``tokens`` are by
    their kinds, as far as providers told of them."""

    requests: int = 0
    cost_usd: float = 0.0
    without_cost: int = 0
    tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TOKENS, 0))
    instead: dict[Instead, Comparison] = field(
        default_factory=lambda: {instead: Comparison() for instead in Instead}
    )

    def attempted(self, entry: PricedAttempt) -> None:
        """Count an attempt."""
        for kind, tokens in entry.attempt.usage.told():
            self.tokens[kind] += tokens
        if entry.cost_usd is not None:
            self.cost_usd += entry.cost_usd
        elif entry.lacks_cost:
            self.without_cost += 1

    def add(self, other: Figures) -> None:
        """Add up."""
        self.requests += other.requests
        self.cost_usd += other.cost_usd
        self.without_cost += other.without_cost
        for kind, tokens in other.tokens.items():
            self.tokens[kind] += tokens
        for instead, comparison in other.instead.items():
            self.instead[instead].add(comparison)


@dataclass(frozen=True, slots=True)
class Cell:
    """What figures are of: ``at`` is when their time begins, in seconds since the epoch, a multiple
    of ``STEP``. Route and model are as metrics call them."""

    at: int
    route: str
    model: str


class CostBook:
    """Figures by time, route and model.

    A model's cost is that of the attempts at it; requests and comparisons count for the model that
    answered, or was tried last.
    """

    def __init__(
        self,
        labels: Labels,
        counterfactuals: Counterfactuals,
        *,
        longest: int = LONGEST,
        most: int = _MOST,
    ) -> None:
        """
        Args:
            labels: what models and routes are called.
            counterfactuals: says what requests would have cost.
            longest: how many seconds figures are kept for.
            most: how many figures are kept about; of more, the oldest leave.
        """
        self._labels = labels
        self._counterfactuals = counterfactuals
        self._longest = longest
        self._most = most
        self._steps: dict[int, dict[Cell, Figures]] = {}

    def __len__(self) -> int:
        """How many figures are kept."""
        return sum(map(len, self._steps.values()))

    def add(self, receipts: Sequence[Receipt]) -> None:
        """Requests have ended."""
        for receipt in receipts:
            self._add(receipt)

    def inherit(self, known: Iterable[tuple[Cell, Figures]]) -> None:
        """Add what was known before."""
        for cell, figures in known:
            self._step(cell.at).setdefault(cell, Figures()).add(figures)

    def since(self, at: float) -> Iterator[tuple[Cell, Figures]]:
        """The figures whose time ends after ``at`` (seconds since the epoch), the oldest first."""
        for began in sorted(self._steps):
            if began + STEP > at:
                yield from self._steps[began].items()

    def _add(self, receipt: Receipt) -> None:
        if not receipt.attempts:
            return
        at = int(receipt.decision.at // STEP) * STEP
        route = self._labels.route(receipt.decision.route)
        for entry in receipt.attempts:
            of_model = self._figures(at, route, entry.attempt)
            of_model.attempted(entry)
        of_model.requests += 1
        if would_cost := self._counterfactuals.costs(receipt):
            cost = receipt.cost_usd or 0.0
            for instead, amount in would_cost.items():
                of_model.instead[instead].add(Comparison(1, cost, amount))

    def _figures(self, at: int, route: str, attempt: Attempt) -> Figures:
        cell = Cell(at, route, self._labels.model(attempt.model, attempt.cluster))
        step = self._step(at)
        figures = step.get(cell)
        if figures is None:
            figures = step[cell] = Figures()
        return figures

    def _step(self, at: int) -> dict[Cell, Figures]:
        """The figures of a time; of one that is forgotten at once, none that anybody sees."""
        step = self._steps.get(at)
        if step is None:
            step = self._steps[at] = {}
            self._forget()
        return step

    def _forget(self) -> None:
        """Leave out what is too old, or too much."""
        since = max(self._steps) - self._longest
        excess = len(self) - self._most
        for at in sorted(self._steps):
            if at >= since and excess <= 0:
                return
            excess -= len(self._steps.pop(at))
