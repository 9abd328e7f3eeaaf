"""The decision: which models serve a request, in which order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from extproc.catalog import Catalog
from extproc.config.values import Config, Dialect, Model, Route
from extproc.dialects.errors import ClientError
from extproc.dialects.request import ClientRequest
from extproc.intent import ClassificationError, Intent, IntentClassifier
from extproc.ranking.policies import rank

__all__ = ["Decision", "Router", "speakers"]

_NO_INTENT = Intent(route=None)


@dataclass(frozen=True, slots=True)
class Decision:
    """The candidates of one request, best first, and how they were found.

    ``route`` is None when no route matched: then the only candidate is the requested model.
    ``failure`` is why the request could not be classified, None if it was or needed not be.
    """

    candidates: tuple[Model, ...]
    route: str | None
    score: float | None = None
    failure: ClassificationError | None = None


class Router:
    """Decides with one configuration. It keeps no state between requests."""

    def __init__(
        self, config: Config, classifier: IntentClassifier, chance: random.Random | None = None
    ) -> None:
        self._catalog = Catalog(config)
        self._routes = config.routes
        self._pools = {route.name: self._catalog.candidates(route) for route in config.routes}
        self._classifier = classifier
        self._chance = chance or random.Random()  # noqa: S311 - spreads load, guards no secret

    async def decide(self, request: ClientRequest) -> Decision:
        """Choose the candidates of a request.

        A classifier that fails never fails the request: it goes on to the requested model.

        Raises:
            ClientError: inline preferences name undeclared models (400), or no route matched and
                the requested model is missing (400) or unknown (404).
        """
        routes, pools = self._routes, self._pools
        if request.inline_routes is not None:
            routes = request.inline_routes
            pools = {route.name: self._catalog.pool(route.models, route.name) for route in routes}
        intent, failure = await self._classify(request, routes)
        route = next((route for route in routes if route.name == intent.route), None)
        if route is None:
            requested = self._catalog.requested(request.model)
            return Decision((requested,), None, intent.score, failure)
        candidates = rank(pools[route.name], route.prefer, self._chance)
        return Decision(candidates, route.name, intent.score)

    async def _classify(
        self, request: ClientRequest, routes: Sequence[Route]
    ) -> tuple[Intent, ClassificationError | None]:
        if not routes or not request.conversation:
            return _NO_INTENT, None
        try:
            return await self._classifier.classify(request.conversation, routes), None
        except ClassificationError as error:
            return _NO_INTENT, error
        except Exception as error:  # noqa: BLE001 - a classifier never fails a request
            failure = ClassificationError("error", "the classifier raised an unexpected error")
            failure.__cause__ = error
            return _NO_INTENT, failure


def speakers(decision: Decision, dialect: Dialect) -> tuple[Model, ...]:
    """The candidates that speak the client's dialect natively, in the decision's order.

    Raises:
        ClientError: none does (400, says what each speaks).
    """
    able = tuple(model for model in decision.candidates if dialect in model.paths)
    if not able:
        spoken = "; ".join(
            f"{model.name} speaks {' and '.join(model.paths)}" for model in decision.candidates
        )
        raise ClientError(
            400,
            f"No candidate speaks this endpoint's dialect ({dialect}): {spoken}.",
            code="dialect_not_supported",
            param="model",
        )
    return able
