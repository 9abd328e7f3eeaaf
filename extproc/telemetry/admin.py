"""The admin port: an HTTP server in the loop of whoever observes."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from extproc.core.config import Admin
from extproc.errors import StartError

__all__ = ["serving"]

_GRACE = 1
"""Seconds that answers under way get to finish."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process that this server is a part of."""
        yield


@asynccontextmanager
async def serving(admin: Admin, application: ASGIApp) -> AsyncIterator[int]:
    """Serve an application on the admin port as long as the context is open.

    Args:
        admin: where; port 0 takes any that is free.
        application: what answers.

    Yields:
        The port.

    Raises:
        StartError: the port is taken, or the address is not one of this machine's.
    """
    listening = _listening(admin)
    server = _Server(
        uvicorn.Config(
            application,
            access_log=False,
            log_config=None,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=_GRACE,
        )
    )
    # It gets a socket, not an address: where that is taken, we said so above in our own words.
    task = asyncio.create_task(server.serve([listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await task


def _listening(admin: Admin) -> socket.socket:
    family = socket.AF_INET6 if ":" in admin.address else socket.AF_INET
    try:
        # So that the observer of the next configuration can listen before this one has ended.
        listening = socket.create_server(
            (admin.address, admin.port), family=family, backlog=128, reuse_port=True
        )
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        shown = f"[{admin.address}]" if ":" in admin.address else admin.address
        raise StartError(
            f"cannot serve metrics and decisions on {shown}:{admin.port}: {reason}. "
            "Name another address as dragoman.admin_address, or stop what listens there."
        ) from None
    # asyncio sets it only on sockets that name their protocol, which this one does not. Without it,
    # every answer but a connection's first one comes 40 ms late: https://www.rfc-editor.org/rfc/rfc896
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
