"""Which models are left alone for a while because they failed.

Attempts, suspicions and the passing of time become events here; :mod:`extproc.observer.setback`
says what an event does to a model. Only the observer keeps this state, requests read it in a
snapshot. Times are in seconds of a steady clock.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Final

from extproc.core.outcomes import Blame
from extproc.core.records import Attempt
from extproc.core.timeouts import Timeouts
from extproc.observer.retry_after import LONGEST_RETRY_AFTER
from extproc.observer.setback import IN_PLACE, UNUSABLE, Event, News, Setback, after
from extproc.ranking.snapshot import Cooldown, Phase

__all__ = ["Cooldowns"]

_TOLERATED_FAILURES: Final = 2
_SHARE_STEP: Final = 5.0
"""Seconds after which a returning model gets twice the share."""
_OFFER: Final = 30.0
"""Seconds after which a probe gets a new number that nobody was heard to send: whoever claimed it
may have died, or was not heard."""
_FORGOTTEN: Final = 3600.0
"""Seconds after which a model is forgotten that nobody wants."""
_MOST_MODELS: Final = 1000
_TIMEOUT_TOLERANCE: Final = 0.95
_UNUSABLE_FOR: Final = 300.0
"""Seconds for which a model is left alone that only an operator can bring back."""


class Cooldowns:
    """Learns from attempts which models to leave alone."""

    def __init__(self, timeouts: Timeouts, first_probe: int = 1) -> None:
        """
        Args:
            timeouts: how long attempts are waited for. One without a status was too slow if it took
                that long; if it ended earlier, its client went away.
            first_probe: the number of the first probe. The numbers go up from there, and must not
                be those of an observer that ran before.
        """
        self._timeouts = timeouts
        self._numbers = itertools.count(first_probe)
        self._failures: dict[str, int] = {}
        """How often each model in its place has failed in a row."""
        self._setbacks: dict[str, Setback] = {}
        """The models that are not in their place."""

    def current(self) -> Mapping[str, Cooldown]:
        """Every model that is set back."""
        return {
            model: setback.cooldown(setback.phase)
            for model, setback in self._setbacks.items()
            if setback.phase is not None
        }

    def known(self) -> tuple[Mapping[str, Setback], Mapping[str, int]]:
        """The models that are not in their place, and how often others have failed in a row."""
        return dict(self._setbacks), dict(self._failures)

    def inherit(self, setbacks: Mapping[str, Setback], failures: Mapping[str, int]) -> None:
        """Go on from what another one knew. What only an operator can mend is forgotten: whoever
        changes the configuration has perhaps done so."""
        usable = {name: each for name, each in setbacks.items() if each.reason != UNUSABLE}
        self._setbacks = usable | self._setbacks
        self._failures = {**failures, **self._failures}

    def attempted(self, attempt: Attempt, began: float) -> None:
        """Learn from an attempt that has ended, and when it began."""
        if attempt.succeeded:
            self._failures.pop(attempt.model, None)
            setback = self._setbacks.get(attempt.model)
            if setback is not None and began >= setback.since:
                self._happened(attempt.model, Event.SUCCESS, News(began + attempt.duration))
        elif self._is_failure(attempt):
            news = _news(attempt, began + attempt.duration)
            event = self._failure(attempt, began, news)
            if event is not None:
                self._happened(attempt.model, event, news)

    def suspect(self, model: str, now: float) -> None:
        """An attempt at this model has failed, and ingress is moving on to the next candidate."""
        self._happened(model, Event.SUSPICION, News(now))

    def probed(self, model: str, request_id: str, now: float) -> None:
        """A worker has sent the probe of this model: it is this request."""
        self._happened(model, Event.PROBE_SENT, News(now, prober=request_id))

    def ended(self, model: str, request_id: str, now: float) -> None:
        """A request has ended, or its attempt at this model, its first candidate, has. If it was a
        probe that has told nothing (its client went away, or was at fault), another one is due."""
        if self._setback(model).prober == request_id:
            self._offer(model, Event.PROBE_LOST, now)

    def tick(self, now: float) -> None:
        """Let time pass."""
        for model, setback in list(self._setbacks.items()):
            event = self._due(setback, now)
            if event is not None:
                self._offer(model, event, now)

    def _offer(self, model: str, event: Event, now: float) -> None:
        """What may make a probe of the model due."""
        self._happened(model, event, News(now, probe=next(self._numbers)))

    def _setback(self, model: str) -> Setback:
        return self._setbacks.get(model, IN_PLACE)

    def _happened(self, model: str, event: Event, news: News) -> None:
        """The one place where a model changes its phase."""
        setback = after(self._setback(model), event, news)
        if setback is IN_PLACE:
            self._setbacks.pop(model, None)
            return
        if model not in self._setbacks and len(self._setbacks) >= _MOST_MODELS:
            del self._setbacks[next(iter(self._setbacks))]
        self._setbacks[model] = setback

    def _is_failure(self, attempt: Attempt) -> bool:
        """Whether the provider is to blame, rather than the request, the client or ourselves."""
        blame = attempt.outcome.blame
        if blame is Blame.IF_LATE:
            timeouts = self._timeouts
            waited_for = timeouts.attempt if attempt.streamed else timeouts.answer
            return attempt.duration >= waited_for * _TIMEOUT_TOLERANCE
        return blame is not Blame.NONE

    def _failure(self, attempt: Attempt, began: float, news: News) -> Event | None:
        """What a failed attempt means to its model, None if nothing."""
        setback = self._setback(attempt.model)
        if setback.phase in (None, Phase.SUSPECTED):
            return Event.FAILURE if self._is_enough(attempt, news) else None
        if setback.phase is Phase.COOLING or began < setback.since:
            # It was under way when the phase began, or was a last resort: neither is news.
            longer = news.asked and news.now + news.asked > setback.until
            return Event.LONGER_PAUSE if longer else None
        return Event.FAILURE

    def _is_enough(self, attempt: Attempt, news: News) -> bool:
        """Count a failure of a model that is in its place, and say whether that sets it back."""
        failures = self._failures.pop(attempt.model, 0) + 1
        at_once = attempt.outcome.blame in (Blame.REFUSAL, Blame.SETUP)
        if news.asked or at_once or failures > _TOLERATED_FAILURES:
            return True
        if len(self._failures) >= _MOST_MODELS:
            self._failures.pop(next(iter(self._failures)))
        self._failures[attempt.model] = failures
        return False

    def _due(self, setback: Setback, now: float) -> Event | None:
        """What the passing of time does to a model, None if nothing."""
        if setback.phase is Phase.PROBING:
            return self._due_while_probing(setback, now)
        if setback.phase is Phase.RETURNING:
            return Event.TIME_UP if now - setback.since >= _SHARE_STEP else None
        return Event.TIME_UP if now >= setback.until else None

    def _due_while_probing(self, setback: Setback, now: float) -> Event | None:
        if now - setback.since > _FORGOTTEN:
            return Event.TIME_UP
        patience = self._timeouts.attempt if setback.probe is None else _OFFER
        return Event.PROBE_LOST if now - setback.probe_at > patience else None


def _news(attempt: Attempt, ended: float) -> News:
    """What a failed attempt says of the pause that its model should get."""
    asked = min(attempt.retry_after or 0.0, LONGEST_RETRY_AFTER)
    if attempt.outcome.blame is Blame.SETUP:
        return News(ended, max(asked, _UNUSABLE_FOR), reason=UNUSABLE)
    return News(ended, asked, took=attempt.duration)
