"""A web proxy that opens tunnels (CONNECT), and knows where the hosts are that tests make up."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

__all__ = ["TunnellingProxy", "tunnelling_proxy"]


@dataclass(slots=True)
class TunnellingProxy:
    """``hosts`` maps ``host:port`` to ports of this machine. ``opened`` are the tunnels so far."""

    hosts: Mapping[str, int]
    authorization: str | None = None
    port: int = 0
    opened: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Either side may leave whenever it likes.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            status = self._status(head)
            writer.write(f"HTTP/1.1 {status}\r\n\r\n".encode())
            if status.startswith("200"):
                port = self.hosts[head.split()[1]]
                await _join(reader, writer, *await asyncio.open_connection("127.0.0.1", port))
        writer.close()

    def _status(self, head: str) -> str:
        method, target, _ = head.partition("\r\n")[0].split(" ")
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        wanted = self.authorization
        if wanted is not None and headers.get("proxy-authorization") != wanted.lower():
            self.refused.append(target)
            return "407 Proxy Authentication Required"
        if method != "CONNECT" or target not in self.hosts:
            self.refused.append(target)
            return "403 Forbidden"
        self.opened.append(target)
        return "200 Connection established"


async def _join(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    ways = {
        asyncio.create_task(_pass_on(reader, far_writer)),
        asyncio.create_task(_pass_on(far_reader, writer)),
    }
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in ways:
        way.cancel()
    far_writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@contextlib.asynccontextmanager
async def tunnelling_proxy(
    hosts: Mapping[str, int],
    authorization: str | None = None,
    context: ssl.SSLContext | None = None,
) -> AsyncIterator[TunnellingProxy]:
    """A proxy on a free port of this machine.

    Args:
        hosts: the hosts that it knows, ``host:port``, and the ports where they really are.
        authorization: what it wants to be sent as ``proxy-authorization``.
        context: set to speak TLS with it.
    """
    proxy = TunnellingProxy(hosts, authorization)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", ssl=context)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
