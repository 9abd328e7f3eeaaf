"""Reads the configuration again, on a change, a signal or a command, and takes a valid one."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Final

from extproc.config import ConfigError, Loaded
from extproc.config.differences import differences
from extproc.core.config import Config, Secrets
from extproc.core.reloads import Reloads
from extproc.errors import StartError
from extproc.run_directory import RELOADS
from extproc.sidecar.claim import Claim
from extproc.sidecar.control import Outcome, Report, Status, control
from extproc.sidecar.generation import cancelled
from extproc.sidecar.source import Source, changes
from extproc.sidecar.together import together

__all__ = ["Reloader"]

_log = logging.getLogger(__name__)


_HEADINGS: Final = {
    Outcome.TAKEN: "%s: the new configuration is in use: %s",
    Outcome.UNCHANGED: "%s: the configuration means what it meant before",
    Outcome.REFUSED: "%s: the configuration stays as it was: %s",
}


class Reloader:
    """Reads and takes configurations, one at a time."""

    def __init__(
        self,
        source: Source,
        take: Callable[[Config, Secrets], Awaitable[None]],
        claim: Claim,
        admin_url: Callable[[], str],
    ) -> None:
        """
        Args:
            source: where the configuration comes from.
            take: puts one in the place of the one that is in use; raises StartError if that fails,
                and then nothing has changed.
            claim: the right to write in the run directory.
            admin_url: where the admin port is by now.
        """
        self._source = source
        self._take = take
        self._claim = claim
        self._admin_url = admin_url
        self._counts: Counter[Outcome] = Counter()
        self._turn = asyncio.Lock()
        self._work: asyncio.Future[Report] | None = None
        self._in_use_since = ""
        self._stopped = False

    async def run(self, wishes: asyncio.Event) -> None:
        """Go on until cancelled.

        Args:
            wishes: set by whoever wants the configuration to be read again.
        """
        async with control(self._claim, self._status, self._asked):
            await together(self._follow_changes(), self._follow(wishes))

    def _status(self) -> Status:
        path = self._source.path
        return Status(os.getpid(), str(path.absolute()) if path else None, self._admin_url())

    async def stop(self) -> None:
        """Take no more, and break off what is under way: who ends us has no time for a start."""
        self._stopped = True
        if self._work is not None:
            await cancelled(self._work)

    async def reload(self, why: str) -> Report:
        """Read the configuration again, and take it if it is valid and means something else.

        Args:
            why: what the log calls the occasion.
        """
        async with self._turn:
            if self._stopped:
                return _ENDING
            self._work = asyncio.ensure_future(self._reload())
            try:
                report = await self._work
            except asyncio.CancelledError:
                if not self._stopped:
                    raise
                report = _ENDING
            finally:
                self._work.cancel()
            self._tell(report, why)
            return report

    async def _reload(self) -> Report:
        before = self._source.loaded
        try:
            loaded = await asyncio.to_thread(self._source.load)
        except (ConfigError, StartError) as error:
            return Report(Outcome.REFUSED, tuple(str(error).splitlines()))
        for warning in loaded.warnings:
            if warning not in before.warnings:
                _log.warning("%s", warning)
        different = tuple(differences(before, loaded))
        if not different:
            self._source.loaded = loaded
            return Report(Outcome.UNCHANGED, ())
        try:
            await self._taken(loaded)
        except StartError as error:
            return Report(Outcome.REFUSED, (str(error),))
        self._source.loaded = loaded
        return Report(Outcome.TAKEN, different)

    async def _taken(self, loaded: Loaded) -> None:
        try:
            await self._take(loaded.config, loaded.secrets)
        except StartError as error:
            # Somebody may have killed one of its processes.
            _log.warning(
                "the new configuration could not be started, and is tried again: %s", error
            )
            await self._take(loaded.config, loaded.secrets)

    def _tell(self, report: Report, why: str) -> None:
        level = logging.ERROR if report.outcome is Outcome.REFUSED else logging.INFO
        arguments = (why, "; ".join(report.lines)) if report.lines else (why,)
        _log.log(level, _HEADINGS[report.outcome], *arguments)
        self._counts[report.outcome] += 1
        if report.outcome is Outcome.TAKEN:
            since = time.strftime("%H:%M:%S")
            self._in_use_since = f"in use since {since} ({why}): {'; '.join(report.lines)}"
        told = Reloads(
            {outcome.value: self._counts[outcome] for outcome in Outcome},
            successful=report.outcome is not Outcome.REFUSED,
            at=time.time(),
        )
        try:
            self._claim.write(RELOADS, told.to_json())
        except OSError as error:
            _log.warning("metrics cannot be told of it: %s", error.strerror)

    async def _follow_changes(self) -> None:
        async for _ in changes(self._source.watched, self._source.state):
            await self.reload("the configuration has changed on disk")

    async def _follow(self, wishes: asyncio.Event) -> None:
        while True:
            await wishes.wait()
            wishes.clear()
            await self.reload("SIGHUP")

    async def _asked(self) -> Report:
        report = await self.reload("dragoman reload")
        if report.outcome is Outcome.UNCHANGED and self._in_use_since:
            # Whoever asks has mostly just changed the file, and was overtaken by our looking at it.
            return Report(report.outcome, (self._in_use_since,))
        return report


_ENDING: Final = Report(Outcome.REFUSED, ("the sidecar is ending",))
