"""From a request's route to its candidates: the route's models, or what remains where none of them
can serve it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from extproc.core.aside import Aside
from extproc.core.catalog import Catalog
from extproc.core.models import Model
from extproc.core.routes import Route
from extproc.core.switching import SessionCosts, Switch
from extproc.dialects.requirements import RequirementsOf
from extproc.errors import ClientError
from extproc.ranking.bars import BarredError
from extproc.ranking.lineup import Lineup, line_up
from extproc.ranking.ranker import Ranker
from extproc.router.case import Case
from extproc.router.choice import Choice
from extproc.router.last_resort import only, requested_alone
from extproc.router.pinned import as_asked_for, left_over

__all__ = ["Placement", "Placer"]

_NOBODY: Final = Lineup()


@dataclass(slots=True)
class Placement:
    """The candidates of a request, and how they were found.

    ``route`` is the one whose models they are, None if none matched. ``pinned`` is the model that
    the request's session goes on with if it can. ``switch``, ``costs``, ``unfit`` and
    ``diverted_to`` are the decision's.
    """

    route: Route | None
    lineup: Lineup
    pinned: Model | None
    switch: Switch | None = None
    costs: SessionCosts | None = None
    unfit: bool = False
    diverted_to: str | None = None

    @property
    def passed_over(self) -> bool:
        """Whether the session's model may not be tried now, and stays the session's."""
        return self.diverted_to is not None or _is_barred(self.pinned, self.lineup)


class Placer:
    """Finds candidates with one configuration."""

    def __init__(self, catalog: Catalog, configured: Choice, ranker: Ranker, aside: Aside) -> None:
        """
        Args:
            catalog: the declared models.
            configured: the operator's routes.
            ranker: the worker's.
            aside: where large requests are gone through.
        """
        self._catalog = catalog
        self._configured = configured
        self._ranker = ranker
        self._aside = aside

    async def place(
        self, case: Case, route: Route | None, pinned: Model | None, anchor: Model | None
    ) -> Placement:
        """The candidates of a request, at least one.

        Args:
            case: the request's.
            route: the one that it belongs to, None if none matched.
            pinned: the session's model, None if it has none or that says nothing of this request.
            anchor: the same, if another one may take its place.

        Raises:
            ClientError: no model can serve the request (400, 404), or none may be tried (what bars
                them says the status); it names the route.
        """
        lineup = _NOBODY
        if route is not None:
            placed = await self._on_route(case, route, pinned, anchor)
            if placed.lineup.ranked:
                return placed
            lineup, pinned = placed.lineup, placed.pinned
        request = case.request
        try:
            lineup = await self._aside.run_if(
                request.large,
                requested_alone,
                *(case, route, lineup),
                lambda: case.requested or self._catalog.requested(request.model),
            )
        except BarredError as error:
            error.route = None if route is None else route.name
            return await self._instead(error, case, route, pinned)
        except ClientError as error:
            error.route = None if route is None else route.name
            raise
        return Placement(route, lineup, pinned, unfit=route is not None)

    async def _on_route(
        self, case: Case, route: Route, pinned: Model | None, anchor: Model | None
    ) -> Placement:
        """What becomes of a route's models; perhaps none is left."""
        request, turn = case.request, case.turn
        pool = [as_asked_for(model, case.requested) for model in case.choice.pools[route.name]]
        if case.pin is not None:
            pinned = pinned or left_over(case.pin, case.choice, pool)

        def lined_up(first: Model | None) -> Lineup:
            return line_up(
                *(request, pool, route, self._ranker, case.snapshot),
                pinned=first,
                session_key=case.session_key,
                decision_only=case.decision_only,
                bars=case.bars,
            )

        if turn is None:
            lineup = await self._aside.run_if(request.large, lined_up, pinned)
            return Placement(route, lineup, pinned)
        required = await self._aside.run_if(request.large, RequirementsOf(request))
        tokens, switch = required.input_tokens, None
        if anchor is None:
            lineup = await self._aside.run_if(request.large, lined_up, pinned)
        else:
            lineup, switch = await self._aside.run_if(
                request.large, turn.settled, anchor, tokens, lined_up, case.snapshot
            )
        costs = None
        if lineup.ranked and not _is_barred(pinned, lineup):
            costs = turn.account(lineup.ranked[0].model, switch, tokens, case.snapshot.prices)
        return Placement(route, lineup, pinned, switch, costs)

    async def _instead(
        self, error: BarredError, case: Case, route: Route | None, pinned: Model | None
    ) -> Placement:
        """Where a request goes of whose models none may be tried: to the route, or the model, that
        what bars them names for that.

        Raises:
            ClientError: it names none, or no model of that may be tried either.
        """
        if error.fallback is None:
            raise error
        request = case.request
        other = self._configured.named(error.fallback)
        model = self._catalog.declared(error.fallback)
        lineup = _NOBODY
        if other is not None:
            route, pool = other, self._configured.pools[other.name]
            lineup = await self._aside.run_if(
                request.large,
                line_up,
                *(request, pool, route, self._ranker, case.snapshot),
                bars=case.bars,
            )
        elif model is not None:
            lineup = await self._aside.run_if(request.large, only, model, case, route)
        if not lineup.ranked:
            raise error
        skipped = {one.model: one for one in (*error.skipped, *lineup.skipped)}
        lineup = replace(lineup, skipped=tuple(skipped.values()))
        return Placement(route, lineup, pinned, diverted_to=error.fallback)


def _is_barred(model: Model | None, lineup: Lineup) -> bool:
    return model is not None and model.name in lineup.objections
