"""How long the answers of each route usually are: learned, for what a request is going to cost."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["OutputLengths"]

_WEIGHT = 0.05
"""Of a new answer: the average remembers about the last twenty."""


class OutputLengths:
    """A moving average per route, in tokens.

    Routes that clients bring along may have any name, so only configured ones are learned.
    """

    def __init__(self, routes: frozenset[str]) -> None:
        self._routes = routes
        self._averages: dict[str, float] = {}

    def answered(self, route: str, output_tokens: int) -> None:
        """Learn from one answer."""
        if route not in self._routes:
            return
        known = self._averages.get(route, float(output_tokens))
        self._averages[route] = known + _WEIGHT * (output_tokens - known)

    def inherit(self, averages: Mapping[str, float]) -> None:
        """Go on from what another one has learned."""
        known = {route: value for route, value in averages.items() if route in self._routes}
        self._averages = known | self._averages

    def current(self) -> Mapping[str, float]:
        """The average of each route that has answered."""
        return {route: round(average, 1) for route, average in self._averages.items()}
