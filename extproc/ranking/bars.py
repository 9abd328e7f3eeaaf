"""Bars: why a model may not be tried for a request now, though it could serve it.

Limits, budgets and bounds bar models. A barred model is no candidate, and the next one is tried
instead, without a call that is known to be in vain. Where that leaves none, the request is refused
by what bars its models: it does not go to another model than those that it may go to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from extproc.core.models import Model
from extproc.core.records import Ranked, Skipped
from extproc.errors import ClientError
from extproc.ranking.expectation import Expectation

__all__ = ["Bar", "BarredError", "Objection", "Standing", "allowed", "in_turn", "permit", "refusal"]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why one model may not be tried, and what its client is told if no other may either.

    ``code`` is a token for programs (``limited``), ``reason`` for people, without a full stop.
    ``status`` is that of the refusal, ``error_code`` the code in it, None: this one's. ``headers``
    go with it. ``retry_after`` is after how many seconds the model may be tried again, None if
    that changes nothing. ``gives_way`` is whether the model is tried all the same where no other
    may be. ``fallback`` names the route or the model that the request goes to instead where no
    model is left, None: none.
    """

    code: str
    reason: str
    status: int
    retry_after: int | None = None
    error_code: str | None = None
    gives_way: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    fallback: str | None = None

    def skips(self, model: Model) -> Skipped:
        """The model, as receipts tell of it."""
        return Skipped(model.name, self.code, self.reason)


class BarredError(ClientError):
    """No model may be tried for a request. ``skipped`` are those that may not, ``fallback`` names
    the route or the model that it goes to instead, None: it is refused."""

    skipped: tuple[Skipped, ...] = ()
    fallback: str | None = None


class Bar(Protocol):
    """Judges models for one request."""

    def against(self, model: Model, expectation: Expectation) -> Objection | None:
        """What speaks against a model, None if nothing does.

        It is asked for each of a request's models before they are ranked, and again for all behind
        the first when it is known which are ahead of them (``expectation.ahead``).
        """
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """The models that may be tried, and what speaks against the others, by their names."""

    models: tuple[Model, ...]
    objections: Mapping[str, Objection]
    skipped: tuple[Skipped, ...]


def _objection(model: Model, bars: Sequence[Bar], expectation: Expectation) -> Objection | None:
    """What the first bar that has something against a model says; one that gives way is heard only
    where no other has."""
    found = [each for bar in bars if (each := bar.against(model, expectation)) is not None]
    return next((each for each in found if not each.gives_way), found[0] if found else None)


def allowed(models: Sequence[Model], bars: Sequence[Bar], expectation: Expectation) -> Standing:
    """Judge a request's models, each by itself. An objection that gives way counts only where
    another model may be tried."""
    objections = {
        model.name: objection
        for model in models
        if (objection := _objection(model, bars, expectation)) is not None
    }
    if len(objections) == len(models):
        objections = {name: each for name, each in objections.items() if not each.gives_way}
    return Standing(
        tuple(model for model in models if model.name not in objections),
        objections,
        tuple(objections[model.name].skips(model) for model in models if model.name in objections),
    )


def in_turn(
    ranked: Sequence[Ranked[Model]], bars: Sequence[Bar], expectation: Expectation
) -> tuple[tuple[Ranked[Model], ...], tuple[Skipped, ...]]:
    """Judge candidates by what is tried ahead of each; the first one stays, and so does what only
    an objection that gives way speaks against.

    Returns:
        Those that may be tried, in their order, and those that may not.
    """
    kept: list[Ranked[Model]] = []
    skipped: list[Skipped] = []
    for candidate in ranked:
        behind = replace(expectation, ahead=tuple(one.model for one in kept))
        objection = _objection(candidate.model, bars, behind) if kept else None
        if objection is None or objection.gives_way:
            kept.append(candidate)
        else:
            skipped.append(objection.skips(candidate.model))
    return tuple(kept), tuple(skipped)


def permit(
    model: Model, bars: Sequence[Bar], expectation: Expectation, skipped: Sequence[Skipped] = ()
) -> None:
    """Let a request's only candidate pass.

    Args:
        model: the candidate.
        bars: what keeps models from being tried.
        expectation: of the request.
        skipped: the other models that are no candidates.

    Raises:
        BarredError: it may not be tried.
    """
    objection = _objection(model, bars, expectation)
    if objection is not None and not objection.gives_way:
        raise refusal((objection,), (*skipped, objection.skips(model)))


def refusal(objections: Sequence[Objection], skipped: Sequence[Skipped]) -> BarredError:
    """The answer to a request of whose models none may be tried.

    What passes soonest decides: a client that can come back later should know when.

    Args:
        objections: at least one.
        skipped: all models that are no candidates, in the order in which they are told.
    """
    waits = [one for one in objections if one.retry_after is not None]
    main = min(waits, key=lambda one: one.retry_after or 0) if waits else objections[0]
    reasons = "; ".join(f"{one.model}: {one.reason}" for one in skipped)
    refused = BarredError(
        main.status,
        f"No model may be tried for this request. {reasons}.",
        code=main.error_code or main.code,
        retry_after=main.retry_after,
        headers=main.headers,
    )
    refused.skipped = tuple(skipped)
    refused.fallback = next((one.fallback for one in objections if one.fallback), None)
    return refused
