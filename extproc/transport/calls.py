"""What is served, whatever carries it: gRPC services of one method each, and the calls to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from extproc.transport.wire import Message

__all__ = ["Call", "Process", "RefusedError", "Service"]


class Call(Protocol):
    """One call, as whoever serves it sees it: a stream of messages each way."""

    def metadata(self, name: str) -> str | None:
        """What the caller said under a name when it opened the call; of several, the first."""
        ...

    async def read(self) -> Message | None:
        """The next message; None when the caller has nothing more to say.

        Raises:
            google.protobuf.message.DecodeError: what came is no such message.
        """
        ...

    async def write(self, response: bytes) -> None:
        """Send a serialized message; waits while the caller takes no more."""
        ...


Process: TypeAlias = Callable[[Call], Awaitable[None]]
"""Serves one call, which ends well when it returns. It is cancelled when the caller gives up."""


class RefusedError(Exception):
    """The call is none that the service takes: it ends with INVALID_ARGUMENT, and this message."""


@dataclass(frozen=True, slots=True)
class Service:
    """A gRPC service of one method.

    ``read`` makes a message of the bytes that came; ``process`` serves one call.
    """

    name: str
    method: str
    read: Callable[[bytes], Message]
    process: Process

    @property
    def path(self) -> str:
        """How callers name the method."""
        return f"/{self.name}/{self.method}"
