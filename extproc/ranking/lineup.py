"""From a route's models to the candidates of one request, in four steps.

Models that may not be tried now, and those that the request cannot be translated for, leave before
anything is ranked: what cannot be tried is neither explored nor probed. The others are ranked. Then
those go behind that would serve the request worse than others: first those whose translation loses
a part that others carry, and at the very end those that a limit of the model speaks against, which
would probably refuse it. Last, those leave that may not be tried behind the ones ahead of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import structs

from extproc.core.conversation import Conversation
from extproc.core.models import Model
from extproc.core.records import Ranked, Skipped
from extproc.core.routes import Route
from extproc.dialects.request import ClientRequest
from extproc.dialects.requirements import RequirementsOf
from extproc.dialects.translation.reach import reach
from extproc.ranking.bars import Bar, Objection, allowed, in_turn
from extproc.ranking.eligibility import Eligibility
from extproc.ranking.expectation import Expectation
from extproc.ranking.ranker import Demand, Ranker
from extproc.ranking.snapshot import Snapshot

__all__ = ["Lineup", "line_up"]

_BYTES_PER_TOKEN: Final = 4


@dataclass(frozen=True, slots=True)
class Lineup:
    """The candidates, in the order of the attempts, and the models that are none. ``objections``
    are what bars those that may not be tried, by their names."""

    ranked: tuple[Ranked[Model], ...] = ()
    skipped: tuple[Skipped, ...] = ()
    objections: Mapping[str, Objection] = field(default_factory=dict)


def line_up(
    request: ClientRequest,
    pool: Sequence[Model],
    route: Route,
    ranker: Ranker,
    snapshot: Snapshot,
    *,
    pinned: Model | None = None,
    session_key: str | None = None,
    decision_only: bool = False,
    bars: Sequence[Bar] = (),
) -> Lineup:
    """The candidates of a request that a route matched; perhaps none is left.

    Args:
        request: the request.
        pool: the route's models in declared order.
        route: for its policy.
        ranker: the worker's.
        snapshot: what is known of the models.
        pinned: the model of the request's session, which need not be one of the route's.
        session_key: what the request's session is known by, None if it has none.
        decision_only: nothing is sent to a model, so the request can probe none.
        bars: what keeps models from being tried.

    Raises:
        ClientError: the request cannot be understood, and no model speaks its dialect (400).
    """
    models = _with(pinned, pool)
    expectation = Expectation(route, snapshot, RequirementsOf(request))
    standing = allowed(models, bars, expectation) if bars else None
    reached = reach(
        request.dialect, request.document, models if standing is None else standing.models
    )
    eligibility = Eligibility(request.dialect, expectation.requirements)
    demand = Demand(
        input_tokens=lambda: _size(request.conversation),
        reaches=lambda model: (
            not decision_only
            and model.name not in reached.reluctant
            and eligibility.against(model) is None
        ),
        pinned=pinned if pinned is not None and pinned in reached.models else None,
        session_key=session_key,
    )
    ranked = ranker.rank(reached.models, route, demand, snapshot)
    ordered = eligibility.order(_reluctant_last(ranked, reached.reluctant))
    if standing is None:
        return Lineup(ordered, reached.skipped)
    kept, behind = in_turn(ordered, bars, expectation)
    skipped = (*standing.skipped, *reached.skipped, *behind)
    return Lineup(kept, skipped, standing.objections)


def _with(pinned: Model | None, pool: Sequence[Model]) -> Sequence[Model]:
    if pinned is None or any(model.name == pinned.name for model in pool):
        return pool
    return (pinned, *pool)


def _reluctant_last(
    ranked: Sequence[Ranked[Model]], reluctant: Mapping[str, str]
) -> Sequence[Ranked[Model]]:
    if not reluctant:
        return ranked
    noted = (structs.replace(one, reluctant=reluctant.get(one.model.name)) for one in ranked)
    return sorted(noted, key=lambda one: one.reluctant is not None)


def _size(conversation: Conversation) -> float:
    """An estimate, in tokens: English text has about four bytes to a token."""
    return sum(len(turn.text.encode()) for turn in conversation) / _BYTES_PER_TOKEN
