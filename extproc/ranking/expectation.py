"""What is expected of a request before it is sent: how large it is, and what it will cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from extproc.core.models import Model
from extproc.core.requirements import Requirements
from extproc.core.routes import Route
from extproc.ranking.policies import EXPECTED_OUTPUT_TOKENS
from extproc.ranking.pricing import expected_cost
from extproc.ranking.snapshot import Snapshot

__all__ = ["Expectation"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One request, as those see it who judge which models may be tried for it.

    ``route`` is the one that matched, None if none did. ``snapshot`` is what is known of models.
    ``requirements`` reads the request's, which takes a while the first time. ``ahead`` are the
    models that are tried before the one that is judged; all of them may be billed.
    """

    route: Route | None
    snapshot: Snapshot
    requirements: Callable[[], Requirements]
    ahead: tuple[Model, ...] = ()

    def output_tokens(self, model: Model) -> float:
        """How many tokens the answer of a model is expected to have: as many as answers of the
        route usually have, but not more than the client asks for and the model can give."""
        usual = EXPECTED_OUTPUT_TOKENS
        if self.route is not None:
            usual = self.snapshot.output_tokens.get(self.route.name, usual)
        bounds = (self.requirements().output_tokens, model.traits.output_ceiling)
        return min((usual, *(bound for bound in bounds if bound)))

    def cost(self, model: Model) -> float | None:
        """What an attempt at a model is expected to cost, in US dollars; None if its price is not
        known."""
        price = self.snapshot.prices.get(model.name)
        if price is None:
            return None
        return expected_cost(price, self.requirements().input_tokens, self.output_tokens(model))
