"""What a chat request loses, found one after another, with its place in the client's body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from extproc.core.models import Dialect
from extproc.dialects.translation.chat.naming import token
from extproc.dialects.translation.form import Request
from extproc.dialects.translation.losses import Loss, Severity

__all__ = ["Losses", "place"]

_PLACES: Final[Mapping[Dialect, Mapping[str, str]]] = {
    Dialect.CHAT: {
        "reasoning": "reasoning_effort",
        "effort": "reasoning_effort",
        "format": "response_format",
    },
    Dialect.MESSAGES: {
        "stop": "stop_sequences",
        "reasoning": "thinking",
        "effort": "output_config.effort",
        "summary": "thinking.display",
        "format": "output_config.format",
        "user": "metadata.user_id",
    },
    Dialect.RESPONSES: {
        "max_tokens": "max_output_tokens",
        "reasoning": "reasoning",
        "effort": "reasoning.effort",
        "summary": "reasoning.summary",
        "format": "text.format",
    },
}
"""Where the dialects have what the form calls otherwise."""


def place(request: Request, name: str) -> str:
    """Where in the client's body a member of the form, or one of its extras, stands."""
    return request.paths.get(name) or _PLACES[request.dialect].get(name) or token(name)


_MOST_CODES: Final = 64
"""They travel in a header; what comes after them is told as ``dropped:more``."""


class Losses:
    """The losses of one request: of each code the first, as one says enough and a client may send
    a hundred thousand."""

    __slots__ = ("_by_code", "_request")

    def __init__(self, request: Request, known: Iterable[Loss] = ()) -> None:
        self._request = request
        self._by_code: dict[str, Loss] = {loss.code: loss for loss in known}

    def add(self, code: str, path: str, reason: str, severity: Severity = Severity.WARN) -> None:
        """Tell a loss at a path of the client's body."""
        if code not in self._by_code:
            if len(self._by_code) >= _MOST_CODES:
                code = f"{code.partition(':')[0]}:more"
            self._by_code.setdefault(code, Loss(code, path, severity, reason))

    def of(self, code: str, name: str, reason: str, severity: Severity = Severity.WARN) -> None:
        """Tell a loss of what the form calls ``name``."""
        self.add(code, place(self._request, name), reason, severity)

    def all(self) -> tuple[Loss, ...]:
        """What was told, in its order."""
        return tuple(self._by_code.values())
