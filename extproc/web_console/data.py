"""What the console asks for, and ``dragoman top`` and ``logs`` with it; all of it is only read."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from extproc.core.config import Config
from extproc.explain.reasons import reasons
from extproc.ranking.snapshot import Snapshot
from extproc.telemetry.activity import MINUTES, Activity
from extproc.telemetry.activity_json import activity_json
from extproc.telemetry.events import EventStreams
from extproc.telemetry.json_answer import JsonAnswer, whole_number
from extproc.telemetry.traces import Traces
from extproc.web_console.configuration import shown

__all__ = ["data_routes"]

_MINUTES: Final = "15"
_LATEST: Final = "100"
_MOST_LATEST: Final = 1000


def data_routes(
    config: Config,
    traces: Traces,
    activity: Activity,
    snapshot: Callable[[], Snapshot],
    streams: EventStreams,
) -> list[Route]:
    """The routes.

    Args:
        config: what ``/configuration`` shows; it names secrets by their variables only.
        traces: what ``/decisions/{trace_id}/story`` tells of.
        activity: what ``/activity`` shows, with what the snapshot knows of each model.
        snapshot: what is known of the models.
        streams: what answers ``/events``.
    """
    configuration = shown(config)

    async def events(request: Request) -> Response:
        latest = request.query_params.get("latest", _LATEST)
        return streams.answer(whole_number("latest", latest, 0, _MOST_LATEST))

    async def lately(request: Request) -> Response:
        text = request.query_params.get("minutes", _MINUTES)
        minutes = whole_number("minutes", text, 1, MINUTES)
        return JsonAnswer(activity_json(config, activity, snapshot(), minutes, time.time()))

    async def running(_: Request) -> Response:
        return JsonAnswer(configuration)

    async def story(request: Request) -> Response:
        receipt = await traces.find(request.path_params["trace_id"])
        return JsonAnswer({"reasons": reasons(receipt), "receipt": receipt})

    return [
        Route("/events", events),
        Route("/activity", lately),
        Route("/configuration", running),
        Route("/decisions/{trace_id}/story", story),
    ]
