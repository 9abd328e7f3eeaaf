"""Counters in a store that may be slow, or down.

No request speaks to the store itself. One task does, and hands on what was asked meanwhile in
batches. A request waits for its answer only, and not for long: when it gives up, nothing is broken
off, and what it was granted too late is taken back.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

from extproc.core.pauses import pause_after
from extproc.core.windows import Window
from extproc.quotas.counters import Charge, Counter, CounterStats, StoreError, Taken
from extproc.quotas.patience import Patience, patiently
from extproc.quotas.store import Item, Line, Store

__all__ = ["StoredCounters"]

_log = logging.getLogger(__name__)

# In seconds.
_PATIENCE: Final = 0.5
_CLOSING: Final = 0.5
_LISTING: Final = 3.0
_AT_ONCE: Final = 200
_MOST_WAITING: Final = 50_000
_KEPT_AFTER_ITS_WINDOW: Final = 3600
"""Whoever takes something back may come so much later."""
_PROBED_FOR: Final = 60
_LARGEST: Final = 2**53 - 1
"""What one charge may come to."""


@dataclass(slots=True, eq=False)
class _Question:
    """What is to be charged, and who waits to hear what it came to; None: nobody does."""

    item: Item
    answer: asyncio.Future[Taken] | None

    @property
    def is_given_up(self) -> bool:
        return self.answer is not None and self.answer.done()


class StoredCounters:
    """Counters in a store."""

    def __init__(self, store: Store, consequence: str, patience: float = _PATIENCE) -> None:
        """Open the store in the background. An event loop must be running.

        Args:
            store: where the counters are.
            consequence: what it means if that fails, for the log.
            patience: how long one waits for its answer, in seconds.
        """
        self._store = store
        self._consequence = consequence
        self._patience = patience
        self._waiting: deque[_Question] = deque()
        self._work = asyncio.Event()
        self._closing = False
        # Until somebody has waited in vain.
        self._answering = True
        self._reported_up: bool | None = None
        self._failure = "no answer in time"
        self._unanswered = self._timeouts = self._failures = self._lost = 0
        self._task = asyncio.get_running_loop().create_task(self._serve())
        self._task.add_done_callback(_report_end)

    @property
    def place(self) -> str:
        return self._store.place

    @property
    def stats(self) -> CounterStats:
        return CounterStats(
            self._unanswered,
            self._timeouts,
            self._failures,
            self._lost,
            reachable=self._answering,
        )

    async def take(self, charges: Sequence[Charge], at: float) -> Taken:
        return await self._ask(_lines(charges, at))

    def add(self, charges: Sequence[Charge], at: float) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            self._lost += 1
            return
        self._add(replace(line, limit=None) for line in _lines(charges, at))

    async def read(self, counters: Sequence[Counter], at: float) -> tuple[int, ...]:
        charges = [Charge(counter, 0) for counter in counters]
        return (await self._ask(_lines(charges, at))).counts

    async def names(self, beginning: str, window: Window, at: float) -> list[str]:
        if not self._answering or self._closing:
            raise self._no_answer()
        try:
            keys = await patiently(self._store.keys(_encodable(beginning)), _LISTING)
        except TimeoutError:
            raise self._no_answer() from None
        ending = f":{window}:{window.begins(at)}"
        return [key.removesuffix(ending) for key in keys if key.endswith(ending)]

    async def close(self) -> None:
        self._closing = True
        self._work.set()
        await asyncio.wait((self._task,), timeout=_CLOSING)
        self._task.cancel()
        await asyncio.wait((self._task,))
        self._let_go()
        await self._store.close()

    async def _ask(self, lines: tuple[Line, ...]) -> Taken:
        if not self._answering or self._closing:
            raise self._no_answer()
        answer: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Question(Item(lines), answer))
        self._work.set()
        patience = Patience(self._patience, lambda: self._give_up(answer))
        try:
            return await answer
        finally:
            patience.call_off()

    def _give_up(self, answer: asyncio.Future[Taken]) -> None:
        if not answer.done():
            self._timeouts += 1
            # The others need not wait: the answer, when it comes, says that the store is back.
            self._answering = False
            answer.set_exception(self._no_answer())

    def _no_answer(self) -> StoreError:
        self._unanswered += 1
        return StoreError(f"{self._store.place}: {self._failure}")

    async def _serve(self) -> None:
        failures = 0
        while True:
            try:
                await self._store.open()
                await self._probe()
                failures = 0
                await self._exchange_until_closed()
                return
            except StoreError as error:
                failures += 1
                self._failures += 1
                self._failure = str(error)
                self._let_go()
                if failures > 1:
                    self._report(False)
                await self._store.close()
                if self._closing:
                    return
                await asyncio.sleep(pause_after(failures))

    async def _probe(self) -> None:
        """See that the store can be written: it may be full, or a copy that is only read."""
        expires = int(time.time()) + _PROBED_FOR
        await self._store.exchange([Item((Line("probe", 1, None, expires),))])
        self._answering = True
        self._report(True)

    async def _exchange_until_closed(self) -> None:
        while True:
            while self._waiting:
                await self._exchange()
            if self._closing:
                return
            await self._work.wait()
            self._work.clear()

    async def _exchange(self) -> None:
        """Hand on what is waiting, in the order in which it came."""
        batch: list[_Question] = []
        while self._waiting and len(batch) < _AT_ONCE:
            question = self._waiting.popleft()
            if not question.is_given_up:
                batch.append(question)
        if not batch:
            return
        try:
            taken = await self._store.exchange([question.item for question in batch])
        except StoreError:
            self._put_back(batch)
            raise
        self._answering = True
        for question, outcome in zip(batch, taken, strict=True):
            if question.answer is not None and not question.answer.done():
                question.answer.set_result(outcome)
            elif question.answer is not None and outcome.granted:
                self._take_back(question.item.lines)

    def _put_back(self, batch: Sequence[_Question]) -> None:
        """Additions wait for the store, which knows by their ids whether they had arrived; who
        waits for an answer is about to hear that there is none."""
        self._waiting.extendleft(reversed(batch))

    def _take_back(self, lines: Iterable[Line]) -> None:
        self._add(replace(line, amount=-line.amount, limit=None) for line in lines)

    def _add(self, lines: Iterable[Line]) -> None:
        self._waiting.append(_Question(Item(tuple(lines), uuid4().hex), None))
        self._work.set()

    def _let_go(self) -> None:
        """Let nobody wait for a store that has failed."""
        self._answering = False
        waiting, self._waiting = self._waiting, deque()
        for question in waiting:
            if question.answer is None:
                self._waiting.append(question)
            elif not question.answer.done():
                question.answer.set_exception(self._no_answer())

    def _report(self, up: bool) -> None:
        if up is self._reported_up:
            return
        if up:
            _log.info("limits and budgets are counted in %s", self._store.place)
        else:
            _log.warning(
                "%s does not count (%s): %s", self._store.place, self._failure, self._consequence
            )
        self._reported_up = up


def _lines(charges: Sequence[Charge], at: float) -> tuple[Line, ...]:
    """What stores can hold, whatever clients call themselves and providers claim to have used."""
    return tuple(
        Line(
            f"{_encodable(charge.counter.name)}:{window}:{window.begins(at)}",
            max(-_LARGEST, min(charge.amount, _LARGEST)),
            charge.limit,
            window.ends(at) + _KEPT_AFTER_ITS_WINDOW,
        )
        for charge in charges
        for window in (charge.counter.window,)
    )


def _encodable(name: str) -> str:
    return name.encode(errors="backslashreplace").decode()


def _report_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("nothing is counted any more: the task that does it failed", exc_info=error)
