"""Whether what a configuration reads, asks, or keeps sessions in, can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from extproc import redis_client
from extproc.core.guards import GuardSettings, OnFailure
from extproc.core.redis_url import whereabouts
from extproc.core.sources import CostSource, LatencySource
from extproc.doctor.finding import Finding, Patient, State
from extproc.errors import StartError
from extproc.sidecar.preparation import authorities
from extproc.sources import own_prices, prometheus
from extproc.sources.bounds import Bounds, FetchError
from extproc.sources.fetching import fetch, http_client, read_file, shown
from extproc.sources.formats import FORMATS
from extproc.sources.listing import Listing, MalformedError
from extproc.tracing.destination import destination_of, is_exported

__all__ = ["collector", "filters", "latencies", "prices", "redis"]

_BOUNDS: Final = Bounds(total=15.0)
_PATIENCE: Final = 3.0


async def redis(patient: Patient) -> Sequence[Finding]:
    """Whether the store of sessions answers, and the one that limits are counted in."""
    config = patient.config
    uses = [(config.sessions.redis_variable, "routing.session_cache", "sessions are in memory")]
    if config.counters is not None:
        uses.append((config.counters.redis_variable, "dragoman.counters", "nothing is counted"))
    return [
        await _redis(patient.secrets[variable], key, meanwhile, patient)
        for variable, key, meanwhile in uses
        if variable is not None
    ]


async def _redis(url: str, key: str, meanwhile: str, patient: Patient) -> Finding:
    subject = f"redis at {whereabouts(url)} ({key})"
    trusted = patient.environ.get("SSL_CERT_FILE") or authorities()
    client = redis_client.connection(url, connect_timeout=_PATIENCE, authorities=trusted)
    try:
        async with asyncio.timeout(_PATIENCE):
            await client.ping()
    except redis_client.LOST as error:
        advice = f"Start it, or check {key}.url and its password."
        found = f"no answer ({type(error).__name__}); {meanwhile} meanwhile"
        return Finding(subject, State.FAILED, found, advice)
    finally:
        await client.aclose()
    return Finding(subject, State.OK, "answers")


async def filters(patient: Patient) -> Sequence[Finding]:
    """Whether somebody listens where requests or answers are to be looked at."""
    guards = (*patient.config.input_guards, *patient.config.output_guards)
    urls = {each: asked.url for each in guards if (asked := each.http or each.mcp) is not None}
    return await asyncio.gather(*(_filter(guard, url) for guard, url in urls.items()))


async def _filter(guard: GuardSettings, url: str) -> Finding:
    subject = f"filter {guard.name} at {shown(url)}"
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        await _connected(parts.hostname or "", port)
    except OSError as error:
        refused = guard.on_failure is OnFailure.CLOSED
        meanwhile = "what it guards is refused" if refused else "requests go on without it"
        found = f"no connection ({type(error).__name__}); {meanwhile} meanwhile"
        advice = "Start it, or check the url of its entry in filters."
        return Finding(subject, State.FAILED, found, advice)
    return Finding(subject, State.OK, "somebody listens")


async def _connected(host: str, port: int) -> None:
    """Connect once.

    Raises:
        OSError: nobody listens there, or not in time.
    """
    async with asyncio.timeout(_PATIENCE):
        _, writer = await asyncio.open_connection(host, port)
    writer.close()


async def prices(patient: Patient) -> Sequence[Finding]:
    """Whether the source of prices gives any."""
    source = patient.config.costs
    if source is None:
        return []
    where = shown(source.url) if source.url else str(source.path)
    subject = f"prices from {where}"
    advice = "Check its address and its token; cheapest ranks without prices until then."
    try:
        listing = await _listing(source, patient)
    except (FetchError, MalformedError, StartError) as error:
        return [Finding(subject, State.FAILED, str(error), advice)]
    if not listing.entries:
        return [Finding(subject, State.FAILED, "no price in it can be read", advice)]
    return [Finding(subject, State.OK, f"of {len(listing.entries)} models")]


async def _listing(source: CostSource, patient: Patient) -> Listing:
    written = FORMATS[source.format]
    if source.url is None:
        path = Path(source.path or "")
        read = own_prices.parse if path.suffix.lower() == ".json" else own_prices.parse_yaml
        return read(await read_file(path, _BOUNDS))
    token = patient.secrets[source.token_variable] if source.token_variable else None
    async with http_client(_BOUNDS) as client:
        pages = await fetch(client, source.url, _BOUNDS, token=token, next_page=written.next_page)
    return written.parse(pages)


async def latencies(patient: Patient) -> Sequence[Finding]:
    """Whether Prometheus answers the query with latencies."""
    source = patient.config.latencies
    if not isinstance(source, LatencySource):
        return []
    subject = f"latencies from {shown(source.url)}"
    advice = "Check its address and the query; fastest ranks without latencies until then."
    try:
        async with http_client(_BOUNDS) as client:
            pages = await fetch(client, prometheus.query_url(source.url, source.query), _BOUNDS)
        values = prometheus.parse(pages).values
    except (FetchError, MalformedError, StartError) as error:
        return [Finding(subject, State.FAILED, str(error), advice)]
    if not values:
        found = "the query's result is empty"
        return [Finding(subject, State.NOTE, found, "Wait for traffic, or check the query.")]
    return [Finding(subject, State.OK, f"of {len(values)} models")]


async def collector(patient: Patient) -> Sequence[Finding]:
    """Whether somebody listens where spans go."""
    tracing = patient.config.tracing
    if tracing is None or not is_exported(patient.environ):
        return []
    advice = "Start a collector there, or see what tracing and OTEL_EXPORTER_OTLP_* say."
    try:
        destination = destination_of(tracing, patient.environ)
    except ValueError as error:
        return [Finding("traces", State.FAILED, str(error), advice)]
    subject = f"traces to {destination}"
    try:
        await _connected(destination.host, destination.port)
    except OSError as error:
        found = f"no connection ({type(error).__name__}); spans are lost, requests go on"
        return [Finding(subject, State.FAILED, found, advice)]
    return [Finding(subject, State.OK, "somebody listens")]
