"""Whether a request is copied to its route's shadow."""

from __future__ import annotations

import random
from collections.abc import Sequence

from extproc.core.models import Model
from extproc.core.records import Ranked
from extproc.core.routes import Shadow
from extproc.dialects.request import ClientRequest
from extproc.dialects.translation.reach import reach
from extproc.errors import ClientError
from extproc.ranking.bars import Bar, allowed
from extproc.ranking.expectation import Expectation

__all__ = ["drawn", "fits"]


def drawn(
    shadow: Shadow,
    request: ClientRequest,
    ranked: Sequence[Ranked[Model]],
    chance: random.Random,
) -> bool:
    """Whether a request is one of those that are to be copied.

    One that goes on from an answer is not, for the shadow does not have it; nor is one that the
    shadow's model is tried first for anyway.

    Args:
        shadow: the route's.
        request: the request.
        ranked: its candidates.
        chance: draws.
    """
    if request.goes_on_from is not None:
        return False
    return ranked[0].model.name != shadow.model and chance.random() * 100 < shadow.percent


def fits(
    model: Model, request: ClientRequest, bars: Sequence[Bar], expectation: Expectation
) -> bool:
    """Whether a model may be a request's shadow now: it is well, nothing bars it, and the request
    can be translated for it.

    Args:
        model: the shadow's.
        request: the request.
        bars: what keeps models from being tried.
        expectation: of the request.
    """
    if model.name in expectation.snapshot.cooldowns:
        return False
    if not allowed([model], bars, expectation).models:
        return False
    try:
        return bool(reach(request.dialect, request.document, [model]).models)
    except ClientError:  # nothing is known of it but that its candidates take it as it is
        return False
