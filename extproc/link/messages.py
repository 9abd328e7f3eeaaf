"""The messages, and how they are written down: in MessagePack, each behind its length."""

from __future__ import annotations

from asyncio import IncompleteReadError, StreamReader
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, get_args

import msgspec

from extproc.core.guards import GuardReport
from extproc.core.records import DecisionRecord
from extproc.core.switching import SessionCosts
from extproc.ranking.snapshot import Snapshot

__all__ = [
    "LARGEST_MESSAGE",
    "Decisions",
    "FailureNotice",
    "Hello",
    "LinkMessage",
    "OriginNotice",
    "PinNotice",
    "WorkerStats",
    "decode",
    "encode",
    "read_message",
]

LARGEST_MESSAGE = 16 * 1024 * 1024
"""Bytes: a snapshot has a few hundred per model."""
_LENGTH: Final = 4
"""Bytes that tell how long a message is, the highest first."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of a worker: its number."""

    worker: int


@dataclass(frozen=True, slots=True)
class PinNotice:
    """A session is pinned to a model, which serves the route (None: no route matched). ``costs`` is
    its account, where it may change its model."""

    key: str
    model: str
    route: str | None
    costs: SessionCosts | None = None


@dataclass(frozen=True, slots=True)
class OriginNotice:
    """What has this id was made by a model, on the way of the route (None: no route matched)."""

    made: str
    model: str
    route: str | None


@dataclass(frozen=True, slots=True)
class FailureNotice:
    """An attempt at a model has failed, and its request goes on to the next candidate."""

    model: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions of a worker, the earliest first: written and read as one, they cost a third."""

    records: tuple[DecisionRecord, ...]


@dataclass(frozen=True, slots=True)
class WorkerStats:
    """How a worker is doing.

    ``sessions`` counts what its look-ups of sessions came to, by outcome, and ``dropped`` the
    messages that it could not hand over, both since it was started. ``store_reachable`` is whether
    its requests ask a shared store of sessions, or would if there were one. ``counters`` counts
    what the store of counters did.
    """

    sessions: Mapping[str, int]
    dropped: int
    store_reachable: bool = True
    counters: Mapping[str, int] = field(default_factory=dict)


LinkMessage: TypeAlias = (
    Hello
    | PinNotice
    | OriginNotice
    | FailureNotice
    | WorkerStats
    | Decisions
    | GuardReport
    | Snapshot
)

_ENCODER: Final = msgspec.msgpack.Encoder()
_ENVELOPE: Final = msgspec.msgpack.Decoder(tuple[str, msgspec.Raw])
_KINDS: Final[Mapping[str, msgspec.msgpack.Decoder[LinkMessage]]] = {
    kind.__name__: msgspec.msgpack.Decoder(kind) for kind in get_args(LinkMessage)
}


def encode(message: LinkMessage) -> bytes:
    """A message as it is sent."""
    content = _ENCODER.encode((type(message).__name__, message))
    return len(content).to_bytes(_LENGTH) + content


def decode(sent: bytes) -> LinkMessage:
    """Read what ``encode`` wrote.

    Raises:
        ValueError: it did not.
    """
    if int.from_bytes(sent[:_LENGTH]) != len(sent) - _LENGTH:
        raise ValueError("not a whole message of the link")
    return _read(sent[_LENGTH:])


async def read_message(reader: StreamReader) -> LinkMessage | None:
    """The next message, None where there are no more.

    Raises:
        ValueError: what comes is none.
    """
    try:
        length = int.from_bytes(await reader.readexactly(_LENGTH))
        if length > LARGEST_MESSAGE:
            raise ValueError("too long for a message of the link")
        return _read(await reader.readexactly(length))
    except IncompleteReadError:
        return None


def _read(content: bytes) -> LinkMessage:
    try:
        kind, message = _ENVELOPE.decode(content)
        return _KINDS[kind].decode(message)
    except (LookupError, msgspec.DecodeError) as error:
        raise ValueError("not a message of the link") from error
