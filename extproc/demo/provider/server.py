"""The fake provider itself: a port, a repertoire of behaviours, a memory of what was asked."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from extproc.demo.provider import chat
from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.compose import compose
from extproc.demo.provider.connection import READ_SIZE, Request, serve
from extproc.demo.provider.dialects import dialect_of, prepare
from extproc.demo.provider.exchange import Exchange, header_value
from extproc.demo.provider.inquiry import Inquiry, read_inquiry
from extproc.demo.provider.other_paths import answer_elsewhere
from extproc.demo.provider.repertoire import SUFFIX_MARK, Repertoire
from extproc.demo.provider.steps import Step, refuse, respond
from extproc.demo.provider.strict import Ask, Memory
from extproc.demo.provider.voice import Voice

__all__ = ["BEHAVIOUR_HEADER", "FakeProvider"]

BEHAVIOUR_HEADER = "x-fake-behaviour"

_BACKLOG = 1024

log = logging.getLogger(__name__)


class FakeProvider:
    """A loopback HTTP/1.1 server that speaks chat completions, messages and responses.

    It answers correctly unless told otherwise. In falling order of precedence, a request is
    answered as its ``x-fake-behaviour`` header says, as its model id says (``gpt-4o!status=503``),
    as the next scripted behaviour, as ``behave`` was told for its model, or as ``default``. A
    request that the real API would refuse is refused whatever else was said, in its words.

    ::

        async with FakeProvider("openai") as provider:
            provider.script(Behaviour(status=429, retry_after="5"), Behaviour())
    """

    def __init__(
        self,
        name: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ssl_context: ssl.SSLContext | None = None,
        keep: int = 1000,
        strict: bool = True,
        older_chat: bool = False,
    ) -> None:
        """
        Args:
            name: what the provider calls itself in its answers.
            host: the address to listen on.
            port: the port to listen on; 0 takes a free one.
            ssl_context: set to speak TLS.
            keep: how many exchanges to remember; older ones are forgotten.
            strict: whether to refuse what the real APIs refuse; it may be changed at any time.
            older_chat: whether to speak chat completions as they were before
                ``max_completion_tokens``, like many providers that are only compatible.
        """
        self.name = name
        self._host = host
        self._port = port
        self._ssl_context = ssl_context
        self.strict = strict
        self._born_strict = strict
        self._older_chat = older_chat
        self._repertoire = Repertoire()
        self._memory = Memory()
        self._exchanges: deque[Exchange] = deque(maxlen=keep)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen. After ``stop``, this listens on the same port again.

        Raises:
            OSError: the address is not to be had.
        """
        if self.strict:
            prepare()
        self._server = await asyncio.start_server(
            self._accept,
            self._host,
            self._port,
            ssl=self._ssl_context,
            limit=READ_SIZE,
            backlog=_BACKLOG,
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and break every open connection."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @property
    def port(self) -> int:
        """The port, once known."""
        return self._port

    @property
    def url(self) -> str:
        """The origin, to which clients append their paths."""
        scheme = "http" if self._ssl_context is None else "https"
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{host}:{self._port}"

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    @property
    def exchanges(self) -> list[Exchange]:
        """The latest requests, oldest first. They are here before they are answered."""
        return list(self._exchanges)

    @property
    def default(self) -> Behaviour:
        """How requests are answered that nothing else was said about."""
        return self._repertoire.default

    @default.setter
    def default(self, behaviour: Behaviour) -> None:
        self._repertoire.default = behaviour

    async def until(self, condition: Callable[[Self], bool]) -> None:
        """Wait until a condition on this provider's exchanges or connections holds."""
        while not condition(self):
            await self._changed.wait()

    def script(self, *behaviours: Behaviour) -> None:
        """Queue behaviours; each of the next requests takes one."""
        self._repertoire.script.extend(behaviours)

    def behave(self, model: str, behaviour: Behaviour) -> None:
        """Set the behaviour of one model."""
        self._repertoire.by_model[model] = behaviour

    def clear(self) -> None:
        """Forget behaviours and exchanges, as if newly started."""
        self._repertoire.clear()
        self._memory.clear()
        self._exchanges.clear()
        self.strict = self._born_strict

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.get_running_loop().create_task(serve(reader, writer, self._handle))
        self._connections.add(connection)
        self._announce()
        connection.add_done_callback(self._forget)

    def _forget(self, connection: asyncio.Task[None]) -> None:
        self._connections.discard(connection)
        self._announce()
        if not connection.cancelled() and (error := connection.exception()):
            log.error("%s lost a connection", self.name, exc_info=error)

    def _handle(self, request: Request) -> Iterator[Step]:
        dialect = dialect_of(request.method, request.path)
        if dialect is None:
            return self._elsewhere(request)
        voice = dialect.voice
        try:
            inquiry = read_inquiry(request.body)
            requested = header_value(request.headers, BEHAVIOUR_HEADER)
            behaviour = self._repertoire.choose(inquiry.model, requested)
        except ValueError as error:
            return self._refuse(request, voice, Complaint(str(error)))
        if self.strict and (complaint := dialect.judge(self._ask(request, inquiry))):
            return self._refuse(request, voice, complaint)
        self._remember(request, behaviour)
        answer = compose(self.name, inquiry, behaviour, request_size=len(request.body))
        if self.strict and behaviour.status == 200:
            dialect.remember(answer, self._memory)
        return respond(voice, answer, behaviour, stream=inquiry.stream)

    def _ask(self, request: Request, inquiry: Inquiry) -> Ask:
        return Ask(
            body=inquiry.body,
            model=inquiry.model.partition(SUFFIX_MARK)[0],
            headers=request.headers,
            path=request.path,
            provider=self.name,
            memory=self._memory,
            older_chat=self._older_chat,
        )

    def _elsewhere(self, request: Request) -> Iterator[Step]:
        content_type = header_value(request.headers, "content-type") or ""
        steps = answer_elsewhere(request.method, request.path, content_type, request.body)
        if steps is None:
            lost = Complaint(f"{request.method} {request.path}: not found.", status=404)
            return self._refuse(request, chat, lost)
        behaviour = self._repertoire.choose("", header_value(request.headers, BEHAVIOUR_HEADER))
        if behaviour.status != 200:
            told = Complaint("As it was told to.", status=behaviour.status)
            return self._refuse(request, chat, told)
        self._remember(request, behaviour)
        return steps

    def _refuse(self, request: Request, voice: Voice, complaint: Complaint) -> Iterator[Step]:
        self._remember(request, Behaviour(status=complaint.status), complaint)
        return refuse(voice, complaint)

    def _remember(
        self, request: Request, behaviour: Behaviour, complaint: Complaint | None = None
    ) -> None:
        self._exchanges.append(
            Exchange(
                method=request.method,
                path=request.path,
                headers=request.headers,
                body=request.body,
                received_at=time.monotonic(),
                behaviour=behaviour,
                complaint=complaint,
            )
        )
        self._announce()

    def _announce(self) -> None:
        """Wake all who wait now; the next change is another event."""
        self._changed.set()
        self._changed = asyncio.Event()
