"""How the configured sources are read: where each is, what reads it, and who is told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from extproc.core.config import Config
from extproc.core.sources import CostSource, LatencySource
from extproc.errors import StartError
from extproc.sources import own_prices, prometheus
from extproc.sources.bounds import Bounds
from extproc.sources.feed import LatencyFeed, Outcome, PriceFeed
from extproc.sources.fetching import fetch, http_client, read_file, shown
from extproc.sources.formats import FORMATS
from extproc.sources.refresh import Refresh
from extproc.sources.reporting import LatencyReport, PriceReport

__all__ = ["refreshes"]


@asynccontextmanager
async def refreshes(
    config: Config,
    environment: Mapping[str, str],
    costs: PriceFeed,
    latency: LatencyFeed,
    clock: Callable[[], float],
    bounds: Bounds,
) -> AsyncIterator[tuple[Refresh, ...]]:
    """What refreshes each configured source, none of which has begun; they share a client.

    Args:
        config: it says what to read.
        environment: where the token of the source of prices is.
        costs: takes prices.
        latency: takes latencies.
        clock: the time, in seconds since the epoch.
        bounds: how much one refresh may take.

    Raises:
        StartError: the token is not there, or the environment's proxies or certificates cannot be
            used.
    """
    token = _token(config.costs, environment)
    async with http_client(bounds) as client:
        reading = _Reading(config, client, bounds, clock)
        found = []
        if config.costs is not None:
            found.append(reading.prices(config.costs, token, costs))
        if isinstance(config.latencies, LatencySource):
            found.append(reading.latencies(config.latencies, latency))
        yield tuple(found)


def _token(source: CostSource | None, environment: Mapping[str, str]) -> str | None:
    if source is None or source.token_variable is None:
        return None
    if source.token_variable not in environment:
        raise StartError(
            f"environment variable {source.token_variable} is not set: "
            "the source of prices wants its token."
        )
    return environment[source.token_variable]


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
