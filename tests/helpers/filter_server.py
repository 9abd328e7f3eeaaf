"""An HTTP filter as people write them, strict about what it is sent, that misbehaves on command."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import h11

__all__ = ["SECRET", "Command", "FilterServer", "Shown", "filter_server"]

SECRET = re.compile(r"SECRET-\d{4}")
"""What it takes out of all that it is shown."""
UNSAFE = "exploit"
"""What it blocks."""

Command = Literal["work", "hang", "500", "cut", "malformed", "nothing"]


@dataclass(frozen=True)
class Shown:
    """What it was shown."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class FilterServer:
    """Answers one message after another on each connection, which it keeps."""

    def __init__(self) -> None:
        self.command: Command = "work"
        self.shown: list[Shown] = []
        self.connections = 0
        self.complaints: list[str] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/guard"

    def clear(self) -> None:
        self.command = "work"
        self.shown.clear()
        self.complaints.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = h11.Connection(h11.SERVER)
        try:
            while (shown := await _received(connection, reader)) is not None:
                self.shown.append(shown)
                self.complaints += _complaints(shown)
                await self._answer(connection, writer, shown)
                if connection.our_state is not h11.DONE:
                    return
                connection.start_next_cycle()
        except (ConnectionError, h11.RemoteProtocolError):
            return
        finally:
            writer.close()

    async def _answer(
        self, connection: h11.Connection, writer: asyncio.StreamWriter, shown: Shown
    ) -> None:
        status, body = 200, _filtered(shown.body)
        if self.command == "hang":
            await asyncio.sleep(60)
        elif self.command == "500":
            status, body = 500, b"out of order: " + shown.body
        elif self.command == "malformed":
            body = b"<html>"
        elif self.command == "nothing":
            body = b""
        elif UNSAFE.encode() in shown.body:
            status, body = 400, b'{"detail":{"error":"content_blocked","message":"exploit!"}}'
        kind = shown.headers["content-type"]
        headers = [("content-type", kind), ("content-length", str(len(body)))]
        writer.write(connection.send(h11.Response(status_code=status, headers=headers)) or b"")
        if self.command == "cut":
            writer.write(body[: len(body) // 2])
            writer.transport.abort()
            connection.send_failed()
            return
        writer.write(connection.send(h11.Data(data=body)) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()


def _filtered(body: bytes) -> bytes:
    return SECRET.sub("[REDACTED]", body.decode()).encode()


def _complaints(shown: Shown) -> list[str]:
    """What is wrong with a message, for nobody may rely on what is not promised."""
    found = [
        f"{name} was sent"
        for name in shown.headers
        if name.startswith(("x-dragoman", "x-envoy", ":"))
    ]
    if shown.headers["content-type"] == "text/event-stream":
        return found + [
            f"not one event: {shown.body!r}"
            for _ in range(1)
            if not re.fullmatch(rb"data: \{.*\}\n\n", shown.body)
        ]
    if shown.headers["content-type"] != "application/json":
        found.append(f"content type {shown.headers['content-type']}")
    elif not isinstance(shown.json, dict):
        found.append("not an object")
    return found


async def _received(connection: h11.Connection, reader: asyncio.StreamReader) -> Shown | None:
    request: h11.Request | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65536))
        elif isinstance(event, h11.Request):
            assert event.method == b"POST"
            request = event
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            assert request is not None
            headers = {name.decode(): value.decode() for name, value in request.headers}
            return Shown(request.target.decode(), headers, body)
        else:
            return None


@contextlib.asynccontextmanager
async def filter_server() -> AsyncIterator[FilterServer]:
    """One that listens on loopback."""
    server = FilterServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
