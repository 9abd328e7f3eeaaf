"""The Python side of the sidecar: the workers that decide, and the observer that they listen to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from extproc.core.config import Config
from extproc.core.config_json import to_json
from extproc.errors import StartError
from extproc.run_directory import RunDirectory
from extproc.sidecar.child import Child
from extproc.sidecar.health import Health, health

__all__ = ["Workers", "deciders", "ready"]

_log = logging.getLogger(__name__)

_START_PATIENCE = 60.0
_STOP_PATIENCE = 2.0
_HANGING_AFTER = 10.0


@dataclass(frozen=True, slots=True)
class Workers:
    """Running workers and their observer. ``keep_alive`` starts anew what ends or hangs."""

    workers: tuple[Child, ...]
    observer: Child
    healths: Mapping[str, Health]

    async def keep_alive(self) -> None:
        """Go on until cancelled."""
        await asyncio.gather(
            *(child.keep_alive() for child in (*self.workers, self.observer)),
            *(
                _replace_when_hanging(child, self.healths[child.name])
                for child in (*self.workers, self.observer)
            ),
        )


async def ready(child: Child, becoming: Coroutine[Any, Any, None]) -> None:
    """Wait for a child to become ready.

    Raises:
        StartError: it ends instead, or takes too long.
    """
    tasks = (asyncio.create_task(becoming), asyncio.create_task(child.wait()))
    waiting, ended = tasks
    try:
        done, _ = await asyncio.wait(tasks, timeout=_START_PATIENCE, return_when=FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    if ended in done:
        raise StartError(f"{child.name} ended while starting, with exit code {ended.result()}")
    if not done:
        raise StartError(f"{child.name} was not ready after {_START_PATIENCE:g} seconds")
    await waiting


async def _replace_when_hanging(child: Child, child_health: Health) -> None:
    """A process that is alive but silent is worse than a dead one: Envoy keeps knocking."""
    loop = asyncio.get_running_loop()
    answered = loop.time()
    while True:
        await asyncio.sleep(1)
        if child.pid is None or await child_health.answers():
            answered = loop.time()
        elif loop.time() - answered > _HANGING_AFTER:
            _log.error("%s has not answered for %g s; killing it", child.name, _HANGING_AFTER)
            child.kill()
            answered = loop.time()


@contextlib.asynccontextmanager
async def deciders(
    config: Config, directory: RunDirectory, environment: Mapping[str, str]
) -> AsyncIterator[Workers]:
    """Start the observer and the workers, wait until all answer, and end them on leaving.

    Args:
        config: the configuration, as found valid.
        directory: where they are met; its number of workers is started.
        environment: what they inherit.

    Raises:
        StartError: one of them does not become ready.
    """
    directory.check()
    settled = directory.path / "config.json"
    settled.write_bytes(to_json(config))
    arguments = [str(settled), str(directory.path), str(directory.workers)]
    observer = Child(
        "observer", [sys.executable, "-m", "extproc.observer", *arguments], environment
    )
    workers = tuple(
        Child(
            f"worker {index}",
            [sys.executable, "-m", "extproc.worker", *arguments, str(index)],
            environment,
        )
        for index in range(directory.workers)
    )
    sockets = (directory.observer_socket, *directory.worker_sockets)
    async with contextlib.AsyncExitStack() as stack:
        healths = {}
        children = (observer, *workers)
        for child, socket in zip(children, sockets, strict=True):
            healths[child.name] = await stack.enter_async_context(health(socket))
            await child.start()
            stack.push_async_callback(child.stop, _STOP_PATIENCE)
        await asyncio.gather(*(ready(child, healths[child.name].wait()) for child in children))
        yield Workers(workers, observer, healths)
