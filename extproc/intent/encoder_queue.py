"""Whose turn it is at the encoder: many requests, a few threads, and no request that holds one.

A request is a series of steps, each a few milliseconds, and goes back into the queue after every
step. Nothing waits longer than a step for a request that matters less, however many steps that one
has, and a request that is given up leaves nothing behind but the step that is under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, TypeVar

__all__ = ["PLACES", "EncoderQueue", "Lane", "QueueFullError"]

PLACES: Final = 128
"""How many requests a lane holds: about what a thread can serve before it is too late for them."""

T = TypeVar("T")


class Lane(IntEnum):
    """What goes first: nothing of a lane has a turn while something of an earlier one wants it."""

    CONFIGURED = 0
    """Conversations over the configured routes: a step each."""
    FIRST_STAGE = 1
    """Requests that have waited already, or are not to be encoded."""
    INLINE = 2
    """Conversations over routes that a request brought along: a step for each text of theirs."""


class QueueFullError(Exception):
    """The lane is full of requests that want no more steps than this one."""


@dataclass(slots=True, eq=False)
class _Request:
    lane: Lane
    number: int
    left: int
    turn: asyncio.Future[ThreadPoolExecutor] | None = None
    displaced: bool = False

    @property
    def rank(self) -> tuple[Lane, int, int]:
        return self.lane, self.left, self.number


class EncoderQueue:
    """Runs steps on threads, those of the request first that has the fewest left in its lane.

    So what is cheap does not wait for what is dear, and under more load than there are threads
    for, as many requests as possible are served to their end. Where a lane is full, the request
    with the most steps left gives its place to a newcomer that wants fewer.

    It belongs to one event loop at a time.
    """

    def __init__(self, threads: int = 1, places: int = PLACES) -> None:
        """
        Args:
            threads: how many steps run at once.
            places: how many requests each lane holds.
        """
        self._threads = threads
        self._places = places
        self._arrivals = 0
        self._requests: dict[Lane, set[_Request]] = {lane: set() for lane in Lane}
        self._open()

    async def run(
        self, lane: Lane, steps: Sequence[Callable[[], object]], last: Callable[[], T]
    ) -> T:
        """Run a request's steps, one after the other, each on a thread.

        Args:
            lane: which requests it waits for.
            steps: what comes before the last step.
            last: the last step.

        Returns:
            What the last step returned.

        Raises:
            QueueFullError: there is no place for the request, or another has taken it.
        """
        request = self._admitted(lane, len(steps) + 1)
        try:
            for step in steps:
                await self._step(request, step)
            return await self._step(request, last)
        finally:
            self._requests[lane].discard(request)
            self._give_turns()

    def waiting(self, lane: Lane) -> int:
        """How many requests have a place in a lane."""
        return len(self._requests[lane])

    def close(self) -> None:
        """Let the threads end after the steps that are under way; what comes later starts anew."""
        self._executor.shutdown(wait=False)
        self._open()
        self._give_turns()

    def _open(self) -> None:
        self._executor = ThreadPoolExecutor(self._threads, thread_name_prefix="encoder")
        self._free = self._threads

    def _admitted(self, lane: Lane, steps: int) -> _Request:
        held = self._requests[lane]
        if len(held) >= self._places:
            dearest = max(held, key=lambda request: request.rank)
            if dearest.left <= steps:
                raise QueueFullError(f"{len(held)} requests are before this one")
            self._displace(dearest)
        self._arrivals += 1
        request = _Request(lane, self._arrivals, steps)
        held.add(request)
        return request

    def _displace(self, request: _Request) -> None:
        self._requests[request.lane].discard(request)
        request.displaced = True
        if request.turn is not None and not request.turn.done():
            request.turn.set_exception(QueueFullError("requests that want less came after this"))

    async def _step(self, request: _Request, step: Callable[[], T]) -> T:
        if request.displaced:
            raise QueueFullError("requests that want less came after this")
        executor = await self._turn(request)
        running = asyncio.get_running_loop().run_in_executor(executor, step)
        try:
            return await asyncio.shield(running)
        finally:
            request.left -= 1
            if running.done():
                # The turn is given away only once this request can ask for its next one.
                self._put_back(executor)
            else:
                # A request that is given up does not stop the thread, which is taken until then.
                running.add_done_callback(lambda _: self._pass_on(executor))

    async def _turn(self, request: _Request) -> ThreadPoolExecutor:
        turn: asyncio.Future[ThreadPoolExecutor] = asyncio.get_running_loop().create_future()
        request.turn = turn
        self._give_turns()
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.exception() is None:
                self._put_back(turn.result())
            raise
        finally:
            request.turn = None

    def _pass_on(self, executor: ThreadPoolExecutor) -> None:
        self._put_back(executor)
        self._give_turns()

    def _put_back(self, executor: ThreadPoolExecutor) -> None:
        if executor is self._executor:
            self._free += 1

    def _give_turns(self) -> None:
        while self._free > 0:
            wanting = [
                (request.rank, request.turn)
                for held in self._requests.values()
                for request in held
                if request.turn is not None and not request.turn.done()
            ]
            if not wanting:
                return
            _, turn = min(wanting, key=lambda each: each[0])
            self._free -= 1
            turn.set_result(self._executor)
