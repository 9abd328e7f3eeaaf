"""Lets requests in flight finish before Envoy ends."""

from __future__ import annotations

import asyncio
import logging

import httpx

from extproc.sidecar.admin import Admin

__all__ = ["drain"]

_log = logging.getLogger(__name__)

_UPLOADS = 5.0
_PERIOD = 0.1
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
    loop = asyncio.get_running_loop()
    began = attempted = loop.time()
    try:
        async with asyncio.timeout(patience):
            await admin.stop_accepting()
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
    except TimeoutError:
        _log.warning("some requests were still in flight after %g s", patience)
    except httpx.HTTPError as error:
        _log.warning("envoy could not be drained: %r", error)
