"""A provider of few manners: a test says what it does with each connection, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["COMPLETION", "Conversation", "RawProvider", "raw_provider", "take_body"]

Conversation = Callable[[bytes, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What is done once a request's head is there: the head, what follows, where to answer."""

COMPLETION: Final[Mapping[str, Any]] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}
    ],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
"""An answer of chat that a client accepts."""

_LARGEST_HEAD: Final = 4 * 1024 * 1024


async def take_body(head: bytes, reader: asyncio.StreamReader) -> bytes:
    """The body of a request whose head tells its length."""
    (line,) = (x for x in head.lower().split(b"\r\n") if x.startswith(b"content-length:"))
    return await reader.readexactly(int(line.split()[1]))


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
