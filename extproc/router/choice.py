"""Between which routes a request is decided: those configured, or those that its client sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extproc.core.catalog import Catalog
from extproc.core.config import Config
from extproc.core.models import Model
from extproc.core.routes import Route
from extproc.errors import ClientError
from extproc.ranking.inline_caps import check_models, check_routes
from extproc.ranking.snapshot import Snapshot

__all__ = ["Choice", "configured", "sent_along"]


@dataclass(frozen=True, slots=True)
class Choice:
    """The routes that a request may belong to; ``pools`` are their models, in declared order, by
    the names of the routes."""

    routes: Sequence[Route]
    pools: Mapping[str, Sequence[Model]]

    def named(self, name: str | None) -> Route | None:
        """The route of this name, None if there is none."""
        if name is None:
            return None
        return next((route for route in self.routes if route.name == name), None)


def configured(config: Config, catalog: Catalog) -> Choice:
    """Between the routes of a configuration, whose models ``catalog`` knows."""
    return Choice(config.routes, {route.name: catalog.candidates(route) for route in config.routes})


def sent_along(
    routes: Sequence[Route], config: Config, catalog: Catalog, snapshot: Snapshot
) -> Choice:
    """Between the routes that a client has sent along.

    Args:
        routes: the client's; none turns routing off.
        config: for the operator's caps.
        catalog: the declared models.
        snapshot: for their prices.

    Raises:
        ClientError: they name too many or undeclared models (400), or exceed the operator's caps
            (400, 403).
    """
    check_routes(config.inline_caps, len(routes))
    most = config.limits.max_candidates
    pools = {route.name: _pool(route, most, catalog) for route in routes}
    check_models(config.inline_caps, pools, snapshot)
    return Choice(routes, pools)


def _pool(route: Route, most: int, catalog: Catalog) -> Sequence[Model]:
    if len(route.models) > most:
        raise ClientError(
            400,
            f"The routing preference '{route.name}' names {len(route.models)} models; at most "
            f"{most} are tried for one request (dragoman.max_candidates).",
            code="too_many_candidates",
            param="routing_preferences",
        )
    return catalog.pool(route.models, route.name)
