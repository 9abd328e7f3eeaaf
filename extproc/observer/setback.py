"""How far one model is set back, as a table of phases and events.

A model that fails goes behind the others (``COOLING``). Once its pause is over one request may try
it (``PROBING``); if that goes well it gets a growing share of requests (``RETURNING``) until it is
back in its place. Nothing here has a clock: times come with the events, in seconds of a steady one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, TypeAlias

from extproc.ranking.snapshot import Cooldown, Phase

__all__ = ["FAILURES", "IN_PLACE", "UNUSABLE", "Event", "News", "Setback", "after"]

RETRY_AFTER: Final = "retry_after"
FAILURES: Final = "failures"
FAILED_JUST_NOW: Final = "failed_just_now"
UNUSABLE: Final = "unusable"

_SUSPICION: Final = 0.25
"""Seconds within which the access log tells why an attempt failed."""
_FIRST_PAUSE: Final = 2.0
_LONGEST_PAUSE: Final = 15.0
"""Seconds after which a model that fails at once is tried again: the probe costs its request next
to nothing, and a model that is well again is missed no longer than this."""
_PAUSE_PER_SECOND_LOST: Final = 5.0
"""A probe that fails slowly costs its request the time it took, so such pauses may grow further."""
_LONGEST_PAUSE_OF_ALL: Final = 300.0
_MOST_DOUBLINGS: Final = 10
_FIRST_SHARE: Final = 0.25


class Event(Enum):
    """What can happen to a model."""

    SUSPICION = auto()
    """An attempt has just failed, and why is not known yet."""
    FAILURE = auto()
    """It has failed badly or often enough to be set back."""
    LONGER_PAUSE = auto()
    """An attempt that says nothing new otherwise asks for a longer pause than the present one."""
    SUCCESS = auto()
    """An attempt that began in the present phase has succeeded."""
    TIME_UP = auto()
    """The present phase, or the present share of requests, has lasted long enough."""
    PROBE_SENT = auto()
    """A worker has sent the probe."""
    PROBE_LOST = auto()
    """The probe has ended, or must have, and has told nothing."""


@dataclass(frozen=True, slots=True)
class News:
    """What is known of an event.

    ``now`` is when it was. ``asked`` are the seconds of pause that it calls for (0: none), and
    ``reason`` is why, ``took`` those after which the attempt failed. ``probe`` is the number of the
    next probe, ``prober`` the id of the request that is one.
    """

    now: float
    asked: float = 0.0
    reason: str = RETRY_AFTER
    took: float = 0.0
    probe: int = 0
    prober: str | None = None


@dataclass(frozen=True, slots=True)
class Setback:
    """Where one model stands.

    ``phase`` is None for a model that is not set back; ``since`` is when the phase, or the present
    share, began; ``setbacks`` counts those in a row. ``probe`` is the number of the probe that is
    due, None once it was sent; ``prober`` is the id of the request that it is, and ``probe_at``
    when it was offered or sent.
    """

    phase: Phase | None = None
    reason: str = ""
    since: float = 0.0
    until: float = 0.0
    setbacks: int = 0
    probe: int | None = None
    prober: str | None = None
    probe_at: float = 0.0
    share: float = 0.0

    def cooldown(self, phase: Phase) -> Cooldown:
        """What requests are told of it."""
        return Cooldown(phase, self.reason, self.until, self.probe, self.share)


IN_PLACE: Final = Setback()

_Enter: TypeAlias = Callable[[Setback, News], Setback]


def _in_place(_: Setback, __: News) -> Setback:
    return IN_PLACE


def _suspected(_: Setback, news: News) -> Setback:
    return Setback(Phase.SUSPECTED, FAILED_JUST_NOW, since=news.now, until=news.now + _SUSPICION)


def _cooling(known: Setback, news: News) -> Setback:
    """As long as the provider asks for; if it does not, twice as long with every setback."""
    doublings = min(known.setbacks - 1, _MOST_DOUBLINGS)
    longest = max(_LONGEST_PAUSE, news.took * _PAUSE_PER_SECOND_LOST)
    backoff = min(_FIRST_PAUSE * 2.0**doublings, longest, _LONGEST_PAUSE_OF_ALL)
    return Setback(
        Phase.COOLING,
        news.reason if news.asked else FAILURES,
        since=news.now,
        until=news.now + (news.asked or backoff),
        setbacks=known.setbacks,
    )


def _cooling_again(known: Setback, news: News) -> Setback:
    return _cooling(replace(known, setbacks=known.setbacks + 1), news)


def _probing(known: Setback, news: News) -> Setback:
    return _probe_offered(replace(known, phase=Phase.PROBING, since=news.now), news)


def _probe_offered(known: Setback, news: News) -> Setback:
    return replace(known, probe=news.probe, prober=None, probe_at=news.now)


def _probe_sent(known: Setback, news: News) -> Setback:
    """Nobody else is to send one until its outcome is known."""
    return replace(known, probe=None, prober=news.prober, probe_at=news.now)


def _returning(known: Setback, news: News) -> Setback:
    return replace(
        known, phase=Phase.RETURNING, since=news.now, probe=None, prober=None, share=_FIRST_SHARE
    )


def _twice_the_share(known: Setback, news: News) -> Setback:
    share = known.share * 2
    return IN_PLACE if share >= 1 else replace(known, since=news.now, share=share)


_TRANSITIONS: Final[Mapping[tuple[Phase | None, Event], _Enter]] = MappingProxyType(
    {
        (None, Event.SUSPICION): _suspected,
        (None, Event.FAILURE): _cooling_again,
        (Phase.SUSPECTED, Event.FAILURE): _cooling_again,
        (Phase.SUSPECTED, Event.TIME_UP): _in_place,
        (Phase.COOLING, Event.LONGER_PAUSE): _cooling,
        (Phase.COOLING, Event.SUCCESS): _returning,
        (Phase.COOLING, Event.TIME_UP): _probing,
        (Phase.PROBING, Event.FAILURE): _cooling_again,
        (Phase.PROBING, Event.LONGER_PAUSE): _cooling,
        (Phase.PROBING, Event.SUCCESS): _returning,
        (Phase.PROBING, Event.PROBE_SENT): _probe_sent,
        (Phase.PROBING, Event.PROBE_LOST): _probe_offered,
        (Phase.PROBING, Event.TIME_UP): _in_place,
        (Phase.RETURNING, Event.FAILURE): _cooling_again,
        (Phase.RETURNING, Event.LONGER_PAUSE): _cooling,
        (Phase.RETURNING, Event.TIME_UP): _twice_the_share,
    }
)
"""(phase, event) -> what the model enters. What is not in here changes nothing."""


def after(known: Setback, event: Event, news: News) -> Setback:
    """Where a model stands after an event; ``IN_PLACE`` if it is not set back (any more)."""
    enter = _TRANSITIONS.get((known.phase, event))
    return known if enter is None else enter(known, news)
