"""Bars that say of some models what they were told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extproc.core.models import Model
from extproc.ranking.bars import Bar, Objection
from extproc.ranking.expectation import Expectation

__all__ = ["Barring", "Governing"]


class Barring:
    """Bars models by their names."""

    def __init__(self, *names: str, objection: Objection | None = None) -> None:
        self._names = names
        self._objection = objection or Objection("limited", "it has had enough", 429, 30)

    def against(self, model: Model, _: Expectation) -> Objection | None:
        return self._objection if model.name in self._names else None


class Governing:
    """Puts the same bars before every request, and remembers whose they were."""

    def __init__(self, *bars: Bar) -> None:
        self.tenants: list[str | None] = []
        self._bars = bars

    async def bars(self, _: Mapping[str, str], tenant: str | None) -> Sequence[Bar]:
        self.tenants.append(tenant)
        return self._bars
