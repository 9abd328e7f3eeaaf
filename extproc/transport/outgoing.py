"""What goes out on a connection: frames together, as long as the peer takes them."""

from __future__ import annotations

import asyncio
import socket
from typing import Final

from extproc.transport.frames import DEFAULT_FRAME_SIZE, DEFAULT_WINDOW

__all__ = ["Outgoing", "Outlet"]

_MOST_UNSENT: Final = 256 * 1024
_MOST_UNREAD: Final = 1024 * 1024
"""Bytes that the kernel is asked to hold for a peer. It holds 200 KiB by itself: large bodies would
be given to it bit by bit, each of which wakes both sides and moves in memory what is left."""


class Outlet:
    """One call's way out: how much its caller takes, and whether it is waited for."""

    __slots__ = ("_outgoing", "_waiting", "window")

    def __init__(self, outgoing: Outgoing, window: int) -> None:
        self.window = window
        self._outgoing = outgoing
        self._waiting: asyncio.Future[None] | None = None

    @property
    def room(self) -> int:
        """How many bytes may be sent in one frame of data."""
        return min(self.window, self._outgoing.room) if self._outgoing.is_turn_of(self) else 0

    def send_data(self, size: int, *data: bytes | memoryview) -> None:
        """Send a frame of data, of which so many bytes count."""
        self.window -= size
        self._outgoing.window -= size
        self._outgoing.send(*data)

    async def until_room(self) -> None:
        """Wait until there may be room. Whoever has waited sends all that its caller takes and then
        tells that it has ``sent``."""
        if self.window > 0:
            self._outgoing.queue(self)
        else:  # others need not wait for this call's own caller
            self._outgoing.leave(self)
        self._waiting = asyncio.get_running_loop().create_future()
        await self._waiting

    def sent(self) -> None:
        """There is nothing more to send for now."""
        self._outgoing.leave(self)

    def there_may_be_room(self) -> None:
        """Look again."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)


class Outgoing:
    """All that is sent on a connection."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.window = DEFAULT_WINDOW
        """Bytes of data that the peer takes, on all streams together."""
        self.frame_size = DEFAULT_FRAME_SIZE
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_SNDBUF, _MOST_UNREAD
        )
        self._paused = False
        self._waiting: dict[Outlet, None] = {}  # for room that the connection has not, in order
        self._unsent: list[bytes | memoryview] = []
        self._unsent_size = 0

    @property
    def room(self) -> int:
        """How many bytes of data may be sent in one frame."""
        return 0 if self._paused else min(self.window, self.frame_size)

    def send(self, *data: bytes | memoryview) -> None:
        """Send frames, together with all that is sent in this turn of the event loop."""
        if not self._unsent:
            self._loop.call_soon(self.flush)
        self._unsent += data
        self._unsent_size += sum(map(len, data))
        if self._unsent_size > _MOST_UNSENT:
            self.flush()

    def flush(self) -> None:
        """Send now."""
        unsent, self._unsent, self._unsent_size = self._unsent, [], 0
        if unsent and not self._transport.is_closing():
            self._transport.write(b"".join(unsent))

    def close(self) -> None:
        """Send what there is, and close."""
        self.flush()
        self._transport.close()

    def pause(self) -> None:
        """The peer does not read as fast as we send."""
        self._paused = True

    def resume(self) -> None:
        """The peer has read most of it."""
        self._paused = False
        self.there_may_be_room()

    def is_turn_of(self, outlet: Outlet) -> bool:
        """Whether nobody else has waited for longer. Whoever comes later must not go first: a call
        that is overtaken again and again waits for seconds."""
        return next(iter(self._waiting), outlet) is outlet

    def queue(self, outlet: Outlet) -> None:
        """Have a call wait behind those that wait already."""
        self._waiting.setdefault(outlet)

    def leave(self, outlet: Outlet) -> None:
        """A call waits no more; if it was its turn, it is the next one's."""
        if outlet in self._waiting:
            del self._waiting[outlet]
            self.there_may_be_room()

    def there_may_be_room(self) -> None:
        """Let the call look again that has waited longest."""
        for outlet in self._waiting:
            outlet.there_may_be_room()
            break
