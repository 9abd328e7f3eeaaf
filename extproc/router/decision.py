"""What is decided of a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from extproc.core.models import Model
from extproc.core.records import Ranked, Skipped
from extproc.core.routes import Route
from extproc.core.switching import SessionCosts, Switch
from extproc.intent import ClassificationError, Intent

__all__ = ["NO_INTENT", "Decision"]

NO_INTENT: Final = Intent(route=None)


@dataclass(frozen=True, slots=True)
class Decision:
    """The candidates of one request, best first, and how they were found.

    ``route`` is None when no route matched: then the only candidate is the requested model.
    ``failure`` is why the request could not be classified, None if it was
    or needed not be; ``classification_seconds`` is how long that took, None if it was not tried.
    ``pinned`` says that the first candidate is the session's, ``switched`` that the session had
    another one until now. ``switch`` is what was judged of that, ``costs`` the session's account
    behind this request, where it may change its model. ``requested`` is the name of the
    declared model that the client asked for, None if it asked for none. ``skipped`` are models that
    the request cannot be translated for, or that may not be tried now; where the first left none
    of the route's, the only candidate is the requested model, and ``unfit`` is true.
    ``passed_over`` says that the session's model may not be tried now, and stays the session's.
    ``diverted_to`` is the route or the model that the request goes to since none of its own models
    may be tried, None where that is not so; ``route`` is that route then.
    ``hedge_after`` is for how many seconds a candidate may show nothing before the next one is
    asked besides it, None: that one is asked only when this one has failed. ``shadow`` gets a copy
    of the request, None: nobody does.
    """

    ranked: tuple[Ranked[Model], ...]
    route: Route | None
    intent: Intent = NO_INTENT
    failure: ClassificationError | None = None
    classification_seconds: float | None = None
    pinned: bool = False
    requested: str | None = None
    skipped: tuple[Skipped, ...] = ()
    unfit: bool = False
    passed_over: bool = False
    switched: bool = False
    switch: Switch | None = None
    costs: SessionCosts | None = None
    diverted_to: str | None = None
    hedge_after: float | None = None
    shadow: Model | None = None

    @property
    def candidates(self) -> tuple[Model, ...]:
        return tuple(candidate.model for candidate in self.ranked)
