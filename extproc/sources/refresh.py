"""One source's refreshes: on time, sooner after a failure, counted by how they ended."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from extproc.sources.feed import Outcome
from extproc.sources.fetching import FetchError
from extproc.sources.listing import MalformedError

__all__ = ["Pace", "Refresh"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon a failed refresh is tried again, in seconds: twice as late each time, less up to
    half of it by chance, and never later than a refresh would be due."""

    first: float = 1.0
    longest: float = 300.0
    chance: random.Random = field(default_factory=random.Random)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def delay(self, failures: int, interval: float | None) -> float:
        """After how long to try again after so many failures in a row, at least one."""
        most = self.longest if interval is None else min(self.longest, interval)
        # The exponent is bounded, for a source may stay away for weeks.
        return min(most, self.first * 2.0 ** min(failures - 1, 30)) * self.chance.uniform(0.5, 1.0)


@dataclass(slots=True)
class Refresh:
    """One source, and how its refreshes went.

    ``kind`` is what it gives (``price``, ``latency``), ``label`` what logs call it
    (``digitalocean pricing``), ``place`` where it is read from.
    ``outcomes`` counts refreshes by how they ended. ``trouble`` is why the last one gave nothing,
    None if it did. ``interval`` is in seconds, None means once.
    """

    kind: str
    label: str
    place: str
    interval: float | None
    # Out of its repr, for it holds the token.
    read: Callable[[], Awaitable[Sequence[bytes]]] = field(repr=False)
    take: Callable[[Sequence[bytes]], Outcome] = field(repr=False)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    trouble: str | None = "not read yet"
    first: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, pace: Pace, on_change: Callable[[], None]) -> None:
        """Refresh for ever, or until the first success where once is enough."""
        failures = 0
        while True:
            outcome = await self._once(on_change)
            failures = 0 if outcome is Outcome.OK else failures + 1
            if failures:
                await pace.sleep(pace.delay(failures, self.interval))
            elif self.interval is None:
                return
            else:
                await pace.sleep(self.interval)

    async def _once(self, on_change: Callable[[], None]) -> Outcome:
        outcome, trouble = await self._outcome()
        self.outcomes[outcome] += 1
        before, self.trouble = self.trouble, trouble
        if outcome is not Outcome.OK:
            level = logging.WARNING if trouble != before else logging.DEBUG
            message = "failed to fetch %s from %s: %s"
            _log.log(level, message, self.label, self.place, trouble)
            return outcome
        if before is not None and self.first.is_set():
            _log.info("%s: is read again", self.label)
        on_change()
        self.first.set()
        return outcome

    async def _outcome(self) -> tuple[Outcome, str | None]:
        try:
            outcome = self.take(await self.read())
        except FetchError as error:
            return Outcome.FAILED, str(error)
        except MalformedError as error:
            return Outcome.MALFORMED, str(error)
        except Exception:  # noqa: BLE001 - a document that nobody thought of must not end the refreshes
            _log.exception("%s: cannot be read", self.label)
            return Outcome.MALFORMED, "cannot be read"
        return outcome, "lists nothing of use" if outcome is Outcome.EMPTY else None
