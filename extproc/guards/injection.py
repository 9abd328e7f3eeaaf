"""The guard of models: tells how much a request looks like an attack on one, and may block it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from extproc.core.guards import Findings
from extproc.core.injection import InjectionAction, InjectionRules
from extproc.dialects.arrived import arrived_texts
from extproc.errors import ClientError
from extproc.guards.guard import (
    Blocked,
    GuardedRequest,
    GuardError,
    Observed,
    Passed,
    RequestVerdict,
)
from extproc.injection.head import Heads
from extproc.injection.judge import Judge

__all__ = ["InjectionGuard"]

_MOST_WAITING: Final = 128
"""Requests whose turn comes within some two seconds."""
_CODE: Final = "prompt_injection"
_MESSAGE: Final = "The request looks like an attempt to override a model's instructions."


class InjectionGuard:
    """Looks at what is new in requests; see :mod:`extproc.injection`.

    Judging takes an encoder, so it is done on a thread of its own, in steps: a long request takes
    turns with those that come after it.
    """

    def __init__(self, rules: InjectionRules) -> None:
        """Begin to load the encoder.

        Args:
            rules: from when on a request is taken for an attack, and what becomes of it then.
        """
        self._rules = rules
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="injection")
        self._judge = self._thread.submit(lambda: Judge(Heads()))

    async def look(self, request: GuardedRequest) -> RequestVerdict:
        """Look at a request.

        Raises:
            GuardError: its body is no JSON object, or too many requests are to be judged before it.
        """
        if self._waiting >= _MOST_WAITING:
            raise GuardError("busy", f"{self._waiting} requests are before this one")
        try:
            document = await request.document()
        except (ClientError, ValueError):
            document = None
        if not isinstance(document, dict):
            raise GuardError("malformed", "the body cannot be read")
        texts = list(arrived_texts(document))
        self._waiting += 1
        try:
            score = await self._score(texts)
        finally:
            self._waiting -= 1
        findings = Findings(score=round(score, 3))
        if score < self._rules.threshold:
            return Passed(findings=findings)
        if self._rules.action is InjectionAction.OBSERVE:
            return Observed(findings=findings)
        return Blocked(self._rules.message or _MESSAGE, code=_CODE, findings=findings)

    async def _score(self, texts: list[str]) -> float:
        loop, steps = asyncio.get_running_loop(), self._steps(texts)
        while (score := await loop.run_in_executor(self._thread, next, steps)) is None:
            pass
        return score

    def _steps(self, texts: list[str]) -> Iterator[float | None]:
        yield from self._judge.result().steps(texts)
