"""Guards that take out, block and fail by what they are shown."""

from __future__ import annotations

import re

from extproc.guards.guard import (
    AnswerGuard,
    Blocked,
    GuardedRequest,
    GuardError,
    Released,
    Replaced,
    RequestVerdict,
    TextKind,
)
from extproc.guards.window import through_window

__all__ = ["Redacting", "RedactingPlace"]

_WINDOW = 12


class Redacting(AnswerGuard):
    """Takes out secrets of up to twelve characters, blocks what says so, fails where it shall."""

    def __init__(self) -> None:
        self.seen: list[tuple[TextKind, str]] = []

    async def text(self, kind: TextKind, text: str, *, ended: bool) -> Released | Blocked:
        async def look(shown: str) -> str | Blocked:
            self.seen.append((kind, shown))
            if "EXPLOIT" in shown:
                return Blocked("No.")
            if "FAIL" in shown:
                raise GuardError("unreachable", "nobody there")
            return re.sub(r"SECRET-\d{4}", "[gone]", shown)

        return await through_window(text, _WINDOW, look, ended=ended)


class RedactingPlace:
    """A guard of requests and of answers that does the same, and remembers what it was shown."""

    def __init__(self) -> None:
        self.shown: list[GuardedRequest] = []
        self.answered: list[GuardedRequest] = []

    @property
    def bodies(self) -> list[bytes]:
        """The bodies that it was shown."""
        return [request.body for request in self.shown]

    async def look(self, request: GuardedRequest) -> RequestVerdict:
        self.shown.append(request)
        if b"EXPLOIT" in request.body:
            return Blocked("No.")
        return Replaced(re.sub(rb"SECRET-\d{4}", b"[gone]", request.body))

    def answering(self, request: GuardedRequest) -> AnswerGuard:
        self.answered.append(request)
        return Redacting()
