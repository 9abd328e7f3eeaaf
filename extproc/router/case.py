"""What one request's decision is made from, besides the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extproc.affinity import Pin
from extproc.core.models import Model
from extproc.core.routes import Route
from extproc.dialects.request import ClientRequest
from extproc.dialects.requirements import RequirementsOf
from extproc.ranking.bars import Bar
from extproc.ranking.expectation import Expectation
from extproc.ranking.session_turn import SessionTurn
from extproc.ranking.snapshot import Snapshot
from extproc.router.choice import Choice

__all__ = ["Case"]


@dataclass(slots=True)
class Case:
    """One request, and what is known when it comes.

    ``snapshot`` is what is known of the models. ``choice`` is between the routes that it may belong
    to. ``requested`` is the declared model that its body was written for, None if that cannot be
    said. ``pin`` is what its session is pinned to, and ``session_key`` what that is known by; None:
    it has none. ``turn`` is the session's, if it may change its model. With ``decision_only``
    nothing is sent to a model. ``bars`` keep models from being tried.
    """

    request: ClientRequest
    snapshot: Snapshot
    choice: Choice
    requested: Model | None
    pin: Pin | None
    session_key: str | None
    turn: SessionTurn | None
    decision_only: bool
    bars: Sequence[Bar]

    @property
    def requested_name(self) -> str | None:
        """The name of the requested model, None if that cannot be said."""
        return None if self.requested is None else self.requested.name

    def expectation(self, route: Route | None) -> Expectation:
        """What is expected of the request on a route; None: on no route."""
        return Expectation(route, self.snapshot, RequirementsOf(self.request))
