"""A worker's process: decide until told to stop."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict

from extproc.affinity import Pin, Pins, SharedPins, origins_for, pins_for
from extproc.core.aside import Aside
from extproc.core.config import Config, Limits
from extproc.core.config_json import fingerprint
from extproc.forwarder import Forwarder
from extproc.guards.asking import Asking
from extproc.guards.table import Means, guards_for
from extproc.intent.choice import classifier_for, free_threads
from extproc.link.messages import FailureNotice, PinNotice, WorkerStats
from extproc.link.probes import ProbeClaims
from extproc.link.worker_end import WorkerEnd
from extproc.quotas import Counters, counters_for
from extproc.router import Router
from extproc.run_directory import RunDirectory
from extproc.tracing.beginning import Beginning
from extproc.tracing.sampling import sampler_for
from extproc.transport.calls import Service
from extproc.transport.server import run
from extproc.worker.admission import Admission
from extproc.worker.arrivals import Arrivals
from extproc.worker.budgets import Budgets
from extproc.worker.decider import Decider
from extproc.worker.forwarding import Forwarding
from extproc.worker.limited_models import LimitedModels
from extproc.worker.rate_limits import RateLimiter, rate_limit_service
from extproc.worker.room import room_for_bodies
from extproc.worker.service import processor_service, processors
from extproc.worker.used_up import UsedUp

__all__ = ["serve"]

_STATS_PERIOD = 2.0

_TURN = 0.001
"""Seconds after which a thread that has work to do lets another one go on: the event loop waits no
longer than that for whoever goes through a large request."""


async def serve(
    config: Config, directory: RunDirectory, worker: int, environment: Mapping[str, str]
) -> None:
    """Answer Envoy on a Unix socket until SIGTERM or SIGINT.

    Nothing is waited for: until the observer has said what it knows, candidates are ranked without
    prices and latencies, which is better than not to be there.

    Args:
        config: the configuration that Envoy's bootstrap was rendered from.
        directory: where Envoy, the observer and the other workers are met.
        worker: this worker's number, from 0.
        environment: where the key of a remote intent router and the address of Redis are.
    """
    sys.setswitchinterval(_TURN)
    cores = len(os.sched_getaffinity(0))
    threads = free_threads(cores, directory.workers)
    classifier = classifier_for(config, environment, threads=threads)
    link = WorkerEnd(directory.link_socket, directory.worker_number(worker))
    pins = pins_for(
        config.sessions,
        environment,
        announce=lambda key, pin: link.tell(PinNotice(key, pin.model, pin.route, pin.costs)),
    )
    if isinstance(pins, SharedPins):
        link.hear_pin = lambda notice: pins.learn(
            notice.key, Pin(notice.model, notice.route, notice.costs)
        )
    origins = origins_for(config.sessions, environment)
    link.hear_origin = lambda notice: origins.learn(notice.made, Pin(notice.model, notice.route))
    known_as = fingerprint(config)
    spans = None
    if config.tracing is not None:
        spans = Beginning(config.tracing, sampler_for(config.tracing, environment))
    counters = budgets = None
    if config.counters is not None and (config.budgets or config.rate_limits):
        counters = counters_for(config.counters, environment)
    if config.counters is not None and counters is not None and config.budgets:
        budgets = Budgets(config.budgets, counters, config.counters.on_failure)
    used_up = UsedUp()
    governors = [LimitedModels(config.rate_limits, used_up)] if config.rate_limits else []
    forwarding = Forwarding(
        Forwarder(config),
        origins,
        link.tell,
        known_as,
        spans,
        config.sessions,
        admission=Admission(lambda: link.snapshot, governors, budgets),
        tells_tokens=config.limits_tokens,
    )
    probes = ProbeClaims(directory.probes)
    aside = Aside()
    arrivals = Arrivals(
        _most_in_flight(config.limits, directory.workers), config.limits.receive_timeout
    )
    router = Router(config, classifier, claim=probes.take, aside=aside)
    decider = Decider(
        router,
        pins,
        lambda: link.snapshot,
        link.tell,
        config.sessions,
        origins=origins,
        config=known_as,
        budgets=budgets,
        governors=governors,
    )
    asking = Asking(config.tls_ca_path)
    guards = guards_for(config, Means(asking), link.tell)
    try:
        async with link.connected():
            served = processors(
                config,
                decider,
                forwarding,
                _suspecting(config, link),
                lambda: link.snapshot.prices,
                aside,
                arrivals,
                spans,
                lambda: link.snapshot,
                guards,
            )
            telling = asyncio.create_task(_tell_stats(link, pins, counters))
            watching = asyncio.create_task(arrivals.watch())
            try:
                await run(
                    [processor_service(served), *_rate_limits(config, counters, used_up)],
                    directory.worker_sockets[worker],
                    lambda: link.informed,
                    config.transport,
                )
            finally:
                telling.cancel()
                watching.cancel()
    finally:
        await classifier.close()
        await pins.close()
        await origins.close()
        await asking.close()
        if counters is not None:
            await counters.close()
        probes.close()


def _most_in_flight(limits: Limits, workers: int) -> int:
    if limits.max_bytes_in_flight is not None:
        return limits.max_bytes_in_flight
    return room_for_bodies(limits.max_request_bytes, workers)


def _suspecting(config: Config, link: WorkerEnd) -> Callable[[str], None]:
    """Tells the others at once that an attempt at a model has failed. A limit of ours may be why it
    did, where a model has one: of these the access log tells, a little later."""
    limits = [limit for limit in config.rate_limits if limit.is_of_models]

    def suspect(model: str) -> None:
        if not any(limit.covers(model) for limit in limits):
            link.tell(FailureNotice(model))

    return suspect


def _rate_limits(config: Config, counters: Counters | None, used_up: UsedUp) -> list[Service]:
    """The service that keeps limits, where there are any that Envoy does not keep by itself."""
    if config.counters is None or counters is None or not config.rate_limits:
        return []
    on_failure = config.counters.on_failure
    return [rate_limit_service(RateLimiter(config.rate_limits, counters, used_up, on_failure))]


async def _tell_stats(link: WorkerEnd, pins: Pins, counters: Counters | None) -> None:
    while True:
        await asyncio.sleep(_STATS_PERIOD)
        counted = asdict(pins.stats)
        reachable = counted.pop("reachable")
        link.tell(WorkerStats(counted, link.dropped, reachable, _counted(counters)))


def _counted(counters: Counters | None) -> dict[str, int]:
    if counters is None:
        return {}
    counted = asdict(counters.stats)
    del counted["reachable"]
    return counted
