"""What requests have cost, as the ledger tells it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from extproc.core.usage import TOKENS
from extproc.ledger.store import reading
from extproc.telemetry.cost_book import STEP, Cell, Comparison, Figures
from extproc.telemetry.counterfactuals import Instead
from extproc.telemetry.labels import Labels

__all__ = ["By", "costs_since", "report"]


class By(StrEnum):
    """What requests are put together by."""

    ROUTE = "route"
    MODEL = "model"
    DAY = "day"
    TENANT = "tenant"


_GROUPS: Final = MappingProxyType(
    {
        By.ROUTE: "route",
        By.MODEL: "model",
        By.DAY: "date(at, 'unixepoch')",
        By.TENANT: "tenant",
    }
)
_COMPARED: Final = ", ".join(
    f"count({column}), total(cost_usd) FILTER (WHERE {column} IS NOT NULL), total({column})"
    for column in (f"{instead.value}_usd" for instead in Instead)
)
_COUNTED: Final = ", ".join(f"coalesce(sum({kind}), 0)" for kind in TOKENS)


def report(path: Path, by: By, since: float) -> dict[str | None, Figures]:
    """Figures by the name of what they are of; those of requests that have none, under None.

    Args:
        path: of the ledger.
        by: what requests are put together by. A model's cost is that of the attempts at it;
            requests and comparisons count for the one that answered, or was tried last.
        since: seconds since the epoch.

    Raises:
        LedgerError: it cannot be read.
    """

    found = reading(path, lambda connection: _figures(connection, (_GROUPS[by],), since))
    return {name: figures for (name,), figures in found.items()}


def costs_since(path: Path, since: float, labels: Labels) -> Iterator[tuple[Cell, Figures]]:
    """What a :class:`~extproc.telemetry.cost_book.CostBook` would know, had it been there.

    Args:
        path: of the ledger.
        since: seconds since the epoch.
        labels: what models and routes are called.

    Raises:
        LedgerError: it cannot be read.
    """
    groups = (f"cast(at / {STEP} AS INTEGER) * {STEP}", "route", "model")
    found = reading(path, lambda connection: _figures(connection, groups, since))
    for (at, route, model), figures in found.items():
        if model is not None:
            yield Cell(at, labels.route(route), labels.model(model)), figures


def _figures(
    connection: sqlite3.Connection, groups: Sequence[str], since: float
) -> dict[tuple[Any, ...], Figures]:
    """Figures by the values of some expressions."""
    found: dict[tuple[Any, ...], Figures] = {}
    named, places = ", ".join(groups), ", ".join(str(place + 1) for place in range(len(groups)))
    requests = (
        f"SELECT {named}, count(*), {_COMPARED} FROM requests "  # noqa: S608 - all of it ours
        f"WHERE at >= ? AND model IS NOT NULL GROUP BY {places} ORDER BY {places}"
    )
    for row in connection.execute(requests, (since,)):
        figures = found.setdefault(row[: len(groups)], Figures())
        figures.requests, *compared = row[len(groups) :]
        for number, instead in enumerate(Instead):
            figures.instead[instead] = Comparison(*compared[3 * number : 3 * number + 3])
    attempts = (
        f"SELECT {named}, total(cost_usd), sum(unknown_cost), {_COUNTED} FROM attempts "  # noqa: S608
        f"WHERE at >= ? GROUP BY {places} ORDER BY {places}"
    )
    for row in connection.execute(attempts, (since,)):
        figures = found.setdefault(row[: len(groups)], Figures())
        figures.cost_usd, figures.without_cost, *counted = row[len(groups) :]
        figures.tokens = dict(zip(TOKENS, counted, strict=True))
    return found
