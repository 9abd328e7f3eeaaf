"""Models that failed are left alone for a while, probed, and taken back step by step.

Only the observer keeps this state; requests read its outcome in a snapshot. Times are in seconds
since the epoch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extproc.contract import ERROR_DETAILS
from extproc.core.records import Attempt
from extproc.ranking.snapshot import Cooldown, Phase

__all__ = ["Cooldowns"]

RETRY_AFTER = "retry_after"
FAILURES = "failures"
FAILED_JUST_NOW = "failed_just_now"

_TOLERATED_FAILURES = 2
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 300.0
_LONGEST_RETRY_AFTER = 3600.0
_SUSPICION = 0.25
"""Seconds within which the access log tells why an attempt failed."""
_FIRST_SHARE = 0.25
_SHARE_STEP = 5.0
"""Seconds after which a returning model gets twice the share."""
_OFFER = 1.0
"""Seconds for which one worker has the probe, before another gets it."""
_UNCLAIMED = 30.0
"""Seconds after which a model that nobody wants first is taken back without a probe."""
_MOST_MODELS = 1000

_REFUSALS = frozenset({429, 529})
_TIMEOUT_TOLERANCE = 0.95


@dataclass(slots=True)
class _State:
    """How one model is set back: ``since`` its present phase began, ``setbacks`` in a row."""

    phase: Phase
    reason: str
    since: float
    until: float
    setbacks: int = 1
    probe: int = 0
    prober: int | None = None
    offered_at: float = 0.0
    taken_at: float | None = None
    share: float = 0.0


class Cooldowns:
    """Learns from attempts which models to leave alone."""

    def __init__(self, attempt_timeout: float) -> None:
        """
        Args:
            attempt_timeout: seconds after which ingress gives up an attempt: one that ends so late
                and without a status was too slow, one that ends earlier was given up by its client.
        """
        self._attempt_timeout = attempt_timeout
        self._failures: dict[str, int] = {}
        self._states: dict[str, _State] = {}

    def current(self) -> Mapping[str, Cooldown]:
        """Every model that is set back."""
        return {
            model: Cooldown(
                phase=state.phase,
                reason=state.reason,
                until=state.until,
                prober=state.prober,
                probe=state.probe,
                share=state.share,
            )
            for model, state in self._states.items()
        }

    def attempted(self, attempt: Attempt) -> None:
        """Learn from one attempt."""
        if attempt.succeeded:
            self._succeeded(attempt)
        elif self._is_failure(attempt):
            self._failed(attempt)

    def suspect(self, model: str, now: float) -> None:
        """An attempt has failed: ingress is moving on to the next candidate."""
        if model not in self._states:
            self._admit(
                model,
                _State(Phase.SUSPECTED, FAILED_JUST_NOW, since=now, until=now + _SUSPICION),
            )

    def probed(self, model: str, now: float) -> None:
        """A worker has sent the probe: nobody else is to send one until its outcome is known."""
        state = self._states.get(model)
        if state is not None and state.phase is Phase.PROBING:
            state.prober = None
            state.taken_at = now

    def tick(self, now: float, workers: Sequence[int]) -> None:
        """Let time pass.

        Args:
            now: the time.
            workers: the workers that could send a probe.
        """
        for model, state in list(self._states.items()):
            if state.phase is Phase.SUSPECTED and now >= state.until:
                del self._states[model]
            elif state.phase is Phase.COOLING and now >= state.until:
                state.phase, state.since = Phase.PROBING, now
                self._offer(state, now, workers)
            elif state.phase is Phase.PROBING:
                self._keep_probing(state, now, workers)
            elif state.phase is Phase.RETURNING and now - state.since >= _SHARE_STEP:
                state.since = now
                state.share *= 2
                if state.share >= 1:
                    del self._states[model]

    def _is_failure(self, attempt: Attempt) -> bool:
        """Whether the provider is to blame, rather than the request, the client or ourselves."""
        if attempt.details.startswith(ERROR_DETAILS):
            return False
        if attempt.status == 0:
            return attempt.duration >= self._attempt_timeout * _TIMEOUT_TOLERANCE
        if 200 <= attempt.status < 300:
            return True
        return attempt.status in _REFUSALS or attempt.status == 408 or attempt.status >= 500

    def _succeeded(self, attempt: Attempt) -> None:
        self._failures.pop(attempt.model, None)
        state = self._states.get(attempt.model)
        if state is None or attempt.at < state.since:
            return
        if state.phase in (Phase.SUSPECTED, Phase.RETURNING):
            return
        self._take_back(state, attempt.at + attempt.duration)

    def _take_back(self, state: _State, now: float) -> None:
        state.phase, state.since, state.share = Phase.RETURNING, now, _FIRST_SHARE
        state.prober = state.taken_at = None

    def _failed(self, attempt: Attempt) -> None:
        model, ended = attempt.model, attempt.at + attempt.duration
        asked = min(attempt.retry_after or 0.0, _LONGEST_RETRY_AFTER)
        state = self._states.get(model)
        if state is None or state.phase is Phase.SUSPECTED:
            failures = self._failures.pop(model, 0) + 1
            if asked or attempt.status in _REFUSALS or failures > _TOLERATED_FAILURES:
                self._set_back(model, ended, asked, setbacks=1)
            else:
                self._count(model, failures)
        elif state.phase is Phase.COOLING or attempt.at < state.since:
            # A straggler from before, or a last resort: no news but for what it asks.
            if asked and ended + asked > state.until:
                self._set_back(model, ended, asked, setbacks=state.setbacks)
        else:
            self._set_back(model, ended, asked, setbacks=state.setbacks + 1)

    def _count(self, model: str, failures: int) -> None:
        if len(self._failures) >= _MOST_MODELS:
            self._failures.pop(next(iter(self._failures)))
        self._failures[model] = failures

    def _set_back(self, model: str, now: float, asked: float, setbacks: int) -> None:
        pause = asked or min(_FIRST_PAUSE * 2 ** (setbacks - 1), _LONGEST_PAUSE)
        known = self._states.get(model)
        self._admit(
            model,
            _State(
                Phase.COOLING,
                RETRY_AFTER if asked else FAILURES,
                since=now,
                until=now + pause,
                setbacks=setbacks,
                probe=known.probe if known else 0,
            ),
        )

    def _admit(self, model: str, state: _State) -> None:
        if model not in self._states and len(self._states) >= _MOST_MODELS:
            del self._states[next(iter(self._states))]
        self._states[model] = state

    def _offer(self, state: _State, now: float, workers: Sequence[int]) -> None:
        state.probe += 1
        state.prober = workers[state.probe % len(workers)] if workers else None
        state.offered_at, state.taken_at = now, None

    def _keep_probing(self, state: _State, now: float, workers: Sequence[int]) -> None:
        if state.taken_at is not None:
            if now - state.taken_at > self._attempt_timeout:  # its outcome was lost
                self._offer(state, now, workers)
        elif now - state.since > _UNCLAIMED:
            self._take_back(state, now)
        elif now - state.offered_at >= _OFFER and workers and list(workers) != [state.prober]:
            self._offer(state, now, workers)
