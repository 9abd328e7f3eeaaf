"""Which model a session's request begins with."""

from __future__ import annotations

from collections.abc import Sequence

from extproc.affinity import Pin
from extproc.core.catalog import Catalog
from extproc.core.models import Model
from extproc.dialects.request import ClientRequest
from extproc.dialects.translation.reach import reach
from extproc.errors import ClientError
from extproc.router.choice import Choice

__all__ = ["as_asked_for", "left_over", "pinned_model"]


def pinned_model(
    request: ClientRequest, pin: Pin | None, choice: Choice, catalog: Catalog
) -> Model | None:
    """The session's model, None where its pin says nothing of this request: it is decided anew.

    A pin is a verdict on a route. Without one, it would keep from their model the requests that
    name another; and a model that this request cannot be sent to is no answer to it.
    """
    if pin is None or choice.named(pin.route) is None:
        return None
    model = catalog.declared(pin.model)
    if model is None:
        return None
    try:
        reached = reach(request.dialect, request.document, [model])
    except ClientError:  # whoever decides anew says so, if it is still so then
        return None
    return model if reached.models else None


def left_over(pin: Pin | None, choice: Choice, pool: Sequence[Model]) -> Model | None:
    """The model of a session whose route is gone, if the route found in its place has it as well:
    then the session keeps its model, and the others are behind it."""
    if pin is None or pin.route is None or choice.named(pin.route) is not None:
        return None
    return next((model for model in pool if model.name == pin.model), None)


def as_asked_for(model: Model, requested: Model | None) -> Model:
    """The model, with the context window that the client asked for it with."""
    return requested if requested is not None and requested.name == model.name else model
