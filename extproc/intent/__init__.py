"""From a conversation and a list of routes to a route, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from extproc.core.conversation import Conversation
from extproc.core.intents import Intent
from extproc.core.routes import Route

__all__ = ["ClassificationError", "Intent", "IntentClassifier"]


class ClassificationError(Exception):
    """The classifier could not answer. ``reason`` is a short token for headers and metrics."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class IntentClassifier(Protocol):
    """Anything that can tell which route a conversation asks for."""

    async def classify(
        self, conversation: Conversation, routes: Sequence[Route], tools: Sequence[str] = ()
    ) -> Intent:
        """Find the route that serves the user's latest intent.

        Args:
            conversation: the turns so far, oldest first; not empty.
            routes: the routes to choose from, in declared order; not empty.
            tools: what the request's tools are called, in its order.

        Raises:
            ClassificationError: no answer could be had (deadline, connection, malformed answer).
        """
        ...

    async def close(self) -> None:
        """Release connections and threads."""
        ...
