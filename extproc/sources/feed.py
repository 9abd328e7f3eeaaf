"""What is held true of prices and latencies between refreshes: the last good values, and how old.

Pure state: documents are read and clocks are looked at elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from extproc.ranking.snapshot import Price
from extproc.sources.listing import Fault, Latencies, Listing
from extproc.sources.matching import Matches, OurModels, match

__all__ = ["Held", "LatencyFeed", "Outcome", "PriceFeed", "jumps"]

_JUMP: Final = 10.0


class Outcome(StrEnum):
    """How a refresh ended."""

    OK = "ok"
    FAILED = "failed"
    """Nothing came, or not in time."""
    MALFORMED = "malformed"
    """What came is not what the source publishes."""
    EMPTY = "empty"
    """It lists nothing, or nothing of ours any more."""


@dataclass(frozen=True, slots=True)
class Held:
    """A price that waits for the next refresh to confirm it."""

    price: Price
    instead_of: Price


def jumps(price: Price, other: Price) -> bool:
    """Whether the input or the output price of one is more than ten times that of the other.

    From nothing to something, and back, is a jump too.
    """
    pairs = ((price.input, other.input), (price.output, other.output))
    return any(max(pair) > _JUMP * min(pair) for pair in pairs)


@dataclass(slots=True)
class PriceFeed:
    """The prices of our models.

    ``prices`` and ``matches`` go by our names, ``updated_at`` is when the last good document came.
    ``held`` are the prices that are held back, ``held_back`` counts them over time. ``listed`` is
    how many prices the last good document held, ``faults`` what was wrong with the rest.
    """

    models: OurModels
    aliases: Mapping[str, str] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    matches: Matches = field(default_factory=lambda: Matches({}))
    held: Mapping[str, Held] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    listed: int = 0
    held_back: int = 0
    updated_at: float | None = None
    # Also of models that are not listed at the moment: who comes back must not jump either.
    _accepted: dict[str, Price] = field(default_factory=dict)

    def take(self, listing: Listing, at: float) -> Outcome:
        """Take over a document.

        One that lists nothing changes nothing. A price that jumps is held back until the next
        document says about the same.

        Args:
            listing: what it lists.
            at: the time, in seconds since the epoch.
        """
        matches = match(self.models, listing.entries, self.aliases)
        if not listing.entries or (self.prices and not matches.taken):
            self.faults = listing.faults
            return Outcome.EMPTY
        held: dict[str, Held] = {}
        for name, found in matches.taken.items():
            price = found.entry.price
            before = self._accepted.get(name, price)
            waiting = self.held.get(name)
            if jumps(price, before) and (waiting is None or jumps(price, waiting.price)):
                held[name] = Held(price, before)
            else:
                self._accepted[name] = price
        self.held_back += len(held)
        self.held = held
        self.prices = {name: self._accepted[name] for name in matches.taken}
        self.matches, self.faults = matches, listing.faults
        self.listed, self.updated_at = len(listing.entries), at
        return Outcome.OK


@dataclass(slots=True)
class LatencyFeed:
    """The latencies of our models, in seconds.

    ``unknown`` are the names in the last good answer that are none of ours.
    """

    models: OurModels
    latencies: Mapping[str, float] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    listed: int = 0
    updated_at: float | None = None

    def take(self, answer: Latencies, at: float) -> Outcome:
        """Take over an answer; one without latencies of ours changes nothing once there are some.

        Args:
            answer: what it says.
            at: the time, in seconds since the epoch.
        """
        ours = {name: value for name, value in answer.values.items() if self.models.covers(name)}
        self.faults = answer.faults
        if not answer.values or (self.latencies and not ours):
            return Outcome.EMPTY
        self.unknown = tuple(sorted(answer.values.keys() - ours.keys()))
        self.latencies, self.listed, self.updated_at = ours, len(answer.values), at
        return Outcome.OK
