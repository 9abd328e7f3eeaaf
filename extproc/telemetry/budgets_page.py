"""What the admin port answers of budgets."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from extproc.core.budgets import DOLLAR, Budget
from extproc.quotas import Counters, StoreError
from extproc.quotas.standing import Standing, standing
from extproc.telemetry.json_answer import JsonAnswer
from extproc.telemetry.receipt_json import iso

__all__ = ["budgets_route"]


def budgets_route(budgets: Sequence[Budget], counters: Counters | None) -> Route:
    """``GET /budgets``: where budgets stand, read from their store."""

    async def answer(request: Request) -> Response:
        if request.query_params:
            raise HTTPException(400, "this takes no parameters")
        if counters is None:
            return JsonAnswer({"store": None, "budgets": []})
        try:
            found = await standing(budgets, counters, time.time())
        except StoreError as error:
            raise HTTPException(503, f"budgets cannot be read: {error}") from None
        return JsonAnswer({"store": counters.place, "budgets": _budgets_json(found)})

    return Route("/budgets", answer)


def _budgets_json(found: Iterable[Standing]) -> list[dict[str, Any]]:
    """Budgets as JSON; ``docs/limits.md`` says what each field means."""
    return [
        {
            "name": each.budget.name,
            "tenant": each.bucket if each.budget.per_tenant else None,
            "per": each.budget.window,
            "limit_usd": each.budget.amount / DOLLAR,
            "spent_usd": each.spent / DOLLAR,
            "reserved_usd": each.reserved / DOLLAR,
            "begins_anew_at": iso(each.ends),
            "on_exhausted": each.budget.on_exhausted,
        }
        for each in found
    ]
