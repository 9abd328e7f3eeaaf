"""Lets requests in flight finish before Envoy ends."""

from __future__ import annotations

import asyncio
import logging
import math

from extproc.contract import LOGGED_WITHIN
from extproc.run_directory import RunDirectory
from extproc.sidecar.admin import Admin, NoAnswerError, NobodyThereError

__all__ = ["drain", "drain_beside", "finish", "revive_beside"]

_log = logging.getLogger(__name__)

_UPLOADS = 5.0
_PERIOD = 0.1
_ON_ITS_WAY = 0.1
_BETWEEN = 1.0
"""Seconds that a request may spend between two attempts, or on being classified."""


async def drain(admin: Admin, patience: float, uploads: float = _UPLOADS) -> None:
    """Have Envoy take no more connections and close those it has, each after its present answer.

    Connections on which nothing is asked are not waited for, and requests whose body does not
    arrive are only for a while: no provider has seen them, and the client can send them elsewhere.

    Args:
        admin: of the Envoy that is going to end.
        patience: seconds that requests in flight get.
        uploads: seconds that requests get whose body is still on its way.
    """
    try:
        async with asyncio.timeout(patience):
            await admin.stop_accepting()
            await _until_answered(admin, uploads)
        await _until_logged()
    except TimeoutError:
        _log.warning("some requests were still in flight after %g s", patience)
        await _until_logged()
    except NoAnswerError as error:
        _log.warning("envoy could not be drained: %s", error)


async def finish(admin: Admin, patience: float, idle: float) -> None:
    """Let an Envoy whose place another one has taken finish what it has begun.

    Args:
        admin: of the Envoy that is going to end. It takes no connections any more.
        patience: seconds that requests in flight get, all of which are waited for.
        idle: seconds that connections get on which nothing is asked. Each is closed after its next
            answer; one that is closed just as its client asks again costs that client an error.
    """
    try:
        async with asyncio.timeout(patience):
            await _until_answered(admin, math.inf)
        async with asyncio.timeout(idle):
            while (await admin.connections())[0]:
                await asyncio.sleep(_PERIOD)
    except TimeoutError:
        if flight := (await admin.in_flight()).requests:
            _log.warning(
                "%d requests to the Envoy of before had not ended after %g s", flight, patience
            )
    await _until_logged()


async def _until_logged() -> None:
    """An Envoy that ends does not send what it has not logged yet."""
    await asyncio.sleep(LOGGED_WITHIN + _ON_ITS_WAY)


async def _until_answered(admin: Admin, uploads: float) -> None:
    loop = asyncio.get_running_loop()
    began = attempted = loop.time()
    while True:
        flight = await admin.in_flight()
        if not flight.requests:
            return
        now = loop.time()
        if flight.attempts:
            attempted = now
        elif now - began > uploads and now - attempted > _BETWEEN:
            _log.warning("%d requests had not arrived after %g s", flight.requests, uploads)
            return
        await asyncio.sleep(_PERIOD)


async def drain_beside(directory: RunDirectory, delay: float, patience: float) -> None:
    """Drain the Envoy of another container, and say by a file when that is done.

    Args:
        directory: where its admin interface is, and where the file goes.
        delay: seconds for which it still takes connections, since those who send them learn a
            little later that it ends.
        patience: seconds that requests in flight get after that.
    """
    admin = Admin(directory.admin_socket)
    try:
        await admin.send_elsewhere()
        await asyncio.sleep(delay)
        await drain(admin, patience)
    except NoAnswerError as error:
        _log.warning("envoy could not be drained: %s", error)
    finally:
        await admin.close()
        directory.drained.touch()


async def revive_beside(directory: RunDirectory) -> None:
    """Have the Envoy of another container serve again that was drained for our sake.

    An orchestrator that ends a router which hangs drains Envoy before, though only the router is
    started anew. An Envoy that has closed its sockets by then can only be started anew as well.

    Args:
        directory: where its admin interface is. An Envoy that is not there yet starts undrained.
    """
    admin = Admin(directory.admin_socket)
    try:
        if not await admin.take_clients_again():
            _log.warning("envoy was drained and takes no connections: it ends, to be started anew")
            await admin.end()
    except NobodyThereError:
        return
    except NoAnswerError as error:
        _log.warning("envoy could not be told to serve again, if it was drained: %s", error)
    finally:
        await admin.close()
