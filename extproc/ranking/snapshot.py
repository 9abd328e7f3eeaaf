"""What is known of the models at one moment: all that a request's ranking reads.

A snapshot never changes; a newer one takes its place whole. Times are in seconds since the epoch,
prices in US dollars per million tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

__all__ = ["Cooldown", "Phase", "Price", "Snapshot", "Tail", "Tier"]


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, per kind of token; None is a price that is not known.

    ``cached_input`` is for input read from the provider's cache, ``cache_write`` for input written
    to it, ``cache_write_1h`` for input that stays there for an hour. ``reasoning`` is for what the
    model thinks, None: as other output. ``tiers`` are the prices of large requests.
    """

    input: float
    output: float
    cached_input: float | None = None
    cache_write: float | None = None
    cache_write_1h: float | None = None
    reasoning: float | None = None
    input_audio: float | None = None
    output_audio: float | None = None
    tiers: tuple[Tier, ...] = ()

    @property
    def total(self) -> float:
        """The documented measure of ``cheapest``: input + output."""
        return self.input + self.output

    @property
    def is_free(self) -> bool:
        """Whether nothing of it costs anything."""
        parts = (self.cached_input, self.cache_write, self.cache_write_1h, self.reasoning)
        audio = (self.input_audio, self.output_audio)
        return not any((self.input, self.output, *parts, *audio, self.tiers))

    def of(self, input_tokens: int) -> Price:
        """The price of a request with so many input tokens."""
        return next(
            (tier.price for tier in reversed(self.tiers) if input_tokens > tier.above), self
        )


@dataclass(frozen=True, slots=True)
class Tier:
    """The price of requests with more input tokens than ``above``, of all of their tokens."""

    above: int
    price: Price


class Phase(StrEnum):
    """Where a model stands that failed."""

    SUSPECTED = "suspected"
    """An attempt has just failed, and why is not known yet: it goes behind the others meanwhile."""
    COOLING = "cooling"
    """It goes behind the others."""
    PROBING = "probing"
    """Its time is up: one request may try it first."""
    RETURNING = "returning"
    """The probe went well: it takes its place back for a growing share of requests."""


@dataclass(frozen=True, slots=True)
class Cooldown:
    """Why and how far a model is set back.

    ``reason`` is a short token (``retry_after``, ``failures``, ``failed_just_now``, ``unusable``).
    ``until`` is when it may be tried again. ``probe`` is the number of the probe that is due, which
    one request of one worker may be; None if it is under way. ``share`` is which part of the
    requests a returning model gets at its proper place, 0 to 1.
    """

    phase: Phase
    reason: str
    until: float
    probe: int | None = None
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Tail:
    """In how many seconds a model shows its answer in 95 of 100 attempts: the first content of a
    stream, and a whole answer; None where too few were made to tell."""

    stream: float | None = None
    whole: float | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of what is known, per model's name.

    ``prices_at`` and ``latencies_at`` are when their sources last gave data, None if never.
    ``latencies`` are in seconds. ``output_tokens`` maps a route's name to how many tokens its
    answers usually have. ``tails`` are only known where some route hedges by them.
    """

    version: int = 0
    prices: Mapping[str, Price] = field(default_factory=dict)
    prices_at: float | None = None
    latencies: Mapping[str, float] = field(default_factory=dict)
    latencies_at: float | None = None
    cooldowns: Mapping[str, Cooldown] = field(default_factory=dict)
    output_tokens: Mapping[str, float] = field(default_factory=dict)
    tails: Mapping[str, Tail] = field(default_factory=dict)

    def with_what_is_missing(self, earlier: Snapshot) -> Snapshot:
        """With the prices and latencies of an earlier snapshot where this one never had any: an
        observer that starts anew may find its sources down."""
        complete = self
        if self.prices_at is None:
            complete = replace(complete, prices=earlier.prices, prices_at=earlier.prices_at)
        if self.latencies_at is None:
            complete = replace(
                complete, latencies=earlier.latencies, latencies_at=earlier.latencies_at
            )
        return complete

    def without_what_is_known(self, earlier: Snapshot) -> Snapshot:
        """Without the prices and latencies that an earlier snapshot has from the same moment: who
        knows that one has them back by :meth:`with_what_is_missing`. Of thousands of models they
        are nearly all that there is to tell."""
        news = self
        if self.prices_at == earlier.prices_at and self.prices == earlier.prices:
            news = replace(news, prices={}, prices_at=None)
        if self.latencies_at == earlier.latencies_at and self.latencies == earlier.latencies:
            news = replace(news, latencies={}, latencies_at=None)
        return news
