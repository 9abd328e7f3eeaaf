"""Prices and latencies kept up to date in the background::

async with refreshing(config, secrets, on_change) as sources:
    await sources.ready(within=10)
    ...  # sources.costs.prices, sources.latency.latencies
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from extproc.core.config import Config
from extproc.core.sources import CostSource, LatencySource
from extproc.errors import StartError
from extproc.sources import own_prices, prometheus
from extproc.sources.feed import LatencyFeed, Outcome, PriceFeed
from extproc.sources.fetching import (
    Bounds,
    fetch,
    http_client,
    read_file,
    shown,
)
from extproc.sources.formats import FORMATS
from extproc.sources.matching import our_models
from extproc.sources.refresh import Pace, Refresh
from extproc.sources.reporting import LatencyReport, PriceReport

__all__ = ["Sources", "refreshing"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known of prices and latencies. The feeds are empty where no source is configured."""

    costs: PriceFeed
    latency: LatencyFeed
    refreshes: tuple[Refresh, ...] = ()

    async def ready(self, within: float) -> bool:
        """Wait until every source was read once, but no longer than this many seconds.

        Returns:
            Whether all were; the log says which were not.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                for refresh in self.refreshes:
                    await refresh.first.wait()
        late = [refresh for refresh in self.refreshes if not refresh.first.is_set()]
        for refresh in late:
            message = "no %s within %gs (%s): going on without"
            _log.warning(message, refresh.label, within, refresh.trouble)
        return not late


@asynccontextmanager
async def refreshing(
    config: Config,
    environment: Mapping[str, str],
    on_change: Callable[[], None],
    *,
    clock: Callable[[], float] = time.time,
    bounds: Bounds = Bounds(),
    pace: Pace | None = None,
) -> AsyncIterator[Sources]:
    """Read the configured sources at once and on each ``refresh_interval``, until the end.

    Args:
        config: it says what to read, and which models are ours.
        environment: where the token of the source of prices is.
        on_change: called in the event loop after every successful refresh.
        clock: the time, in seconds since the epoch.
        bounds: how much one refresh may take.
        pace: how soon failed refreshes are tried again.

    Raises:
        StartError: the token is not there, or the environment's proxies or certificates cannot be
            used.
    """
    ours = our_models(config)
    costs = PriceFeed(ours, config.costs.model_aliases if config.costs else {})
    latency = LatencyFeed(ours)
    token = _token(config.costs, environment)
    async with http_client(bounds) as client:
        reading = _Reading(config, client, bounds, clock)
        refreshes = []
        if config.costs is not None:
            refreshes.append(reading.prices(config.costs, token, costs))
        if isinstance(config.latencies, LatencySource):
            refreshes.append(reading.latencies(config.latencies, latency))
        tasks = [_started(refresh, pace or Pace(), on_change) for refresh in refreshes]
        try:
            yield Sources(costs, latency, tuple(refreshes))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _token(source: CostSource | None, environment: Mapping[str, str]) -> str | None:
    if source is None or source.token_variable is None:
        return None
    if source.token_variable not in environment:
        raise StartError(
            f"environment variable {source.token_variable} is not set: "
            "the source of prices wants its token."
        )
    return environment[source.token_variable]


def _started(refresh: Refresh, pace: Pace, on_change: Callable[[], None]) -> asyncio.Task[None]:
    task = asyncio.create_task(refresh.run(pace, on_change), name=refresh.label)
    task.add_done_callback(_log_its_end)
    return task


def _log_its_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("%s is not refreshed any more", task.get_name(), exc_info=error)


@dataclass(frozen=True, slots=True)
class _Reading:
    config: Config
    client: httpx.AsyncClient
    bounds: Bounds
    clock: Callable[[], float]

    def prices(self, source: CostSource, token: str | None, feed: PriceFeed) -> Refresh:
        written = FORMATS[source.format]
        parse, next_page = written.parse, written.next_page
        if source.path is not None:
            label, place, path = "file pricing", source.path, Path(source.path)
            parse = own_prices.parse if path.suffix.lower() == ".json" else own_prices.parse_yaml
            read = partial(read_file, path, self.bounds)
        elif source.url is not None:
            label, place = f"{written.provider} pricing", shown(source.url)
            read = partial(
                fetch,
                self.client,
                source.url,
                self.bounds,
                token=token,
                next_page=next_page,
            )
        else:
            raise ValueError("a source of prices has an address or a path")
        report = PriceReport(label, self.config)

        def take(pages: Sequence[bytes]) -> Outcome:
            outcome = feed.take(parse(pages), self.clock())
            report.tell(feed, outcome)
            return outcome

        return Refresh("price", label, place, source.refresh_interval, read, take)

    def latencies(self, source: LatencySource, feed: LatencyFeed) -> Refresh:
        label = "prometheus latency metrics"
        url = prometheus.query_url(source.url, source.query)
        report = LatencyReport(label, self.config)

        def take(pages: Sequence[bytes]) -> Outcome:
            outcome = feed.take(prometheus.parse(pages), self.clock())
            report.tell(feed, outcome)
            return outcome

        read = partial(fetch, self.client, url, self.bounds)
        return Refresh("latency", label, shown(url), source.refresh_interval, read, take)
