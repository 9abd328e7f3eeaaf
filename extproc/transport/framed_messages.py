"""gRPC's messages in a stream of bytes: each behind a prefix that tells its length.

https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests
"""

from __future__ import annotations

import struct
from typing import Final

from extproc.transport.frames import Code, ConnectionBrokenError

__all__ = ["PREFIX_SIZE", "MessageReader", "prefix"]

_PREFIX: Final = struct.Struct(">BL")
"""Whether the message is compressed, and its length."""
PREFIX_SIZE: Final = _PREFIX.size


def prefix(message: bytes) -> bytes:
    """What comes before a message."""
    return _PREFIX.pack(0, len(message))


class MessageReader:
    """Cuts the bytes of a call into messages."""

    __slots__ = ("_held", "_parts")

    def __init__(self) -> None:
        self._parts: list[bytes | memoryview] = []
        self._held = 0

    def feed(self, data: bytes | memoryview) -> list[bytes]:
        """The messages that are whole now.

        Raises:
            ConnectionBrokenError: a message is compressed, which nobody has allowed.
        """
        parts = self._parts
        parts.append(data)
        self._held += len(data)
        messages = []
        while self._held >= PREFIX_SIZE:
            if len(parts[0]) < PREFIX_SIZE:
                parts[:] = [b"".join(parts)]
            compressed, length = _PREFIX.unpack_from(parts[0])
            if compressed:
                raise ConnectionBrokenError(Code.PROTOCOL_ERROR, "a compressed message")
            size = PREFIX_SIZE + length
            if size > self._held:
                break
            messages.append(self._taken(length))
        return messages

    def _taken(self, length: int) -> bytes:
        """The next message, copied once: its parts are views of what came, and it is a whole."""
        parts = self._parts
        self._held -= PREFIX_SIZE + length
        if len(parts) == 1 and not self._held:
            whole = bytes(parts[0][PREFIX_SIZE:])
            parts.clear()
            return whole
        last = memoryview(parts[-1])
        cut = len(last) - self._held
        parts[-1] = last[:cut]
        parts[0] = memoryview(parts[0])[PREFIX_SIZE:]
        whole = b"".join(parts)
        parts[:] = [last[cut:]] if self._held else []
        return whole
