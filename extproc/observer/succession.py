"""How one observer takes the place of another: by a file, after which the admin port is its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final, TypeAlias

from extproc.errors import StartError
from extproc.observer.legacy import from_json, to_json
from extproc.observer.observer import Observer
from extproc.run_directory import RunDirectory

__all__ = ["inherits_nothing", "serving_in_turn"]

_log = logging.getLogger(__name__)

_PERIOD: Final = 0.05
_PAUSE: Final = 5.0
_FIRST: Final = 1

Serving: TypeAlias = Callable[[], AbstractAsyncContextManager[int]]


def inherits_nothing(directory: RunDirectory) -> bool:
    """Whether an observer here takes nobody's place."""
    return directory.generation <= _FIRST


@contextlib.asynccontextmanager
async def serving_in_turn(
    observer: Observer, directory: RunDirectory, serving: Serving
) -> AsyncIterator[None]:
    """Serve the admin port meanwhile, and leave what is known to the next generation at the end.

    The observer of a later generation first waits for what the one before leaves, so that nobody
    who asks at the admin port finds one that knows nothing.

    Args:
        observer: knows, or inherits.
        directory: the run directory.
        serving: serves the admin port.

    Raises:
        StartError: the admin port is taken. A later generation does without until it is not.
    """
    async with contextlib.AsyncExitStack() as stack:
        if inherits_nothing(directory):
            _said(await stack.enter_async_context(serving()))
        else:
            taking_over = asyncio.create_task(_take_over(observer, directory, serving))
            stack.push_async_callback(_ended, taking_over)
        yield
        if directory.generation:
            _leave(observer, directory)


async def _take_over(observer: Observer, directory: RunDirectory, serving: Serving) -> None:
    while not directory.legacy.exists():
        await asyncio.sleep(_PERIOD)
    left = await asyncio.to_thread(directory.legacy.read_bytes)
    try:
        if left:
            observer.inherit(from_json(left))
    except ValueError as error:
        _log.error("what the observer of before has left cannot be read: %s", error)
    while True:
        try:
            async with serving() as port:
                _said(port)
                await asyncio.Event().wait()
        except StartError as error:
            _log.error("%s", error)
            await asyncio.sleep(_PAUSE)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _leave(observer: Observer, directory: RunDirectory) -> None:
    """Write it down whole, or not at all."""
    temporary = directory.own("legacy.new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(to_json(observer.legacy()))
        temporary.replace(directory.legacy)
    except OSError as error:
        _log.warning("what is known cannot be left to the next observer: %s", error.strerror)


def _said(port: int) -> None:
    _log.info("metrics and decisions are on port %d", port)
