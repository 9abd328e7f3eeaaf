"""Whether the router answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from grpc import aio

from extproc.transport.health import INFORMED, PATH, SERVING, health_request

__all__ = ["LOOKS_EVERY", "Health", "health"]

_PATIENCE = 2.0
LOOKS_EVERY: Final = 0.02
"""Seconds between two looks whether what has been started is ready."""
_RECONNECTING = 50
"""Milliseconds after which a router that could not be reached is tried again: left to itself, gRPC
waits longer each time, and finds what starts half a second late."""


class Health:
    """Asks the router's gRPC health service, as Envoy does."""

    def __init__(self, channel: aio.Channel, socket: Path) -> None:
        self._socket = socket
        self._check: aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(PATH)

    async def answers(self) -> bool:
        """Whether an answer comes within two seconds."""
        return await self._serving("")

    async def wait(self) -> None:
        """Wait until the router answers; until it has a socket, there is nobody to be asked."""
        while not (self._socket.exists() and await self.answers()):
            await asyncio.sleep(LOOKS_EVERY)

    async def wait_until_informed(self) -> None:
        """Wait until it has heard what is known of the models."""
        while not await self._serving(INFORMED):
            await asyncio.sleep(LOOKS_EVERY)

    async def _serving(self, service: str) -> bool:
        try:
            answer = await self._check(health_request(service), timeout=_PATIENCE)
        except aio.AioRpcError:
            return False
        return answer == SERVING


@contextlib.asynccontextmanager
async def health(socket: Path) -> AsyncIterator[Health]:
    """A connection to the router at a Unix socket, opened again as often as needed."""
    kinds = ("initial", "min", "max")
    options = [(f"grpc.{kind}_reconnect_backoff_ms", _RECONNECTING) for kind in kinds]
    async with aio.insecure_channel(f"unix:{socket}", options=options) as channel:
        yield Health(channel, socket)
