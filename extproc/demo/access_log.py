"""Envoy's access log, read while it is written: what became of a request, attempt by attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from extproc.contract import DECISION_PREFIX
from extproc.core.own_replies import USED_UP, reply_code
from extproc.core.response_flags import flags_in_words
from extproc.demo.outcome import Attempt

__all__ = ["ERROR_FIRST", "LIMIT", "RESET", "AccessLog", "Journey"]

RESET = "reset"
ERROR_FIRST = "error first"
"""The first-content gate stopped a stream that began with an error."""
LIMIT = "our limit"
"""Envoy refused the attempt, for a limit of the model was used up."""

_PATIENCE = 5.0
_POLL = 0.02

_Line: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Journey:
    """A request's way through Envoy: its attempts, and the milliseconds that all of it took."""

    attempts: tuple[Attempt, ...]
    milliseconds: int


class AccessLog:
    """Reads a log of which each request is asked for before the next one is sent."""

    def __init__(self, path: Path) -> None:
        """
        Args:
            path: the file, which Envoy may yet have to create.
        """
        self._path = path
        self._read = 0
        self._lines: list[_Line] = []

    async def journey(self, *, decision_only: bool) -> Journey | None:
        """Wait for the lines of the latest request; None if they do not come.

        Args:
            decision_only: of the requests since the last call, which kind is meant.
        """
        try:
            async with asyncio.timeout(_PATIENCE):
                while (found := self._find(decision_only=decision_only)) is None:
                    await asyncio.sleep(_POLL)
                    self._take_in()
                return found
        except TimeoutError:
            return None
        finally:
            self._lines.clear()

    def _take_in(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._read)
            complete, newline, _ = file.read().rpartition(b"\n")
        self._read += len(complete) + len(newline)
        self._lines += [orjson.loads(line) for line in complete.splitlines()]

    def _find(self, *, decision_only: bool) -> Journey | None:
        for line in self._lines:
            if line["log"] == "request" and _is_decision(line) == decision_only:
                attempts = self._attempts(line["request_id"])
                if len(attempts) == line["attempts"]:
                    return Journey(attempts, line["duration_ms"])
        return None

    def _attempts(self, request_id: str) -> tuple[Attempt, ...]:
        lines = [
            line
            for line in self._lines
            if line["log"] == "attempt" and line["request_id"] == request_id
        ]
        lines.sort(key=lambda line: int(line["attempt"]))
        return tuple(Attempt(line["model"], line["status"], _why(line)) for line in lines)


def _is_decision(line: _Line) -> bool:
    return str(line["path"]).startswith(DECISION_PREFIX)


def _why(line: _Line) -> str:
    details, flags = str(line["details"]), str(line["flags"])
    if details in USED_UP:
        return LIMIT
    code = reply_code(details)
    return flags_in_words(flags) if code is None else code.replace("_", " ")
