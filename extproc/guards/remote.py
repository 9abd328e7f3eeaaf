"""What guards have in common that are asked over the network: how they look at answers, and what a
client gets that they have blocked.

They are shown a stream's texts in events, and a whole answer as a request's body is shown to them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from extproc.core.guards import GuardSettings
from extproc.guards.guard import (
    AnswerGuard,
    Blocked,
    GuardedRequest,
    Passed,
    Released,
    Replaced,
    TextKind,
    WholeVerdict,
)
from extproc.guards.probes import Probe, probe_for
from extproc.guards.window import through_window

__all__ = ["RemoteGuard"]


class RemoteGuard(ABC):
    """A guard of requests and of answers."""

    def __init__(self, settings: GuardSettings) -> None:
        """
        Args:
            settings: its settings.
        """
        self._settings = settings

    @abstractmethod
    async def look(self, request: GuardedRequest) -> Passed | Replaced | Blocked:
        """Look at a request, or at a whole answer in the place of its body.

        Raises:
            GuardError: it cannot be looked at.
        """

    @abstractmethod
    async def look_at_text(self, request: GuardedRequest, probe: Probe, text: str) -> str | Blocked:
        """What becomes of a text in the answer to a request.

        Args:
            request: the request, without its body.
            probe: the event that the text is shown in.
            text: the text.

        Raises:
            GuardError: it cannot be looked at.
        """

    def answering(self, request: GuardedRequest) -> AnswerGuard:
        """Who looks at the answer to a request."""
        return _Answering(self, request, self._settings.window)

    def _blocked(self, status: int) -> Blocked:
        return Blocked(f"This was blocked by the guard '{self._settings.name}'.", status=status)


class _Answering(AnswerGuard):
    """Looks at the answer to one request."""

    def __init__(self, guard: RemoteGuard, request: GuardedRequest, window: int) -> None:
        self._guard = guard
        # The body may be large, and answers take long.
        self._request = request.with_body(b"")
        self._window = window

    async def whole(self, body: bytes) -> WholeVerdict:
        return await self._guard.look(self._request.with_body(body))

    async def text(self, kind: TextKind, text: str, *, ended: bool) -> Released | Blocked:
        async def look(shown: str) -> str | Blocked:
            probe = probe_for(self._request.dialect, kind)
            return await self._guard.look_at_text(self._request, probe, shown)

        return await through_window(text, self._window, look, ended=ended)
