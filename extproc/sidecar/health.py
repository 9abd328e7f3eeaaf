"""Whether the router answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from grpc import aio

__all__ = ["Health", "health"]

_PATIENCE = 2.0


class Health:
    """Asks the router's gRPC health service, as Envoy does."""

    def __init__(self, channel: aio.Channel) -> None:
        self._check: aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
            "/grpc.health.v1.Health/Check"
        )

    async def answers(self) -> bool:
        """Whether an answer comes within two seconds."""
        try:
            await self._check(b"", timeout=_PATIENCE)
        except aio.AioRpcError:
            return False
        return True

    async def wait(self) -> None:
        """Wait until the router answers."""
        while not await self.answers():
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def health(socket: Path) -> AsyncIterator[Health]:
    """A connection to the router at a Unix socket, opened again as often as needed."""
    options = [
        ("grpc.initial_reconnect_backoff_ms", 50),
        ("grpc.min_reconnect_backoff_ms", 50),
        ("grpc.max_reconnect_backoff_ms", 500),
    ]
    async with aio.insecure_channel(f"unix:{socket}", options=options) as channel:
        yield Health(channel)
