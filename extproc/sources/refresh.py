"""Reads one source again and again: at its interval, and sooner after a failure."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from extproc.sources.bounds import FetchError
from extproc.sources.feed import Outcome
from extproc.sources.listing import MalformedError

__all__ = ["Pace", "Refresh"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How soon a failed refresh is tried again.

    The delay begins at ``first`` seconds and doubles with every failure in a row, up to ``longest``
    and never beyond the source's interval. A random part of it, up to half, is taken off, so that
    many sidecars do not come back at once.
    """

    first: float = 1.0
    longest: float = 300.0
    chance: random.Random = field(default_factory=random.Random)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def delay(self, failures: int, interval: float | None) -> float:
        """Seconds until the next try.

        Args:
            failures: how many there were in a row, at least one.
            interval: the source's, in seconds; None if it is read once.
        """
        most = self.longest if interval is None else min(self.longest, interval)
        # The exponent is bounded, for a source may stay away for weeks.
        return min(most, self.first * 2.0 ** min(failures - 1, 30)) * self.chance.uniform(0.5, 1.0)


@dataclass(slots=True)
class Refresh:
    """A source, and how reading it has gone.

    ``kind`` is what the source gives (``price``, ``latency``), ``label`` what logs call it
    (``digitalocean pricing``), ``place`` where it is read from. ``interval`` is in seconds; None
    reads it until the first success. ``read`` fetches its pages, ``take`` makes use of them and
    says what came of it. ``outcomes`` counts refreshes by how they ended. ``trouble`` is why the
    last one gave nothing, None if it gave something. ``first`` is set after the first success.
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
        """Refresh until cancelled, or until the first success if there is no interval.

        Args:
            pace: how soon failures are tried again.
            on_change: called after every success.
        """
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
