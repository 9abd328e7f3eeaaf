"""The messages, and how they are written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias, get_args

import msgspec
import orjson

from extproc.core.records import DecisionRecord
from extproc.ranking.snapshot import Snapshot

__all__ = [
    "LARGEST_MESSAGE",
    "FailureNotice",
    "Hello",
    "LinkMessage",
    "OriginNotice",
    "PinNotice",
    "WorkerStats",
    "decode",
    "encode",
]

LARGEST_MESSAGE = 16 * 1024 * 1024
"""Bytes: a snapshot has a few hundred per model."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message of a worker: its number."""

    worker: int


@dataclass(frozen=True, slots=True)
class PinNotice:
    """A session is pinned to a model, which serves the route (None: no route matched)."""

    key: str
    model: str
    route: str | None


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
class WorkerStats:
    """How a worker is doing.

    ``sessions`` counts what its look-ups of sessions came to, by outcome, and ``dropped`` the
    messages that it could not hand over, both since it was started. ``store_reachable`` is whether
    its requests ask a shared store of sessions, or would if there were one.
    """

    sessions: Mapping[str, int]
    dropped: int
    store_reachable: bool = True


LinkMessage: TypeAlias = (
    Hello | PinNotice | OriginNotice | FailureNotice | WorkerStats | DecisionRecord | Snapshot
)

_LINE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_KINDS: Final[Mapping[str, msgspec.json.Decoder[LinkMessage]]] = {
    kind.__name__: msgspec.json.Decoder(kind) for kind in get_args(LinkMessage)
}


def encode(message: LinkMessage) -> bytes:
    """A message as one line."""
    return orjson.dumps({type(message).__name__: message}, option=orjson.OPT_APPEND_NEWLINE)


def decode(line: bytes) -> LinkMessage:
    """Read a line that ``encode`` wrote.

    Raises:
        ValueError: it did not.
    """
    try:
        ((kind, content),) = _LINE.decode(line).items()
        return _KINDS[kind].decode(content)
    except (LookupError, msgspec.DecodeError) as error:
        raise ValueError("not a message of the link") from error
