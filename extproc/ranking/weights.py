"""Which candidate goes first where a route weighs its models: a draw, the same for one session.

Each model draws a waiting time whose mean is the inverse of its weight, and the shortest one wins,
so that chances are in proportion to weights. A session's times come from a hash of its key and of
the model's name. Where weights change, only as many sessions move as must: to the model whose
weight grew, or from the one whose weight shrank.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from extproc.core.models import Model
from extproc.core.records import Ranked
from extproc.core.routes import Weight

__all__ = ["drawn_first"]

_DIGEST_BYTES: Final = 6
"""As many as leave a float room for the half of a step that keeps shares off 0 and 1."""


def drawn_first(
    ranked: Sequence[Ranked[Model]],
    weights: Sequence[Weight],
    session_key: str | None,
    chance: random.Random,
) -> tuple[Ranked[Model], ...]:
    """The candidates with the one at the front that the draw has chosen, the others as they were.

    Args:
        ranked: the candidates, in the policy's order. One without a weight is never drawn.
        weights: the route's.
        session_key: what the request's session is known by, None if it has none.
        chance: draws for requests without a session.
    """
    weight_of = {each.model: each.weight for each in weights}
    drawing = [one for one in ranked if one.model.name in weight_of]
    if not drawing:
        return tuple(ranked)

    def waiting_time(candidate: Ranked[Model]) -> float:
        name = candidate.model.name
        share = 1 - chance.random() if session_key is None else _share(session_key, name)
        return -math.log(share) / weight_of[name]

    first = min(drawing, key=waiting_time)
    return (replace(first, drawn=True), *(one for one in ranked if one is not first))


def _share(session_key: str, name: str) -> float:
    """Above 0 and below 1, evenly spread over sessions and models."""
    hashed = f"{session_key}\n{name}".encode(errors="surrogatepass")
    digest = hashlib.blake2b(hashed, digest_size=_DIGEST_BYTES).digest()
    return (int.from_bytes(digest) + 0.5) / float(1 << 8 * _DIGEST_BYTES)
