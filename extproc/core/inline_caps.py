"""What clients may ask for in routing preferences of their own."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MOST_INLINE_ROUTES", "InlineCaps"]

MOST_INLINE_ROUTES = 64
"""Routes in one request, at the most: every one costs the classifier time that others wait for."""


@dataclass(frozen=True, slots=True)
class InlineCaps:
    """Caps on the preferences that a request brings along.

    ``allowed`` is whether it may bring any. ``models`` are the names of the models, and of entries
    with a wildcard, that they may name; None: all. ``max_routes`` is how many routes they may hold.
    ``max_price`` is what a model may cost that they name, in US dollars per million tokens, input
    and output together, None: as much as it likes; ``refuses_unpriced`` says that it must be known.
    """

    allowed: bool = True
    models: tuple[str, ...] | None = None
    max_routes: int = MOST_INLINE_ROUTES
    max_price: float | None = None
    refuses_unpriced: bool = False
