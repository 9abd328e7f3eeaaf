"""What an observer leaves to the one of the next configuration.

That one goes on with the cooldowns, latencies, lengths, sessions, ids, receipts and costs of the
one before. What is counted for Prometheus begins anew, as after any start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec

from extproc.link.messages import OriginNotice, PinNotice, decode, encode
from extproc.observer.learner import Learned
from extproc.telemetry.cost_book import Cell, Figures
from extproc.telemetry.receipt import Receipt

__all__ = ["Legacy", "from_json", "to_json"]


@dataclass(frozen=True, slots=True)
class Legacy:
    """What is left: what was learned, the receipts from the oldest on, what workers are told when
    they connect, and what requests have cost."""

    learned: Learned
    receipts: tuple[Receipt, ...]
    notices: tuple[OriginNotice | PinNotice, ...]
    costs: tuple[tuple[Cell, Figures], ...]


@dataclass(frozen=True, slots=True)
class _Written:
    learned: Learned
    receipts: tuple[Receipt, ...]
    notices: tuple[bytes, ...]
    costs: tuple[tuple[Cell, Figures], ...]


_DECODER: Final = msgspec.json.Decoder(_Written)


def to_json(legacy: Legacy) -> bytes:
    """A legacy as ``from_json`` reads it."""
    notices = tuple(encode(notice) for notice in legacy.notices)
    return msgspec.json.encode(_Written(legacy.learned, legacy.receipts, notices, legacy.costs))


def from_json(text: bytes) -> Legacy:
    """The legacy that ``to_json`` wrote.

    Raises:
        ValueError: it did not.
    """
    try:
        written = _DECODER.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(f"not a legacy of this version: {error}") from error
    notices = (decode(sent) for sent in written.notices)
    told = tuple(each for each in notices if isinstance(each, OriginNotice | PinNotice))
    return Legacy(written.learned, written.receipts, told, written.costs)
