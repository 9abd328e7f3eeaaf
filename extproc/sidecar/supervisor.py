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
from typing import Any

from extproc.core.config import Config, Secrets
from extproc.core.resources import Resources
from extproc.run_directory import RunDirectory
from extproc.sidecar.admin import Admin
from extproc.sidecar.child import Child
from extproc.sidecar.claim import RunDirectoryLostError, claimed
from extproc.sidecar.draining import revive_beside
from extproc.sidecar.generation import Premises, cancelled, threads_or_cores
from extproc.sidecar.preparation import pythons_environment, with_admin_port
from extproc.sidecar.private_directory import private_directory
from extproc.sidecar.reloading import Reloader
from extproc.sidecar.resources import resources_for
from extproc.sidecar.signals import Signals
from extproc.sidecar.source import Source
from extproc.sidecar.succession import Succession
from extproc.sidecar.together import together
from extproc.sidecar.workers import Workers, deciders

__all__ = ["Sidecar", "run", "run_workers", "sidecar"]

_log = logging.getLogger(__name__)

_SOON = 3.0
"""Seconds that requests in flight get when somebody waits at a terminal, or all starts over."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A running sidecar.

    ``supervision`` goes on until it ends, and is done earlier only when it fails itself.
    """

    succession: Succession
    premises: Premises
    supervision: asyncio.Future[Any]

    @property
    def envoy(self) -> Child:
        """The Envoy that takes new connections."""
        return self.succession.current.envoy

    @property
    def deciders(self) -> Workers:
        """Its workers, and the observer."""
        return self.succession.current.deciders

    @property
    def admin(self) -> Admin:
        """Its admin interface."""
        return self.succession.current.admin

    @property
    def url(self) -> str:
        """Where clients connect."""
        listener = self.succession.current.config.listener
        host = listener.address.replace("0.0.0.0", "localhost")  # noqa: S104 - shown
        return f"http://{host}:{listener.port}"


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
        RunDirectoryLostError: somebody removed the directory where they meet.
    """
    inherited = dict(os.environ if environment is None else environment)
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(private_directory(inherited, workers))
        claim = stack.enter_context(claimed(directory))
        threads = threads_or_cores(concurrency)
        premises = Premises(directory, claim, inherited, access_log, threads, measured)
        succession = Succession(premises)
        stack.push_async_callback(succession.end)
        await claim.needed_by(succession.start(config, secrets))
        supervising = together(succession.until_failed(), claim.until_lost())
        supervision = asyncio.ensure_future(supervising)
        stack.push_async_callback(cancelled, supervision)
        yield Sidecar(succession, premises, supervision)


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


async def run(source: Source, workers: int) -> None:
    """Run the sidecar until a signal ends it; a second signal ends it without draining.

    When its run directory disappears, it starts over in another one.

    Args:
        source: where its configuration comes from, and comes from anew.
        workers: how many processes decide.

    Raises:
        StartError: it could not be started.
    """
    signals = Signals()
    while True:
        try:
            await _run_once(source, workers, signals)
        except RunDirectoryLostError as error:
            _log.error("%s Starting over.", error)
        else:
            _log.info("all has ended")
            return


async def _run_once(source: Source, workers: int, signals: Signals) -> None:
    async with AsyncExitStack() as stack:
        loaded = source.loaded
        starting = asyncio.ensure_future(
            stack.enter_async_context(sidecar(loaded.config, loaded.secrets, workers=workers))
        )
        if (number := await _signalled(signals, starting)) is not None:
            _log.info("%s: ending before all has started", number.name)
            await cancelled(starting)
            return
        running = starting.result()
        admin = running.succession.current.config.admin.local_url
        _log.info("listening on %s; the console is %s/console/", running.url, admin)
        reloader = Reloader(
            source,
            running.succession.succeed,
            running.premises.claim,
            lambda: running.succession.current.config.admin.local_url,
        )
        supervising = together(_until_done(running.supervision), reloader.run(signals.wishes))
        supervision = asyncio.ensure_future(supervising)
        stack.push_async_callback(cancelled, supervision)
        try:
            number = await _signalled(signals, supervision)
        except RunDirectoryLostError:
            await running.succession.drain(_SOON)
            raise
        if number is None:
            return
        _log.info("%s: finishing requests in flight", number.name)
        patience = running.succession.current.config.drain_timeout
        if number is signal.SIGINT:
            patience = min(patience, _SOON)
        await reloader.stop()
        draining = asyncio.ensure_future(running.succession.drain(patience))
        await _signalled(signals, draining)
        draining.cancel()


async def _until_done(future: asyncio.Future[Any]) -> None:
    await asyncio.shield(future)


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
            claim.needed_by(
                stack.enter_async_context(deciders(config, directory, claim, environment))
            )
        )
        if await _signalled(signals, starting) is not None:
            await cancelled(starting)
            return
        await revive_beside(directory)
        _log.info(
            "router ready in %s. It reads its configuration at its start only, for Envoy runs by a "
            "bootstrap that was rendered from it.",
            directory.path,
        )
        supervising = together(
            starting.result().keep_alive(), claim.until_lost(), _refuse(signals.wishes)
        )
        supervision = asyncio.ensure_future(supervising)
        stack.push_async_callback(cancelled, supervision)
        await _signalled(signals, supervision)


async def _refuse(wishes: asyncio.Event) -> None:
    """Envoy's bootstrap was rendered from the same configuration, and is not ours to change."""
    while True:
        await wishes.wait()
        wishes.clear()
        _log.warning(
            "SIGHUP: the configuration cannot be read again while Envoy runs elsewhere by what it "
            "said at the start. Render the bootstrap anew, and restart both."
        )
