"""How far one model is set back, as a table of phases and events.

A model that fails goes behind the others (``COOLING``). Once its pause is over one request may try
it (``PROBING``); if that goes well it gets a growing share of requests (``RETURNING``) until it is
back in its place. Nothing here has a clock: times come with the events, in seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from types import MappingProxyType
from typing import Final, TypeAlias

from extproc.ranking.snapshot import Cooldown, Phase

__all__ = ["IN_PLACE", "UNUSABLE", "Event", "News", "Setback", "after"]

RETRY_AFTER: Final = "retry_after"
FAILURES: Final = "failures"
FAILED_JUST_NOW: Final = "failed_just_now"
UNUSABLE: Final = "unusable"

_SUSPICION: Final = 0.25
"""Seconds within which the access log tells why an attempt failed."""
_FIRST_PAUSE: Final = 2.0
_LONGEST_PAUSE: Final = 300.0
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
    PROBE_OFFERED = auto()
    """The probe is due to (another) worker."""
    PROBE_SENT = auto()
    """A worker has sent the probe."""


@dataclass(frozen=True, slots=True)
class News:
    """What is known of an event: when it was, the seconds of pause that the provider ``asked`` for
    (0: none), the ``workers`` that could send a probe, and the ``reason`` for the pause asked."""

    now: float
    asked: float = 0.0
    workers: Sequence[int] = ()
    reason: str = RETRY_AFTER


@dataclass(frozen=True, slots=True)
class Setback:
    """Where one model stands.

    ``phase`` is None for a model that is not set back; ``since`` is when the phase, or the present
    share, began; ``setbacks`` counts those in a row. ``probe`` numbers the latest probe, ``prober``
    is the worker that may send it, ``offered_at`` since when; ``taken_at`` is when it was sent.
    """

    phase: Phase | None = None
    reason: str = ""
    since: float = 0.0
    until: float = 0.0
    setbacks: int = 0
    probe: int = 0
    prober: int | None = None
    offered_at: float = 0.0
    taken_at: float | None = None
    share: float = 0.0

    def cooldown(self, phase: Phase) -> Cooldown:
        """What requests are told of it."""
        return Cooldown(phase, self.reason, self.until, self.prober, self.probe, self.share)


IN_PLACE: Final = Setback()

_Enter: TypeAlias = Callable[[Setback, News], Setback]


def _in_place(_: Setback, __: News) -> Setback:
    return IN_PLACE


def _suspected(_: Setback, news: News) -> Setback:
    return Setback(Phase.SUSPECTED, FAILED_JUST_NOW, since=news.now, until=news.now + _SUSPICION)


def _cooling(known: Setback, news: News) -> Setback:
    """As long as the provider asks for; if it does not, twice as long with every setback."""
    backoff = min(_FIRST_PAUSE * 2.0 ** (known.setbacks - 1), _LONGEST_PAUSE)
    return Setback(
        Phase.COOLING,
        news.reason if news.asked else FAILURES,
        since=news.now,
        until=news.now + (news.asked or backoff),
        setbacks=known.setbacks,
        probe=known.probe,
    )


def _cooling_again(known: Setback, news: News) -> Setback:
    return _cooling(replace(known, setbacks=known.setbacks + 1), news)


def _probing(known: Setback, news: News) -> Setback:
    return _probe_offered(replace(known, phase=Phase.PROBING, since=news.now), news)


def _probe_offered(known: Setback, news: News) -> Setback:
    """The workers get the probe in turn: one of them may have no request for this model."""
    probe = known.probe + 1
    prober = news.workers[probe % len(news.workers)] if news.workers else None
    return replace(known, probe=probe, prober=prober, offered_at=news.now, taken_at=None)


def _probe_sent(known: Setback, news: News) -> Setback:
    """Nobody else is to send one until its outcome is known."""
    return replace(known, prober=None, taken_at=news.now)


def _returning(known: Setback, news: News) -> Setback:
    return replace(
        known,
        phase=Phase.RETURNING,
        since=news.now,
        share=_FIRST_SHARE,
        prober=None,
        taken_at=None,
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
        (Phase.PROBING, Event.PROBE_OFFERED): _probe_offered,
        (Phase.PROBING, Event.PROBE_SENT): _probe_sent,
        (Phase.PROBING, Event.TIME_UP): _returning,
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
