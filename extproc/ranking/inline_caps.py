"""Holds the routing preferences that clients send along to the operator's caps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from extproc.core.clipping import clipped
from extproc.core.inline_caps import InlineCaps
from extproc.core.models import Model
from extproc.core.wildcards import listed_as
from extproc.errors import ClientError
from extproc.ranking.snapshot import Snapshot

__all__ = ["check_models", "check_routes"]

_KEY: Final = "dragoman.inline_preferences"


def check_routes(caps: InlineCaps, count: int) -> None:
    """See that a request may bring so many routes, none included: that turns routing off.

    Raises:
        ClientError: it may bring none (403), or not so many (400).
    """
    if not caps.allowed:
        raise _refused(403, "forbidden", f"must not be sent along here ({_KEY}.allowed)")
    if count > caps.max_routes:
        routes = "1 route" if caps.max_routes == 1 else f"{caps.max_routes} routes"
        message = f"must not hold more than {routes} ({_KEY}.max_routes)"
        raise _refused(400, "too_many_routes", message)


def check_models(
    caps: InlineCaps, pools: Mapping[str, Sequence[Model]], snapshot: Snapshot
) -> None:
    """See that preferences name no models that they may not name.

    Args:
        caps: the operator's.
        pools: the models of each route, by its name.
        snapshot: for their prices.

    Raises:
        ClientError: they name some (403); the message says which, and what is allowed.
    """
    if caps.models is None and caps.max_price is None:
        return
    for route, pool in pools.items():
        for model in pool:
            for code, fault in _faults(caps, model, snapshot):
                raise _refused(403, code, f"'{clipped(route)}' names '{model.name}', which {fault}")


def _faults(caps: InlineCaps, model: Model, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    if caps.models is not None and not _names(model) & {*caps.models}:
        listed = ", ".join(caps.models) or "none"
        yield (
            "model_not_allowed",
            f"is not among those that they may name: {listed} ({_KEY}.models)",
        )
    if caps.max_price is None:
        return
    most = f"${caps.max_price:g} per million tokens, input and output ({_KEY}.max_price)"
    price = snapshot.prices.get(model.name)
    if price is None:
        if caps.refuses_unpriced:
            yield "model_too_dear", f"has no known price, and may cost {most}"
    elif price.total > caps.max_price:
        yield "model_too_dear", f"costs ${price.total:g}, and may cost {most}"


def _names(model: Model) -> set[str]:
    """What a model is called, and the entry with a wildcard that it belongs to."""
    return {model.name, model.cluster, listed_as(model.cluster)}


def _refused(status: int, code: str, message: str) -> ClientError:
    return ClientError(
        status, f"routing_preferences: {message}.", code=code, param="routing_preferences"
    )
