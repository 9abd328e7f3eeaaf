"""A guard of answers that takes out, blocks and fails by what it is shown."""

from __future__ import annotations

import re

from extproc.guards.guard import AnswerGuard, Blocked, GuardError, Released, TextKind
from extproc.guards.window import through_window

__all__ = ["Redacting"]

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
