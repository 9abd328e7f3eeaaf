"""A server of prices that can misbehave in every way that a source of prices may."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DOCUMENTS = Path(__file__).parents[1] / "sources" / "documents"


def document(name: str) -> bytes:
    return (DOCUMENTS / name).read_bytes()


@dataclass(frozen=True)
class Answer:
    """What to say; ``said`` of the body's bytes are sent before the connection ends, None is all.
    It waits for ``after``."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    said: int | None = None
    after: asyncio.Event | None = None

    @classmethod
    def of(cls, value: Any) -> Answer:
        return cls(json.dumps(value).encode())

    def gzipped(self) -> Answer:
        return Answer(
            gzip.compress(self.body), headers={**self.headers, "content-encoding": "gzip"}
        )


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    target: str
    headers: Mapping[str, str]


class PriceServer:
    """Answers by path; the last answer of several stays."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[Asked] = []
        self.serving: set[asyncio.Task[None]] = set()
        self.port = 0
        self.scheme = "http"

    def url(self, path: str = "/costs") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def answer(self, *answers: Answer, path: str = "/costs") -> None:
        self.answers[path] = list(answers)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            request, *lines = head.strip().split("\r\n")
            target = request.split(" ")[1]
            headers = dict(line.lower().split(": ", 1) for line in lines)
            self.asked.append(Asked(target, headers))
            answers = self.answers.get(target.partition("?")[0], [Answer(status=404)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            if answer.after is not None:
                await answer.after.wait()
            told = {"content-length": str(len(answer.body)), **answer.headers}
            lines = [f"{name}: {value}" for name, value in told.items()]
            status = f"HTTP/1.1 {answer.status} -"
            writer.write("\r\n".join([status, *lines, "connection: close", "", ""]).encode())
            writer.write(answer.body[: answer.said])
            await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def price_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[PriceServer]:
    server = PriceServer()
    listening = await asyncio.start_server(server.accept, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    server.scheme = "http" if tls is None else "https"
    try:
        async with listening:
            yield server
    finally:
        for task in server.serving:
            task.cancel()
        await asyncio.gather(*server.serving, return_exceptions=True)
