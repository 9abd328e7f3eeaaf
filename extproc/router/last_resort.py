"""Where a request goes of whose route no model can serve it: to a single candidate."""

from __future__ import annotations

from collections.abc import Callable

from extproc.core.clipping import clipped
from extproc.core.models import Model
from extproc.core.records import Ranked
from extproc.core.routes import Route
from extproc.dialects.table import DIALECTS
from extproc.dialects.translation.reach import reach
from extproc.errors import ClientError
from extproc.ranking.bars import allowed, permit, refusal
from extproc.ranking.lineup import Lineup
from extproc.router.case import Case

__all__ = ["only", "requested_alone"]


def requested_alone(
    case: Case, route: Route | None, lineup: Lineup, requested: Callable[[], Model]
) -> Lineup:
    """The requested model, where no route has a candidate.

    Args:
        case: the request's.
        route: the one that matched, None if none did.
        lineup: what has become of the route's models.
        requested: finds the model.

    Raises:
        ClientError: a model of the route may not be tried, or neither may the requested one (what
            bars it says the status), that one is missing (400) or unknown (404), or the request
            can be translated for none of them (400; 404 if it goes on from an answer that they do
            not have).
    """
    if lineup.objections:
        raise refusal(tuple(lineup.objections.values()), lineup.skipped)
    request = case.request
    refused = {one.model: one for one in lineup.skipped}
    model = requested()
    if model.name not in refused:
        if case.bars:
            permit(model, case.bars, case.expectation(route), lineup.skipped)
        found = reach(request.dialect, request.document, [model])
        if found.models:
            return Lineup((Ranked(model),), tuple(refused.values()))
        refused |= {one.model: one for one in found.skipped}
    reasons = "; ".join(f"{one.model}: {one.reason}" for one in refused.values())
    lost = DIALECTS[request.dialect].lost
    if request.goes_on_from is not None and lost is not None:
        raise ClientError(
            404,
            f"No candidate has what '{clipped(request.goes_on_from)}' belongs to: send the "
            f"whole conversation. {reasons}",
            code=lost,
        )
    raise ClientError(
        400,
        f"No candidate can serve this request faithfully. {reasons}",
        code="no_candidate_fits",
    )


def only(model: Model, case: Case, route: Route | None) -> Lineup:
    """A single candidate, or none if it may not be tried or the request cannot be translated."""
    if not allowed((model,), case.bars, case.expectation(route)).models:
        return Lineup()
    found = reach(case.request.dialect, case.request.document, [model])
    return Lineup(tuple(map(Ranked, found.models)), found.skipped)
