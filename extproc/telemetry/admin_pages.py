"""What the admin port answers: metrics, receipts, the snapshot. All of it is read, none changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from extproc.ranking.snapshot import Snapshot
from extproc.telemetry.json_answer import JsonAnswer, whole_number
from extproc.telemetry.snapshot_json import snapshot_json
from extproc.telemetry.traces import Traces

__all__ = ["HEALTH", "PATHS", "admin_pages"]

HEALTH: Final = "/healthz"
PATHS: Final = ("/metrics", "/decisions", "/decisions/{trace_id}", "/snapshot", HEALTH)

_LIMIT: Final = 50
_LARGEST_LIMIT: Final = 1000
_FILTERS: Final = ("route", "model", "trace_id")


def admin_pages(
    traces: Traces,
    registry: CollectorRegistry,
    snapshot: Callable[[], Snapshot],
    more: Sequence[Route] = (),
) -> Starlette:
    """The application behind the admin port.

    Args:
        traces: what ``/decisions`` shows.
        registry: what ``/metrics`` shows.
        snapshot: what ``/snapshot`` shows.
        more: what is answered besides.
    """
    pages = _Pages(traces, registry, snapshot, (*PATHS, *(route.path for route in more)))
    return Starlette(
        routes=[
            Route("/metrics", pages.metrics),
            Route("/decisions", pages.decisions),
            Route("/decisions/{trace_id}", pages.decision),
            Route("/snapshot", pages.snapshot),
            Route(HEALTH, pages.health),
            *more,
        ],
        middleware=[Middleware(GZipMiddleware)],
        exception_handlers={HTTPException: pages.problem},
    )


class _Pages:
    def __init__(
        self,
        traces: Traces,
        registry: CollectorRegistry,
        snapshot: Callable[[], Snapshot],
        paths: Sequence[str],
    ) -> None:
        self._traces = traces
        self._registry = registry
        self._snapshot = snapshot
        self._paths = paths

    async def metrics(self, request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._registry), media_type=content_type)

    async def decisions(self, request: Request) -> Response:
        query = dict(request.query_params)
        limit = whole_number("limit", query.pop("limit", str(_LIMIT)), 1, _LARGEST_LIMIT)
        if unknown := query.keys() - set(_FILTERS):
            known = ", ".join(("limit", *_FILTERS))
            raise HTTPException(400, f"unknown: {', '.join(sorted(unknown))}; known are {known}")
        found = await self._traces.latest(limit, **query)
        return JsonAnswer({"kept": self._traces.kept, "decisions": found})

    async def decision(self, request: Request) -> Response:
        return JsonAnswer(await self._traces.find(request.path_params["trace_id"]))

    async def snapshot(self, _: Request) -> Response:
        return JsonAnswer(snapshot_json(self._snapshot()))

    async def health(self, _: Request) -> Response:
        return JsonAnswer({"status": "ok"})

    async def problem(self, _: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        content: dict[str, Any] = {"error": error.detail}
        if error.status_code == 405:
            content = {"error": "everything here is read with GET"}
        elif error.detail == "Not Found":
            content = {"error": "there is no such path", "paths": self._paths}
        return JsonAnswer(content, error.status_code, error.headers)
