"""What a source of prices or latencies lists, once read, and what was wrong with the rest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from extproc.ranking.snapshot import Price

__all__ = [
    "Entry",
    "EntryError",
    "Fault",
    "Latencies",
    "Listing",
    "MalformedError",
    "amount",
    "json_object",
    "quoted",
]

_LONGEST: Final = 100


class MalformedError(Exception):
    """A document that is not what its source publishes; the message says in what."""


class EntryError(Exception):
    """One entry of a document that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A model and its price. ``key`` is what the source calls it; ``creator`` and ``model_id`` are
    the parts of that, where it tells them apart. ``provider`` is what the creator is called here,
    where that is another name."""

    key: str
    price: Price
    creator: str = ""
    model_id: str = ""
    provider: str = ""

    @property
    def full_id(self) -> str:
        """``creator/model_id`` in lower case; empty if the source does not tell them."""
        return f"{self.creator}/{self.model_id}".lower() if self.creator and self.model_id else ""


def quoted(name: str) -> str:
    """A name from a document as a log may show it: on one line, and not too long."""
    return repr(name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one entry, which is lost by it."""

    entry: str
    message: str

    def __str__(self) -> str:
        return f"{quoted(self.entry)}: {self.message}"


@dataclass(frozen=True, slots=True)
class Listing:
    """All that one document lists. Entries without prices are in neither."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Latencies:
    """What one document says: seconds, by what its source calls the model."""

    values: Mapping[str, float]
    faults: tuple[Fault, ...] = ()


def amount(holder: Mapping[str, Any], key: str, scale: float = 1.0) -> float | None:
    """A price in US dollars per million tokens, None where none is stated. Zero is one.

    Args:
        holder: where it is written.
        key: its name there.
        scale: what to multiply it by.

    Raises:
        EntryError: it is no number, or not one that a price can be.
    """
    value = holder.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EntryError(f"{key} is no number")
    try:
        scaled = float(value) * scale
    except OverflowError:  # YAML knows no largest whole number
        scaled = math.inf
    if not math.isfinite(scaled):
        raise EntryError(f"{key} is not finite")
    if scaled < 0:
        raise EntryError(f"{key} is negative")
    return scaled


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body.

    Raises:
        MalformedError: it holds none.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise MalformedError(_not_json(body)) from None
    if not isinstance(value, dict):
        raise MalformedError("is no JSON object")
    return value


def _not_json(body: bytes) -> str:
    if not body.strip():
        return "is empty"
    return "is HTML, not JSON" if body.lstrip()[:1] == b"<" else "is not valid JSON"
