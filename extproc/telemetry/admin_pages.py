"""What the admin port answers: metrics, receipts, the snapshot. All of it is read, none changed."""

from __future__ import annotations

import json
from collections.abc import Callable
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
from extproc.telemetry.receipt_json import receipt_json, trace_json
from extproc.telemetry.receipts import Receipts
from extproc.telemetry.snapshot_json import snapshot_json

__all__ = ["PATHS", "admin_pages"]

PATHS: Final = ("/metrics", "/decisions", "/decisions/{trace_id}", "/snapshot", "/healthz")

_LIMIT: Final = 50
_LARGEST_LIMIT: Final = 1000
_FILTERS: Final = ("route", "model", "trace_id")


class _Json(Response):
    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        # People read this with curl. Clients choose names, also such that UTF-8 has no bytes for.
        text = json.dumps(content, indent=2, ensure_ascii=False)
        return f"{text}\n".encode(errors="replace")


def admin_pages(
    receipts: Receipts, registry: CollectorRegistry, snapshot: Callable[[], Snapshot]
) -> Starlette:
    """The application behind the admin port.

    Args:
        receipts: what ``/decisions`` shows.
        registry: what ``/metrics`` shows.
        snapshot: what ``/snapshot`` shows.
    """
    pages = _Pages(receipts, registry, snapshot)
    return Starlette(
        routes=[
            Route("/metrics", pages.metrics),
            Route("/decisions", pages.decisions),
            Route("/decisions/{trace_id}", pages.decision),
            Route("/snapshot", pages.snapshot),
            Route("/healthz", pages.health),
        ],
        middleware=[Middleware(GZipMiddleware)],
        exception_handlers={HTTPException: _problem},
    )


class _Pages:
    def __init__(
        self,
        receipts: Receipts,
        registry: CollectorRegistry,
        snapshot: Callable[[], Snapshot],
    ) -> None:
        self._receipts = receipts
        self._registry = registry
        self._snapshot = snapshot

    async def metrics(self, request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(self._registry), media_type=content_type)

    async def decisions(self, request: Request) -> Response:
        query = dict(request.query_params)
        limit = _limit(query.pop("limit", str(_LIMIT)))
        if unknown := query.keys() - set(_FILTERS):
            known = ", ".join(("limit", *_FILTERS))
            raise HTTPException(400, f"unknown: {', '.join(sorted(unknown))}; known are {known}")
        found = self._receipts.latest(limit, **query)
        return _Json({"kept": len(self._receipts), "decisions": [receipt_json(r) for r in found]})

    async def decision(self, request: Request) -> Response:
        key = request.path_params["trace_id"]
        found = self._receipts.find(key)
        if not found:
            raise HTTPException(404, self._not_found(key))
        return _Json(trace_json(found))

    async def snapshot(self, _: Request) -> Response:
        return _Json(snapshot_json(self._snapshot()))

    async def health(self, _: Request) -> Response:
        return _Json({"status": "ok"})

    def _not_found(self, key: str) -> str:
        most = self._receipts.kept
        if most == 0:
            return "no decisions are kept: dragoman.kept_decisions is 0"
        return (
            f"no decision of trace or request {key} is kept. Only the latest {most} are "
            f"(dragoman.kept_decisions), {len(self._receipts)} now; GET /decisions lists them. "
            "One of a moment ago may take a second to arrive."
        )


def _limit(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _LARGEST_LIMIT:
        return int(text)
    raise HTTPException(400, f"limit must be a whole number from 1 to {_LARGEST_LIMIT}")


async def _problem(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    content: dict[str, Any] = {"error": error.detail}
    if error.status_code == 405:
        content = {"error": "everything here is read with GET"}
    elif error.detail == "Not Found":
        content = {"error": "there is no such path", "paths": PATHS}
    return _Json(content, error.status_code, error.headers)
