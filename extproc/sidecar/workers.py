"""The Python side of the sidecar: the workers that decide, and the observer that they listen to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from asyncio import FIRST_COMPLETED
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from extproc.core.config import Config
from extproc.core.config_json import to_json
from extproc.errors import StartError
from extproc.run_directory import LINK, OBSERVER, RunDirectory
from extproc.sidecar.child import Child, ending_in_words
from extproc.sidecar.claim import Claim
from extproc.sidecar.health import Health, health
from extproc.sidecar.together import together
from extproc.sidecar.watching import replace_when_of_no_use

__all__ = ["Workers", "deciders", "lead_to_observer", "ready"]

_log = logging.getLogger(__name__)

_START_PATIENCE = 60.0
_STOP_PATIENCE = 2.0
_STOP_PATIENCE_AT_START = 0.5
"""Seconds for one that has not served yet, and so has nothing to finish."""
_SNAPSHOT_PATIENCE = 4.0
"""Seconds: one more than the observer waits for prices and latencies."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Running workers and their observer. ``keep_alive`` starts anew what ends or hangs."""

    workers: tuple[Child, ...]
    observer: Child
    directory: RunDirectory
    healths: Mapping[str, Health]

    async def keep_alive(self) -> None:
        """Go on until cancelled."""
        own = (self.directory.own_observer_socket, self.directory.own_link_socket)
        shared = (self.directory.observer_socket, self.directory.link_socket)
        sockets: dict[str, tuple[Path, ...]] = {
            self.observer.name: (*own, *shared),
            **{
                worker.name: (socket,)
                for worker, socket in zip(self.workers, self.directory.worker_sockets, strict=True)
            },
        }
        children = (*self.workers, self.observer)
        await together(
            *(child.keep_alive() for child in children),
            *(
                replace_when_of_no_use(child, self.healths[child.name].answers, sockets[child.name])
                for child in children
            ),
        )


async def ready(child: Child, becoming: Coroutine[Any, Any, None]) -> None:
    """Start a child, and wait for it to become ready.

    Raises:
        StartError: it cannot be started, ends instead, or takes too long.
    """
    try:
        await child.start()
    except OSError as error:
        becoming.close()
        raise StartError(f"{child.name} could not be started: {error}.") from None
    tasks = (asyncio.create_task(becoming), asyncio.create_task(child.wait()))
    waiting, ended = tasks
    try:
        done, _ = await asyncio.wait(tasks, timeout=_START_PATIENCE, return_when=FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    if ended in done:
        raise StartError(f"{child.name} {ending_in_words(ended.result())} while starting")
    if not done:
        raise StartError(f"{child.name} was not ready after {_START_PATIENCE:g} seconds")
    await waiting


def _children(
    config: Config, directory: RunDirectory, claim: Claim, environment: Mapping[str, str]
) -> Iterator[Child]:
    """The observer, then the workers. Each writes down the configuration before it starts.

    Files that were written once, somebody may have removed by the time of a restart.
    """
    settled = to_json(config)
    name = directory.own_name("config.json")
    generation = [str(directory.generation)] if directory.generation else []
    arguments = [*generation, str(directory.path / name), str(directory.path)]
    arguments.append(str(directory.workers))
    prepare = partial(claim.write, name, settled)

    def prepare_observer() -> None:
        prepare()
        shared = (directory.observer_socket, directory.link_socket)
        if directory.generation and not all(path.is_symlink() for path in shared):
            lead_to_observer(directory, claim)

    yield Child(
        "observer",
        [sys.executable, "-m", "extproc.observer", *arguments],
        environment,
        prepare=prepare_observer,
    )
    for index in range(directory.workers):
        yield Child(
            f"worker {index}",
            [sys.executable, "-m", "extproc.worker", *arguments, str(index)],
            environment,
            prepare=prepare,
        )


def lead_to_observer(directory: RunDirectory, claim: Claim) -> None:
    """Let all generations find this one's observer.

    Raises:
        OSError: a link cannot be made.
    """
    for name in (OBSERVER, LINK):
        claim.link(name, directory.own_name(name))


@contextlib.asynccontextmanager
async def deciders(
    config: Config, directory: RunDirectory, claim: Claim, environment: Mapping[str, str]
) -> AsyncIterator[Workers]:
    """Start the observer and the workers, wait until all answer, and end them on leaving.

    Args:
        config: the configuration, as found valid.
        directory: where they are met; its number of workers is started.
        claim: the right to write there.
        environment: what they inherit.

    Raises:
        StartError: one of them does not become ready.
    """
    observer, *workers = children = list(_children(config, directory, claim, environment))
    sockets = (directory.own_observer_socket, *directory.worker_sockets)
    async with contextlib.AsyncExitStack() as stack:
        healths = {
            child.name: await stack.enter_async_context(health(socket))
            for child, socket in zip(children, sockets, strict=True)
        }
        patience = _STOP_PATIENCE_AT_START

        async def stop() -> None:
            await asyncio.gather(*(worker.stop(patience) for worker in workers))
            # It hears what they tell last, and none of them misses it.
            await observer.stop(patience)

        stack.push_async_callback(stop)
        await asyncio.gather(*(ready(child, healths[child.name].wait()) for child in children))
        await _informed([healths[worker.name] for worker in workers])
        patience = _STOP_PATIENCE
        yield Workers(tuple(workers), observer, directory, healths)


async def _informed(workers: list[Health]) -> None:
    """Let the first requests be ranked by what can be known; a late source holds up nothing."""
    try:
        async with asyncio.timeout(_SNAPSHOT_PATIENCE):
            await asyncio.gather(*(worker.wait_until_informed() for worker in workers))
    except TimeoutError:
        _log.warning("the observer has not said yet what is known of the models: going on without")
