"""What the admin port answers of costs."""

from __future__ import annotations

import time

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from extproc.telemetry.cost_book import CostBook
from extproc.telemetry.costs_json import costs_json
from extproc.telemetry.json_answer import JsonAnswer
from extproc.telemetry.moments import moment

__all__ = ["costs_route"]


def costs_route(costs: CostBook) -> Route:
    """``GET /costs``: what requests have cost, since whenever is asked."""

    async def answer(request: Request) -> Response:
        query = dict(request.query_params)
        since = query.pop("since", None)
        if query:
            raise HTTPException(400, f"unknown: {', '.join(sorted(query))}; known is since")
        try:
            began = 0.0 if since is None else moment(since, time.time())
        except ValueError as error:
            raise HTTPException(400, f"since {error}") from None
        return JsonAnswer(costs_json(costs.since(began)))

    return Route("/costs", answer)
