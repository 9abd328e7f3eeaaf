"""One call on a connection of ours: messages out of bytes, and bytes out of messages."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from typing import Final

from extproc.transport.calls import RefusedError, Service
from extproc.transport.endings import ANSWER_HEADERS, Status, ending
from extproc.transport.framed_messages import PREFIX_SIZE, MessageReader, prefix
from extproc.transport.frames import Code, Flag, Kind, frame, frame_head, reset, window_update
from extproc.transport.outgoing import Outgoing, Outlet
from extproc.transport.turns import AT_ONCE, Turns
from extproc.transport.wire import Message

__all__ = ["WINDOW", "IncomingCall"]

_log = logging.getLogger(__name__)

WINDOW: Final = 1024 * 1024
"""Bytes that a caller may send before they are read."""


class IncomingCall:
    """A call as its server sees it (:class:`extproc.transport.calls.Call`)."""

    __slots__ = (
        "_credit",
        "_headers",
        "_messages",
        "_outgoing",
        "_reader",
        "_reading",
        "_service",
        "_turns",
        "_unpaused",
        "_unread",
        "answered",
        "ended",
        "given_up",
        "outlet",
        "stream",
        "task",
    )

    def __init__(
        self,
        outgoing: Outgoing,
        stream: int,
        service: Service,
        headers: Mapping[bytes, bytes],
        window: int,
        turns: Turns,
    ) -> None:
        """
        Args:
            outgoing: where answers go.
            stream: the call's number on its connection.
            service: what is called.
            headers: what the call was opened with.
            window: how many bytes of answers the caller takes for now.
            turns: tells when the call may go on.
        """
        self.stream = stream
        self.outlet = Outlet(outgoing, window)
        self.ended = False
        """Whether the caller has nothing more to say."""
        self.answered = False
        """Whether anything has been sent."""
        self.given_up = False
        """Whether the caller is gone: what is still written, nobody hears."""
        self.task: asyncio.Task[None] | None = None
        """What serves the call, once it is its turn."""
        self._outgoing = outgoing
        self._service = service
        self._headers = headers
        self._reader = MessageReader()
        self._messages: deque[bytes] = deque()
        self._unread = 0
        self._credit = 0
        self._reading: asyncio.Future[None] | None = None
        self._turns = turns
        self._unpaused = 0

    def metadata(self, name: str) -> str | None:
        value = self._headers.get(name.encode())
        return None if value is None else value.decode("latin-1")

    async def read(self) -> Message | None:
        while not self._messages:
            if self.ended:
                return None
            self._reading = asyncio.get_running_loop().create_future()
            self._unpaused = 0
            await self._reading
        self._unpaused += 1
        if self._unpaused > AT_ONCE:
            self._unpaused = 0
            await asyncio.sleep(0)
        message = self._messages.popleft()
        self._unread -= len(message)
        self._give_credit()
        return self._service.read(message)

    async def write(self, response: bytes) -> None:
        if self.given_up:
            return
        if not self.answered:
            self.answered = True
            self._outgoing.send(frame(Kind.HEADERS, Flag.END_HEADERS, self.stream, ANSWER_HEADERS))
        outlet, size = self.outlet, PREFIX_SIZE + len(response)
        if size <= outlet.room:
            head = frame_head(Kind.DATA, 0, self.stream, size) + prefix(response)
            outlet.send_data(size, head, response)
            return
        left = memoryview(prefix(response) + response)
        try:
            while size:
                room = outlet.room
                if room <= 0:
                    await outlet.until_room()
                    continue
                sent = min(size, room)
                outlet.send_data(sent, frame_head(Kind.DATA, 0, self.stream, sent), left[:sent])
                left, size = left[sent:], size - sent
        finally:
            outlet.sent()

    async def serve(self) -> None:
        """Serve the call to its end, and say how it went to a caller that is still there."""
        status, why = Status.OK, ""
        try:
            await self._service.process(self)
        except RefusedError as error:
            status, why = Status.INVALID_ARGUMENT, str(error)
        except Exception:  # noqa: BLE001 - one call must not end the others
            _log.exception("a call of %s failed", self._service.path)
            status = Status.UNKNOWN
        except asyncio.CancelledError:
            if not self.given_up:
                self._outgoing.send(reset(self.stream, Code.CANCEL))
            raise
        if not self.given_up:
            self._outgoing.send(
                ending(self.stream, status, why, answered=self.answered, heard=self.ended)
            )

    def take(self, data: bytes | memoryview, counted: int) -> None:
        """Bytes have come.

        Args:
            data: what there is of messages.
            counted: how much of the caller's window it took.

        Raises:
            ConnectionBrokenError: these are no messages as we take them.
        """
        self._credit += counted
        for message in self._reader.feed(data):
            self._messages.append(message)
            self._unread += len(message)
        if self._messages:
            self._wake()
        self._give_credit()

    def end(self) -> None:
        """The caller has nothing more to say."""
        self.ended = True
        self._wake()

    def _give_credit(self) -> None:
        """Let the caller send on, unless a lot of what it sent has not been read."""
        if self._credit > WINDOW // 2 >= self._unread and not self.ended:
            self._outgoing.send(window_update(self.stream, self._credit))
            self._credit = 0

    def _wake(self) -> None:
        if self._reading is not None and not self._reading.done():
            self._turns.take(self._go_on)

    def _go_on(self) -> None:
        if self._reading is not None and not self._reading.done():
            self._reading.set_result(None)
