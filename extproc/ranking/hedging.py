"""When a request's second candidate is asked besides its first."""

from __future__ import annotations

from collections.abc import Sequence

from extproc.core.models import Model
from extproc.core.records import Ranked
from extproc.core.routes import Route
from extproc.ranking.snapshot import Snapshot

__all__ = ["hedge_after"]


def hedge_after(
    route: Route | None, ranked: Sequence[Ranked[Model]], snapshot: Snapshot, *, streamed: bool
) -> float | None:
    """For how many seconds an attempt may show nothing before the next one is made at its side.

    None where the route does not hedge, where it is not known how long the first candidate takes
    (yet, or since its stream is held to its end), and where the second is one that would rather be
    left alone, or cannot take the request.

    Args:
        route: the one that matched, if one did.
        ranked: the candidates, in the order of the attempts.
        snapshot: what is known of the models.
        streamed: whether the client asked for a stream.
    """
    if route is None or route.hedge is None or len(ranked) < 2:
        return None
    first, second = ranked[:2]
    if second.cooldown is not None or second.ineligible is not None:
        return None
    if route.hedge.after is not None:
        return route.hedge.after
    tail = snapshot.tails.get(first.model.name)
    if tail is None or (streamed and route.hold_stream):
        return None
    return tail.stream if streamed else tail.whole
