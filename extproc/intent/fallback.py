"""When a router model fails, the embedded classifier answers in its place."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from extproc.core.conversation import Conversation
from extproc.core.routes import Route
from extproc.intent import ClassificationError, Intent, IntentClassifier
from extproc.intent.names import EMBEDDED

__all__ = ["FallbackClassifier"]

_log = logging.getLogger(__name__)

_BETWEEN_LINES: Final = 60.0


class FallbackClassifier:
    """Asks the first classifier, and the embedded one where that fails.

    If both do, the second one's error is raised: the router then serves the requested model.
    """

    def __init__(
        self, first: IntentClassifier, embedded: IntentClassifier, clock: Callable[[], float]
    ) -> None:
        """
        Args:
            first: the one that is preferred; closed with this one.
            embedded: the one that needs nobody else; closed with this one.
            clock: the time in seconds, never going back.
        """
        self._first = first
        self._embedded = embedded
        self._clock = clock
        self._silent_until: float | None = None
        self._failures = 0

    async def classify(
        self, conversation: Conversation, routes: Sequence[Route], tools: Sequence[str] = ()
    ) -> Intent:
        """See :class:`extproc.intent.IntentClassifier`."""
        try:
            return await self._first.classify(conversation, routes, tools)
        except ClassificationError as error:
            failure = error
        self._report(failure)
        intent = await self._embedded.classify(conversation, routes, tools)
        return replace(intent, classifier=intent.classifier or EMBEDDED, fallback=failure.reason)

    async def close(self) -> None:
        """Close both."""
        await self._first.close()
        await self._embedded.close()

    def _report(self, failure: ClassificationError) -> None:
        """A line a minute: a router that fails does so for every request."""
        self._failures += 1
        now = self._clock()
        if self._silent_until is not None and now < self._silent_until:
            return
        _log.warning(
            "the embedded classifier answered for the intent router (%s: %s); %d since the last "
            "such line",
            *(failure.reason, failure, self._failures),
        )
        self._silent_until = now + _BETWEEN_LINES
        self._failures = 0
