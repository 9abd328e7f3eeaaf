"""Where a request goes of whose route no model can serve it: to a single candidate."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from extproc.core.clipping import clipped
from extproc.core.models import Model
from extproc.core.records import Ranked
from extproc.dialects.request import ClientRequest
from extproc.dialects.table import DIALECTS
from extproc.dialects.translation.reach import reach
from extproc.errors import ClientError
from extproc.ranking.bars import Bar, allowed, permit, refusal
from extproc.ranking.expectation import Expectation
from extproc.ranking.lineup import Lineup

__all__ = ["only", "requested_alone"]


def requested_alone(
    request: ClientRequest,
    lineup: Lineup,
    bars: Sequence[Bar],
    expectation: Expectation,
    requested: Callable[[], Model],
) -> Lineup:
    """The requested model, where no route has a candidate.

    Args:
        request: the request.
        lineup: what has become of its route's models, if it has a route.
        bars: what keeps models from being tried.
        expectation: of the request.
        requested: finds the model.

    Raises:
        ClientError: a model of the route may not be tried, or neither may the requested one (what
            bars it says the status), that one is missing (400) or unknown (404), or the request
            can be translated for none of them (400; 404 if it goes on from an answer that they do
            not have).
    """
    if lineup.objections:
        raise refusal(tuple(lineup.objections.values()), lineup.skipped)
    refused = {one.model: one for one in lineup.skipped}
    model = requested()
    if model.name not in refused:
        permit(model, bars, expectation, lineup.skipped)
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


def only(
    model: Model, request: ClientRequest, bars: Sequence[Bar], expectation: Expectation
) -> Lineup:
    """A single candidate, or none if it may not be tried or the request cannot be translated."""
    if not allowed((model,), bars, expectation).models:
        return Lineup()
    found = reach(request.dialect, request.document, [model])
    return Lineup(tuple(map(Ranked, found.models)), found.skipped)
