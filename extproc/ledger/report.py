"""What requests have cost, as the ledger tells it."""

from __future__ import annotations

import sqlite3
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from extproc.core.records import TOKENS
from extproc.ledger.store import reading
from extproc.telemetry.cost_book import Comparison, Figures
from extproc.telemetry.counterfactuals import Instead

__all__ = ["By", "report"]


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

    def read(connection: sqlite3.Connection) -> dict[str | None, Figures]:
        group = _GROUPS[by]
        found: dict[str | None, Figures] = {}
        requests = (
            f"SELECT {group}, count(*), {_COMPARED} FROM requests "  # noqa: S608 - all of it ours
            "WHERE at >= ? AND model IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        for name, count, *compared in connection.execute(requests, (since,)):
            figures = found.setdefault(name, Figures())
            figures.requests = count
            for number, instead in enumerate(Instead):
                figures.instead[instead] = Comparison(*compared[3 * number : 3 * number + 3])
        attempts = (
            f"SELECT {group}, total(cost_usd), sum(unknown_cost), {_COUNTED} "  # noqa: S608
            "FROM attempts WHERE at >= ? GROUP BY 1 ORDER BY 1"
        )
        for name, cost, unknown, *counted in connection.execute(attempts, (since,)):
            figures = found.setdefault(name, Figures())
            figures.cost_usd, figures.without_cost = cost, unknown
            figures.tokens = dict(zip(TOKENS, counted, strict=True))
        return found

    return reading(path, read)
