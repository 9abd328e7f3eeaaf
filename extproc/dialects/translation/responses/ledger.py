"""Collects the losses of one request: each code once, at the first place where it was met."""

from __future__ import annotations

import re
from collections.abc import Mapping

from extproc.core.models import Dialect
from extproc.dialects.translation.form import Request
from extproc.dialects.translation.losses import Loss, Severity

__all__ = ["Ledger", "place_of"]

_LONGEST_NAME = 40
_NOT_IN_CODES = re.compile(r"[^A-Za-z0-9_.-]")

_PLACES: Mapping[Dialect, Mapping[str, str]] = {
    Dialect.CHAT: {
        "format": "response_format",
        "max_tokens": "max_completion_tokens",
        "parallel_tools": "parallel_tool_calls",
        "reasoning": "reasoning_effort",
    },
    Dialect.MESSAGES: {
        "format": "output_config.format",
        "reasoning": "thinking",
        "stop": "stop_sequences",
        "user": "metadata.user_id",
    },
    Dialect.RESPONSES: {
        "format": "text.format",
        "max_tokens": "max_output_tokens",
        "parallel_tools": "parallel_tool_calls",
    },
}


def place_of(request: Request, name: str) -> str:
    """Where a member of the form stands in the client's body."""
    return request.paths.get(name) or _PLACES[request.dialect].get(name, name)


class Ledger:
    """Losses in the order in which they were met.

    A body of many parts that are all lost in the same way makes one entry, not thousands.
    """

    __slots__ = ("_losses",)

    def __init__(self, losses: tuple[Loss, ...] = ()) -> None:
        self._losses = {loss.code: loss for loss in losses}

    def note(
        self, action: str, name: str, path: str, reason: str, severity: Severity = Severity.WARN
    ) -> None:
        """Note that ``action`` (``dropped``, ``clamped``, ``skipped``) was done to ``name``, which
        may be any name of the client's."""
        code = f"{action}:{_NOT_IN_CODES.sub('', name[:_LONGEST_NAME]) or 'member'}"
        if code not in self._losses:
            self._losses[code] = Loss(code, path, severity, reason)

    @property
    def losses(self) -> tuple[Loss, ...]:
        return tuple(self._losses.values())
