"""Writes the ledger, off everybody's path.

Receipts wait in memory for about a second and are written on a thread, many at once. A disk that is
full or read-only loses the ledger and nothing else; that is said once, and once more when it is
over, and metrics count what is missing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from extproc.core.ledger import LedgerSettings
from extproc.ledger.rows import attempt_rows, request_row
from extproc.ledger.store import LedgerError, Store
from extproc.telemetry.counterfactuals import Counterfactuals
from extproc.telemetry.receipt import Receipt

__all__ = ["LedgerWriter"]

_log = logging.getLogger(__name__)

_PERIOD: Final = 1.0
_FORGETTING: Final = 60.0
"""Seconds between two looks for what is too old or too much."""
_MOST_WAITING: Final = 20_000


class LedgerWriter:
    """Takes receipts, and writes them down as long as ``writing`` lasts. ``lost`` counts those
    that are in no ledger."""

    def __init__(self, settings: LedgerSettings, counterfactuals: Counterfactuals) -> None:
        """
        Args:
            settings: which file, and how much of it is kept.
            counterfactuals: says what requests would have cost elsewhere.
        """
        self.lost = 0
        self._settings = settings
        self._counterfactuals = counterfactuals
        self._waiting: list[Receipt] = []
        self._store: Store | None = None
        self._failing = False
        self._forgot_at = -math.inf

    def take(self, receipts: Sequence[Receipt]) -> None:
        """Write these down soon."""
        room = _MOST_WAITING - len(self._waiting)
        self._waiting += receipts[:room]
        self.lost += max(0, len(receipts) - room)

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write down what is taken meanwhile, and at the end what is left."""
        ending = asyncio.Event()
        regularly = asyncio.create_task(self._write_until(ending))
        try:
            yield
        finally:
            ending.set()
            await regularly
            if self._store is not None:
                self._store.close()

    async def _write_until(self, ending: asyncio.Event) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), _PERIOD)
            last = ending.is_set()
            receipts, self._waiting = self._waiting, []
            self.lost += await asyncio.to_thread(self._write, receipts)
            if last:
                return

    def _write(self, receipts: Sequence[Receipt]) -> int:
        """Write these down, however long the disk takes; returns how many of them are lost."""
        lost = len(receipts)
        try:
            store = self._store = self._store or self._opened()
            if receipts:
                requests = [request_row(receipt, self._counterfactuals) for receipt in receipts]
                attempts = [row for receipt in receipts for row in attempt_rows(receipt)]
                store.write(requests, attempts)
                lost = 0
            if time.monotonic() - self._forgot_at > _FORGETTING:
                store.forget(time.time())
                self._forgot_at = time.monotonic()
        except LedgerError as error:
            self._fail(error)
            return lost
        if self._failing:
            _log.info("the ledger %s is written again", self._settings.path)
        self._failing = False
        return 0

    def _opened(self) -> Store:
        settings = self._settings
        return Store(Path(settings.path), settings.days, settings.max_bytes)

    def _fail(self, error: LedgerError) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
        if not self._failing:
            _log.error("%s. Requests are served, but not written down until that is mended.", error)
        self._failing = True
