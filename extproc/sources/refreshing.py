"""Prices and latencies kept up to date in the background::

async with refreshing(config, secrets, on_change) as sources:
    await sources.ready(within=10)
    ...  # sources.costs.prices, sources.latency.latencies
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from extproc.core.config import Config
from extproc.core.sources import LatencySource
from extproc.sources.bounds import Bounds
from extproc.sources.feed import LatencyFeed, PriceFeed
from extproc.sources.matching import our_models
from extproc.sources.refresh import Pace, Refresh

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
    if config.costs is None and not isinstance(config.latencies, LatencySource):
        yield Sources(costs, latency)
        return
    from extproc.sources.reading import refreshes  # an HTTP client: many have no use for it

    async with refreshes(config, environment, costs, latency, clock, bounds) as found:
        tasks = [_started(refresh, pace or Pace(), on_change) for refresh in found]
        try:
            yield Sources(costs, latency, found)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _started(refresh: Refresh, pace: Pace, on_change: Callable[[], None]) -> asyncio.Task[None]:
    task = asyncio.create_task(refresh.run(pace, on_change), name=refresh.label)
    task.add_done_callback(_log_its_end)
    return task


def _log_its_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("%s is not refreshed any more", task.get_name(), exc_info=error)
