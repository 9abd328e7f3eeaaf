"""What a request would have cost, had it gone to another model: what routing saves, or does not.

The comparison supposes that the other model would have used as many tokens of each kind as the one
that answered, and would have answered at the first try.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum

from extproc.core.config import Config
from extproc.core.records import DecisionRecord
from extproc.ranking.pricing import cost
from extproc.ranking.snapshot import Snapshot
from extproc.telemetry.receipt import Receipt

__all__ = ["Counterfactuals", "Instead"]


class Instead(StrEnum):
    """Which model every request is supposed to have gone to instead."""

    FIRST_MODEL = "first_model"
    """The first one that the request's route names."""
    DEFAULT_MODEL = "default_model"
    """The one that is declared as default."""


class Counterfactuals:
    """Prices finished requests at the models that they did not go to."""

    def __init__(self, config: Config, snapshot: Callable[[], Snapshot]) -> None:
        """
        Args:
            config: names each route's first model and the default model.
            snapshot: what is known now.
        """
        self._first = {route.name: route.models[0] for route in config.routes if route.models}
        self._default = next((model.name for model in config.models if model.default), None)
        self._snapshot = snapshot

    def costs(self, receipt: Receipt) -> Mapping[Instead, float]:
        """What a request would have cost in each case, in US dollars.

        Cases that cannot be compared are left out: nobody answered, what it cost is not known,
        there is no such model, or a price of it is not known.
        """
        answer = receipt.answer
        if answer is None or answer.forwarded or receipt.cost_usd is None:
            return {}
        prices = self._snapshot().prices
        found: dict[Instead, float] = {}
        for instead in Instead:
            model = self._model(instead, receipt.decision)
            amount = None if model is None else cost(answer.usage, prices.get(model))
            if amount is not None:
                found[instead] = amount
        return found

    def _model(self, instead: Instead, decision: DecisionRecord) -> str | None:
        if instead is Instead.DEFAULT_MODEL:
            return self._default
        return None if decision.route is None else self._first.get(decision.route)
