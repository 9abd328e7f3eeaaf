"""A gRPC server of our own, for Envoy on a Unix socket: no threads, and nothing between asyncio and
the calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from extproc.transport.calls import Service
from extproc.transport.connection import Connection
from extproc.transport.turns import Turns

__all__ = ["BuiltinServer"]

_UNTIL_HEARD: Final = 0.1
_LOOK: Final = 0.005
"""Seconds: for so long peers may take to hear that no more calls are taken, and so often it is
looked whether they have."""


class BuiltinServer:
    """Serves on one socket. Made by ``listening``."""

    def __init__(self, server: asyncio.Server, connections: set[Connection]) -> None:
        self._server = server
        self._connections = connections

    @classmethod
    async def listening(cls, services: Iterable[Service], socket: Path) -> BuiltinServer:
        """Start to serve.

        Args:
            services: what can be called.
            socket: path of the Unix socket, which nobody else must have.
        """
        by_path = {service.path.encode(): service for service in services}
        turns = Turns()
        connections: set[Connection] = set()
        server = await asyncio.get_running_loop().create_unix_server(
            lambda: Connection(by_path, turns, connections), socket
        )
        return cls(server, connections)

    async def stop(self, grace: float | None) -> None:
        """Take no more calls, and give up those that do not end in time.

        Args:
            grace: seconds that they have; None for none. With any, peers have a tenth of a second
                to hear that no more calls are taken.
        """
        self._server.close()
        for connection in self._connections:
            connection.leave()
        if grace:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._calls_ended(), grace)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._peers_gone(), _UNTIL_HEARD)
        for connection in list(self._connections):
            connection.close()

    async def _calls_ended(self) -> None:
        """Wait for the calls that there are, those too whose turn has not come."""
        while calls := [call for each in self._connections for call in each.calls.values()]:
            under_way = [call.task for call in calls if call.task is not None]
            await (asyncio.wait(under_way) if under_way else asyncio.sleep(0))

    async def _peers_gone(self) -> None:
        """Wait for peers to close what has no calls any more. One that has not heard yet that we
        take no more may have opened a call just now: it must not take that for broken."""
        while self._connections:
            await asyncio.sleep(_LOOK)
