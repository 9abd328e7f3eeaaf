"""The observer's process: learn until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from extproc.affinity import origins_for, pins_for
from extproc.core.config import Admin, Config
from extproc.errors import StartError
from extproc.ledger.report import costs_since
from extproc.ledger.store import LedgerError
from extproc.observer.access_log_service import access_log_service
from extproc.observer.admin import admin_application
from extproc.observer.observer import Observer
from extproc.observer.settling import Settling
from extproc.observer.succession import inherits_nothing, serving_in_turn
from extproc.quotas import counters_for
from extproc.run_directory import RunDirectory
from extproc.sources import refreshing
from extproc.telemetry.admin import serving
from extproc.telemetry.budget_metrics import BudgetMetrics
from extproc.telemetry.cost_book import LONGEST
from extproc.telemetry.events import EventStreams
from extproc.telemetry.labels import Labels
from extproc.telemetry.reloads import ReloadCollector
from extproc.tracing.traces import tracing
from extproc.transport.server import run

__all__ = ["observe"]

_Regularly: TypeAlias = Callable[[], Coroutine[Any, Any, None]]

_YOUNG = 10_000
"""Objects that may be made before the collector looks whether some are garbage. What is remembered
of requests is none, and it would be gone through again and again."""
_SOURCES_PATIENCE = 3.0
"""Seconds after which the workers are told what is known, however little of it has been read."""


async def observe(config: Config, directory: RunDirectory, environment: Mapping[str, str]) -> None:
    """Take the access log, read the sources and tell the workers, until SIGTERM or SIGINT.

    Args:
        config: the configuration that Envoy's bootstrap was rendered from.
        directory: where Envoy and the workers are met.
        environment: where the token of the source of prices and the address of Redis are, and what
            OpenTelemetry's exporters go by.

    Raises:
        StartError: the admin port is taken, or the environment lacks what the configuration names.
    """
    async with AsyncExitStack() as stack:
        pins = origins = None
        if config.sessions.redis_variable is not None:
            pins = pins_for(config.sessions, environment)
            stack.push_async_callback(pins.close)
            origins = origins_for(config.sessions, environment)
            stack.push_async_callback(origins.close)
        traces = await stack.enter_async_context(tracing(config, environment))
        spans = [] if traces is None else [traces.add]
        consumers = [*spans]
        counters = None
        if config.counters is not None and config.budgets:
            counters = counters_for(config.counters, environment)
            stack.push_async_callback(counters.close)
            consumers.append(Settling(counters).take)
        prompted = None if traces is None else traces.prompted
        observer = Observer(
            config,
            pins,
            origins=origins,
            consumers=consumers,
            prompted=prompted,
            of_undecided=spans,
        )
        if observer.ledger is not None:
            if inherits_nothing(directory):
                await asyncio.to_thread(_recall_costs, observer, config)
            await stack.enter_async_context(observer.ledger.writing())
        observer.metrics.registry.register(ReloadCollector(directory.reloads))
        regularly: list[_Regularly] = [
            partial(_publish, observer),
            observer.hand_on_regularly,
        ]
        if counters is not None:
            budgets = BudgetMetrics(config.budgets, counters)
            observer.metrics.registry.register(budgets)
            regularly.append(budgets.refresh_regularly)
        if traces is not None:
            observer.metrics.registry.register(traces)
        streams = EventStreams(observer.receipts)
        application = admin_application(
            observer, config, streams, _token(config.admin, environment), counters
        )
        await stack.enter_async_context(
            serving_in_turn(observer, directory, partial(serving, config.admin, application))
        )
        stack.callback(streams.close)
        observer.sources = await stack.enter_async_context(
            refreshing(config, environment, observer.publish)
        )
        await stack.enter_async_context(observer.link.listening(directory.own_link_socket))
        gc.set_threshold(_YOUNG)
        # An observer that no longer publishes must end, and be started again.
        async with asyncio.TaskGroup() as group:
            regular = [group.create_task(each()) for each in regularly]
            await run(
                [access_log_service(observer.logged)],
                directory.own_observer_socket,
                transport=config.transport,
            )
            for task in regular:
                task.cancel()


def _token(admin: Admin, environment: Mapping[str, str]) -> str | None:
    if admin.token_variable is None:
        return None
    if admin.token_variable not in environment:
        raise StartError(
            f"environment variable {admin.token_variable} is not set: the admin port wants its "
            "token (dragoman.admin_token)."
        )
    return environment[admin.token_variable]


async def _publish(observer: Observer) -> None:
    """The workers wait for the first snapshot, which waits for the sources."""
    if observer.sources is not None:
        await observer.sources.ready(_SOURCES_PATIENCE)
    await observer.publish_regularly()


def _recall_costs(observer: Observer, config: Config) -> None:
    """Of a ledger that cannot be read, who writes it says what is wrong."""
    if config.ledger is None:
        return
    with contextlib.suppress(LedgerError):
        since = time.time() - LONGEST
        known = costs_since(Path(config.ledger.path), since, Labels(config))
        observer.costs.inherit(known)
