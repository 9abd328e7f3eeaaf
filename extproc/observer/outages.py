"""Which models are left alone because they fail, told to the operator.

Clients are answered by other models, so that nothing else in the log speaks of a provider that is
down. A model is told of once, and again when it fails after having been well for a while: one that
asks for short pauses all the time fills no log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from extproc.core.outcomes import StreamEnd
from extproc.core.records import Attempt
from extproc.core.response_flags import flags_in_words
from extproc.observer.setback import UNUSABLE
from extproc.ranking.snapshot import Cooldown, Phase

__all__ = ["Outages"]

_log = logging.getLogger(__name__)

_WELL_FOR: Final = 60.0
"""Seconds in its place after which a model is said to be well."""


class Outages:
    """Tells of models that fail, and when they are well again."""

    def __init__(self) -> None:
        """Have told of none yet."""
        self._told: dict[str, float | None] = {}
        """Since when each model that was told of is back in its place; None while it is not."""

    def attempted(self, attempt: Attempt, cooldowns: Mapping[str, Cooldown]) -> None:
        """Tell of a model that is left alone since this attempt.

        Args:
            attempt: one that has failed.
            cooldowns: the models that are set back, by what is known after it.
        """
        cooldown = cooldowns.get(attempt.model)
        # Of what only an operator can mend, the setup problems tell.
        if cooldown is None or cooldown.phase is not Phase.COOLING or cooldown.reason == UNUSABLE:
            return
        if attempt.model not in self._told:
            _log.warning(
                "%s fails (%s) and is left alone for a while: its requests go to other models "
                "meanwhile, where there are any. dragoman top shows how it stands.",
                attempt.model,
                _end(attempt),
            )
        self._told[attempt.model] = None

    def tick(self, now: float, cooldowns: Mapping[str, Cooldown]) -> None:
        """Tell of models that have been well for a while.

        Args:
            now: seconds of a steady clock.
            cooldowns: the models that are set back.
        """
        for model, since in list(self._told.items()):
            if model in cooldowns:
                self._told[model] = None
            elif since is None:
                self._told[model] = now
            elif now - since >= _WELL_FOR:
                del self._told[model]
                _log.info("%s is in its place again, for %.0f s by now", model, now - since)


def _end(attempt: Attempt) -> str:
    """How an attempt ended that failed."""
    parts = [str(attempt.status) if attempt.status else "no answer"]
    if words := flags_in_words(attempt.flags):
        parts.append(words)
    if attempt.stream_end not in (None, StreamEnd.FINISHED):
        parts.append("its stream broke")
    if attempt.retry_after is not None:
        parts.append(f"retry after {attempt.retry_after:g} s")
    return ", ".join(parts)
