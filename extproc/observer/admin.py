"""All that the admin port answers, and whom."""

from __future__ import annotations

from pathlib import Path

from starlette.types import ASGIApp

from extproc.core.config import Config
from extproc.ledger.archive import Archive
from extproc.observer.observer import Observer
from extproc.quotas import Counters
from extproc.ranking.snapshot import Snapshot
from extproc.telemetry.admin_guard import AdminGuard
from extproc.telemetry.admin_pages import HEALTH, admin_pages
from extproc.telemetry.budgets_page import budgets_route
from extproc.telemetry.costs_page import costs_route
from extproc.telemetry.events import EventStreams
from extproc.telemetry.traces import Traces
from extproc.web_console.assets import asset_routes, is_asset
from extproc.web_console.data import data_routes

__all__ = ["admin_application"]


def admin_application(
    observer: Observer,
    config: Config,
    streams: EventStreams,
    token: str | None,
    counters: Counters | None = None,
) -> ASGIApp:
    """What an observer knows, and the console that shows it.

    Args:
        observer: who knows.
        config: what runs; it says which names this machine has.
        streams: what tells of requests as they go.
        token: what questions have to bring along; None: nothing.
        counters: where budgets are counted, None where there are none.
    """

    def snapshot() -> Snapshot:
        return observer.snapshot

    older = None if config.ledger is None else Archive(Path(config.ledger.path))
    traces = Traces(observer.receipts, older)
    data = data_routes(config, traces, observer.activity, snapshot, streams)
    budgets = budgets_route(config.budgets, counters)
    more = [costs_route(observer.costs), budgets, *data, *asset_routes()]
    pages = admin_pages(traces, observer.metrics.registry, snapshot, more)
    return AdminGuard(pages, config.hosts, token, lambda path: path == HEALTH or is_asset(path))
