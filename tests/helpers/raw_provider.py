"""A provider of few manners: a test says what it does with each connection, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

__all__ = ["Conversation", "RawProvider", "raw_provider"]

Conversation = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What is done once a request's head is there: the head, what follows, where to answer."""

_LARGEST_HEAD = 4 * 1024 * 1024


@dataclass(slots=True)
class RawProvider:
    """Takes one request on each connection; ``heads`` are those of the requests so far."""

    converse: Conversation
    port: int = 0
    heads: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client may leave whenever it likes.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.heads.append(head)
            await self.converse(head, reader, writer)
        writer.close()


@contextlib.asynccontextmanager
async def raw_provider(converse: Conversation) -> AsyncIterator[RawProvider]:
    """A provider that listens on a free port of this machine."""
    provider = RawProvider(converse)
    server = await asyncio.start_server(provider.accept, "127.0.0.1", limit=_LARGEST_HEAD)
    provider.port = server.sockets[0].getsockname()[1]
    try:
        yield provider
    finally:
        server.close()
