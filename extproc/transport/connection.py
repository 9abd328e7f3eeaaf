"""A connection of a gRPC client, as an asyncio protocol: HTTP/2 as far as such a client needs it.

The client is Envoy, of a version that is pinned, on a socket that nobody else can open. What it
must not do ends the connection; it is not defended against.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, cast

from extproc.transport.calls import Service
from extproc.transport.endings import Status, ending
from extproc.transport.frames import (
    DEFAULT_FRAME_SIZE,
    DEFAULT_WINDOW,
    LARGEST_FRAME_SIZE,
    LARGEST_WINDOW,
    Code,
    ConnectionBrokenError,
    Flag,
    Frame,
    FrameReader,
    Kind,
    Setting,
    frame,
    goaway,
    read_number,
    read_settings,
    settings,
    unpadded,
    window_update,
)
from extproc.transport.header_blocks import HeaderBlocks
from extproc.transport.incoming_call import WINDOW, IncomingCall
from extproc.transport.outgoing import Outgoing
from extproc.transport.turns import Turns

__all__ = ["Connection"]

_log = logging.getLogger(__name__)

_GREETING: Final = settings(
    {Setting.HEADER_TABLE_SIZE: 0, Setting.INITIAL_WINDOW_SIZE: WINDOW}
) + window_update(0, LARGEST_WINDOW - DEFAULT_WINDOW)
"""Calls are held back one by one (see ``IncomingCall``), the connection as a whole never."""

_CREDIT: Final = 2**24
_LONGEST_HEADERS: Final = 64 * 1024


class Connection(asyncio.Protocol):
    """One connection, and the calls on it."""

    def __init__(
        self, services: Mapping[bytes, Service], turns: Turns, opened: set[Connection]
    ) -> None:
        """
        Args:
            services: what can be called, by path.
            turns: tells when calls may go on.
            opened: where the connection is found while it is open.
        """
        self.calls: dict[int, IncomingCall] = {}
        self._services = services
        self._turns = turns
        self._opened = opened
        self._outgoing: Outgoing
        self._frames = FrameReader()
        self._blocks = HeaderBlocks()
        self._block: Frame | None = None
        self._last_stream = 0
        self._leaving = False
        self._given_up: set[asyncio.Task[None]] = set()
        self._credit = 0
        self._first_window = DEFAULT_WINDOW
        self._hear: Mapping[int, Callable[[Frame], None]] = {
            Kind.DATA: self._hear_data,
            Kind.HEADERS: self._hear_headers,
            Kind.CONTINUATION: self._hear_continuation,
            Kind.RST_STREAM: self._hear_reset,
            Kind.SETTINGS: self._hear_settings,
            Kind.PING: self._hear_ping,
            Kind.WINDOW_UPDATE: self._hear_window_update,
        }

    # What asyncio tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._outgoing = Outgoing(cast(asyncio.Transport, transport))
        self._opened.add(self)
        self._outgoing.send(_GREETING)

    def connection_lost(self, _: Exception | None) -> None:
        self._opened.discard(self)
        for call in list(self.calls.values()):
            self._give_up(call)

    def pause_writing(self) -> None:
        self._outgoing.pause()

    def resume_writing(self) -> None:
        self._outgoing.resume()

    def data_received(self, data: bytes) -> None:
        try:
            for each in self._frames.feed(data):
                if self._block is not None and each.kind != Kind.CONTINUATION:
                    raise ConnectionBrokenError(Code.PROTOCOL_ERROR, "headers without an end")
                hear = self._hear.get(each.kind)
                if hear is not None:
                    hear(each)
        except ConnectionBrokenError as error:
            _log.error("a connection broke off: the peer does not keep to HTTP/2: %s", error)
            self._outgoing.send(goaway(self._last_stream, error.code))
            self.close()

    # What the server asks for.

    def leave(self) -> None:
        """Take no more calls."""
        self._leaving = True
        self._outgoing.send(goaway(self._last_stream, Code.NO_ERROR))

    def close(self) -> None:
        """Give up the calls that there are, and close."""
        for call in list(self.calls.values()):
            self._give_up(call)
        self._outgoing.close()

    # What the peer says.

    def _hear_headers(self, each: Frame) -> None:
        if each.flags & Flag.END_HEADERS:
            self._open(each)
        else:
            self._block = each

    def _hear_continuation(self, each: Frame) -> None:
        begun = self._block
        if begun is None or begun.stream != each.stream:
            raise ConnectionBrokenError(Code.PROTOCOL_ERROR, "headers without a beginning")
        # What is around the first frame's payload does not come again.
        so_far = bytes(unpadded(begun)) + bytes(each.payload)
        if len(so_far) > _LONGEST_HEADERS:
            raise ConnectionBrokenError(Code.ENHANCE_YOUR_CALM, "too many headers")
        self._block = Frame(Kind.HEADERS, begun.flags & Flag.END_STREAM, begun.stream, so_far)
        if each.flags & Flag.END_HEADERS:
            whole, self._block = self._block, None
            self._open(whole)

    def _open(self, each: Frame) -> None:
        """A call begins, or ends with trailers."""
        headers = self._blocks.read(bytes(unpadded(each)))
        stream = each.stream
        call = self.calls.get(stream)
        if call is None and stream > self._last_stream and stream % 2:
            self._last_stream = stream
            if self._leaving:
                return
            call = self._begin(stream, headers)
        elif not 0 < stream <= self._last_stream:
            raise ConnectionBrokenError(Code.PROTOCOL_ERROR, f"headers on stream {stream}")
        if call is not None and each.flags & Flag.END_STREAM:
            call.end()

    def _begin(self, stream: int, headers: Mapping[bytes, bytes]) -> IncomingCall | None:
        service = self._services.get(headers.get(b":path", b""))
        if service is None:
            refusal = ending(stream, Status.UNIMPLEMENTED, answered=False, heard=False)
            self._outgoing.send(refusal)
            return None
        call = IncomingCall(
            self._outgoing, stream, service, headers, self._first_window, self._turns
        )
        self.calls[stream] = call
        self._turns.take(partial(self._start, call))
        return call

    def _start(self, call: IncomingCall) -> None:
        if not call.given_up:
            call.task = asyncio.create_task(self._serve(call))

    def _hear_data(self, each: Frame) -> None:
        size = len(each.payload)
        self._credit += size
        if self._credit > _CREDIT:
            self._outgoing.send(window_update(0, self._credit))
            self._credit = 0
        call = self.calls.get(each.stream)
        if call is None:
            if not 0 < each.stream <= self._last_stream:
                raise ConnectionBrokenError(Code.PROTOCOL_ERROR, f"data on stream {each.stream}")
            return
        data = unpadded(each) if each.flags & Flag.PADDED else each.payload
        if each.flags & Flag.END_STREAM:
            call.ended = True
        if data:
            call.take(data, size)
        if call.ended:
            call.end()

    def _hear_reset(self, each: Frame) -> None:
        if not 0 < each.stream <= self._last_stream:
            raise ConnectionBrokenError(Code.PROTOCOL_ERROR, f"a reset of stream {each.stream}")
        read_number(each)
        call = self.calls.get(each.stream)
        if call is not None:
            self._give_up(call)

    def _hear_settings(self, each: Frame) -> None:
        if each.flags & Flag.ACK:
            self._blocks.without_table()
            return
        for setting, value in read_settings(each):
            if setting == Setting.INITIAL_WINDOW_SIZE:
                self._set_first_window(value)
            elif setting == Setting.MAX_FRAME_SIZE:
                if not DEFAULT_FRAME_SIZE <= value <= LARGEST_FRAME_SIZE:
                    raise ConnectionBrokenError(Code.PROTOCOL_ERROR, f"frames of {value} bytes")
                self._outgoing.frame_size = value
        self._outgoing.send(frame(Kind.SETTINGS, Flag.ACK, 0))
        self._outgoing.there_may_be_room()

    def _set_first_window(self, value: int) -> None:
        if value > LARGEST_WINDOW:
            raise ConnectionBrokenError(Code.FLOW_CONTROL_ERROR, f"a window of {value} bytes")
        for call in self.calls.values():
            call.outlet.window += value - self._first_window
            call.outlet.there_may_be_room()
        self._first_window = value

    def _hear_ping(self, each: Frame) -> None:
        if len(each.payload) != 8:
            raise ConnectionBrokenError(Code.FRAME_SIZE_ERROR, "a ping of another length")
        if not each.flags & Flag.ACK:
            self._outgoing.send(frame(Kind.PING, Flag.ACK, 0, bytes(each.payload)))
            self._outgoing.flush()

    def _hear_window_update(self, each: Frame) -> None:
        more = read_number(each)
        if not more:
            raise ConnectionBrokenError(Code.PROTOCOL_ERROR, "a window of nothing more")
        if not each.stream:
            self._outgoing.window += more
            if self._outgoing.window > LARGEST_WINDOW:
                raise ConnectionBrokenError(Code.FLOW_CONTROL_ERROR, "too large a window")
            self._outgoing.there_may_be_room()
            return
        call = self.calls.get(each.stream)
        if call is not None:
            call.outlet.window += more
            call.outlet.there_may_be_room()

    async def _serve(self, call: IncomingCall) -> None:
        try:
            await call.serve()
        finally:
            self.calls.pop(call.stream, None)

    def _give_up(self, call: IncomingCall) -> None:
        """Nobody waits for a call any more."""
        del self.calls[call.stream]
        call.given_up = True
        task = call.task
        if task is not None:
            task.cancel()
            self._given_up.add(task)
            task.add_done_callback(self._given_up.discard)
