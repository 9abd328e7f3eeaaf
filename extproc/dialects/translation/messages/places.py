"""Where a request's members stand in its client's body, and losses told once each."""

from __future__ import annotations

import re

from extproc.core.models import Dialect
from extproc.dialects.translation.form import Request
from extproc.dialects.translation.losses import Loss, Severity

__all__ = ["Losses", "dropped", "place", "token"]

_PLACES: dict[str, dict[Dialect, str]] = {
    "max_tokens": {
        Dialect.CHAT: "max_completion_tokens",
        Dialect.RESPONSES: "max_output_tokens",
    },
    "stop": {Dialect.MESSAGES: "stop_sequences"},
    "reasoning": {Dialect.CHAT: "reasoning_effort", Dialect.MESSAGES: "thinking"},
    "effort": {
        Dialect.CHAT: "reasoning_effort",
        Dialect.RESPONSES: "reasoning.effort",
        Dialect.MESSAGES: "output_config.effort",
    },
    "format": {
        Dialect.CHAT: "response_format",
        Dialect.RESPONSES: "text.format",
        Dialect.MESSAGES: "output_config.format",
    },
}
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")
_LONGEST_TOKEN = 40


def place(request: Request, name: str) -> str:
    """The path of a member of the form in the client's body."""
    return request.paths.get(name) or _PLACES.get(name, {}).get(request.dialect, name)


def token(name: str) -> str:
    """A name from a client's body as a part of a loss's code, which travels in a header."""
    return _UNSAFE.sub("", name[:_LONGEST_TOKEN])


def dropped(name: str, path: str, reason: str = "the provider has nothing like it") -> Loss:
    """A part that is left out."""
    return Loss(f"dropped:{token(name)}", path, reason=reason)


class Losses:
    """Losses in their order, of each code the first: ten thousand images lose one ``detail``."""

    __slots__ = ("_by_code",)

    def __init__(self, losses: tuple[Loss, ...] = ()) -> None:
        self._by_code: dict[str, Loss] = {}
        for loss in losses:
            self.add(loss)

    def add(self, loss: Loss) -> None:
        """Tell a loss."""
        self._by_code.setdefault(loss.code, loss)

    def skip(self, name: str, path: str, reason: str) -> None:
        """Tell what the candidate cannot serve."""
        self.add(Loss(f"skipped:{token(name)}", path, Severity.SKIP, reason))

    def reluctant(self, name: str, path: str, reason: str) -> None:
        """Tell what is left out where no other candidate can carry it."""
        self.add(Loss(f"dropped:{token(name)}", path, Severity.RELUCTANT, reason))

    def told(self) -> tuple[Loss, ...]:
        """All of them."""
        return tuple(self._by_code.values())
