"""One client's connection: requests in, steps carried out, until somebody leaves."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import h11

from extproc.demo.provider.exchange import Headers
from extproc.demo.provider.steps import Fate, Head, Step, Torn, Wait

__all__ = ["READ_SIZE", "Handler", "Request", "serve"]

READ_SIZE = 256 * 1024
_FLUSH_SIZE = 64 * 1024
_MAX_HEAD_SIZE = 256 * 1024
_LINGER_NOT = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, complete."""

    method: str
    path: str
    headers: Headers
    body: bytes


Handler: TypeAlias = Callable[[Request], Iterator[Step]]


async def serve(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handle: Handler
) -> None:
    """Answer the requests of one connection until it ends, and close it.

    Cancelling closes it at once. A client that leaves or does not speak HTTP is no error.

    Args:
        reader: what the client says.
        writer: what the client hears.
        handle: from a request to the steps of its response.
    """
    try:
        await _Connection(reader, writer).run(handle)
        writer.close()
        await writer.wait_closed()
    except OSError:
        pass
    finally:
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD_SIZE)
        self._unsent: list[bytes] = []
        self._unsent_size = 0

    async def run(self, handle: Handler) -> None:
        while True:
            try:
                request = await self._receive()
            except h11.RemoteProtocolError as error:
                await self._reject(error)
                return
            if request is None:
                return
            await self._perform(handle(request), bodiless=request.method == "HEAD")
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return
            self._http.start_next_cycle()

    async def _receive(self) -> Request | None:
        head: h11.Request | None = None
        chunks: list[bytes] = []
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(READ_SIZE))
            elif isinstance(event, h11.Data):
                chunks.append(event.data)
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return Request(
                    method=head.method.decode("ascii"),
                    path=head.target.decode("latin-1"),
                    headers=tuple(
                        (name.decode("ascii"), value.decode("latin-1"))
                        for name, value in head.headers
                    ),
                    body=b"".join(chunks),
                )
            else:
                return None

    async def _reject(self, error: h11.RemoteProtocolError) -> None:
        """Say so, if the client is still there to hear it."""
        if self._http.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            return
        text = str(error).encode()
        length = ("content-length", str(len(text)))
        headers = (("content-type", "text/plain"), length, ("connection", "close"))
        await self._perform(iter((Head(error.error_status_hint, headers), text)), bodiless=False)

    async def _perform(self, steps: Iterator[Step], *, bodiless: bool) -> None:
        for step in steps:
            if isinstance(step, bytes):
                if not bodiless:
                    self._put(h11.Data(data=step))
                    if self._unsent_size > _FLUSH_SIZE:
                        await self._flush()
            elif isinstance(step, Head):
                reason = http.client.responses.get(step.status, "")
                self._put(
                    h11.Response(status_code=step.status, headers=list(step.headers), reason=reason)
                )
            elif isinstance(step, Wait):
                await self._flush()
                if not await self._wait(step.seconds):
                    return
            else:
                await self._break_off(step)
                return
        self._put(h11.EndOfMessage())
        await self._flush()

    async def _break_off(self, step: Torn | Fate) -> None:
        if isinstance(step, Torn):
            framed = self._http.send(h11.Data(data=step.data)) or b""
            self._unsent.append(framed[: len(framed) // 2])
            await self._flush()
        elif step is Fate.SILENCE:
            await self._flush()
            await self._client_leaves()
        else:
            # With a linger time of zero, closing sends RST instead of FIN.
            client: socket.socket = self._writer.get_extra_info("socket")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
            self._writer.transport.abort()

    async def _wait(self, seconds: float) -> bool:
        """Let the time pass; False as soon as the client leaves."""
        try:
            async with asyncio.timeout(seconds):
                await self._client_leaves()
        except TimeoutError:
            return True
        return False

    async def _client_leaves(self) -> None:
        while data := await self._reader.read(READ_SIZE):
            self._http.receive_data(data)

    def _put(self, event: h11.Response | h11.Data | h11.EndOfMessage) -> None:
        data = self._http.send(event)
        if data:
            self._unsent.append(data)
            self._unsent_size += len(data)

    async def _flush(self) -> None:
        if self._unsent:
            self._writer.write(b"".join(self._unsent))
            self._unsent.clear()
            self._unsent_size = 0
            await self._writer.drain()
