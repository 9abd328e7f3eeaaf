"""One look of one guard: in time, timed, and with what its settings say where it fails."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import TypeVar

from extproc.core.guards import (
    NOTHING,
    Findings,
    GuardSettings,
    GuardVerdict,
    OnFailure,
    Side,
    Verdict,
)
from extproc.errors import ClientError
from extproc.guards.guard import Blocked, GuardError, Passed

__all__ = ["Look"]

_log = logging.getLogger(__name__)

_T = TypeVar("_T")

_FAILED = "guard_failed"
"""The code of the error that a client gets where a guard failed that must not."""


@dataclass(slots=True)
class Look:
    """What one guard does about one request, or about its answer, and what came of it."""

    settings: GuardSettings
    side: Side
    request_id: str
    verdict: Verdict = Verdict.PASSED
    reason: str | None = None
    seconds: float = field(default=0.0)
    findings: Findings = NOTHING
    began: bool = False

    async def at(self, looking: Awaitable[_T]) -> _T | Passed:
        """What the guard says, or that all passes where it failed and may.

        Raises:
            ClientError: it failed and must not (503).
        """
        self.began = True
        began = time.perf_counter()
        try:
            async with asyncio.timeout(self.settings.deadline):
                return await looking
        except TimeoutError:
            failure = GuardError("timeout", f"no answer within {self.settings.deadline:g} s")
        except GuardError as error:
            failure = error
        except ClientError:
            raise
        except Exception as error:  # noqa: BLE001 - a guard is not trusted to know how it may fail
            failure = GuardError("error", type(error).__name__)
            failure.__cause__ = error
        finally:
            self.seconds += time.perf_counter() - began
        return self._failed(failure)

    def _failed(self, failure: GuardError) -> Passed:
        settings = self.settings
        self.verdict, self.reason = Verdict.FAILED, failure.reason
        _log.warning(
            "request %s: the guard '%s' failed (%s), and %s: %s",
            *(self.request_id, settings.name, failure.reason),
            "is left out" if settings.on_failure is OnFailure.OPEN else "nothing passes without it",
            failure,
            exc_info=failure.__cause__,
        )
        if settings.on_failure is OnFailure.OPEN:
            return Passed()
        raise ClientError(
            503,
            f"The guard '{settings.name}' could not look at this {_WHAT[self.side]} "
            f"({failure.reason}), and without it nothing passes.",
            code=_FAILED,
        )

    def observed(self) -> None:
        """The guard would have blocked it."""
        self.verdict = Verdict.OBSERVED

    def changed(self) -> None:
        """The guard has changed something."""
        if self.verdict is Verdict.PASSED:
            self.verdict = Verdict.CHANGED

    def blocked(self, block: Blocked) -> ClientError:
        """The error for what the guard has blocked."""
        self.verdict, self.reason = Verdict.BLOCKED, block.code
        return ClientError(block.status, block.message, code=block.code)

    def told(self) -> GuardVerdict:
        """What is told of it."""
        return GuardVerdict(
            *(self.settings.name, self.side, self.verdict, self.reason),
            *(self.seconds, self.findings),
        )


_WHAT = {Side.INPUT: "request", Side.OUTPUT: "answer"}
