"""Receipts as they change, as server-sent events.

Nothing is queued for a reader: each is told, whenever it has taken what it was sent before, how the
receipts stand that have changed since. One that is slow sees fewer of the steps in between, and one
that is not there costs nothing. https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Final

from cachetools import LRUCache
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from extproc.telemetry.receipt import Receipt
from extproc.telemetry.receipt_json import receipt_json
from extproc.telemetry.receipts import Receipts

__all__ = ["MOST_AT_ONCE", "EventStreams"]

MOST_AT_ONCE: Final = 50
"""Receipts in one event: of more that have changed, the latest are told, the others counted."""
_STREAMS: Final = 16
_PERIOD: Final = 0.25
_SILENCE: Final = 15.0
_PATIENCE: Final = 30.0
_RETRY_AFTER: Final = "10"


class EventStreams:
    """Answers each reader with a stream of its own, so many readers at most.

    An event ``receipts`` holds ``{"skipped": 0, "receipts": [...]}``, the earliest change first:
    at first the latest receipts, as many as the reader asks for, then those that change.
    """

    def __init__(
        self,
        receipts: Receipts,
        *,
        streams: int = _STREAMS,
        period: float = _PERIOD,
        silence: float = _SILENCE,
        patience: float = _PATIENCE,
    ) -> None:
        """
        Args:
            receipts: what is told.
            streams: how many readers there may be at once.
            period: seconds between two events of a stream, at least.
            silence: seconds after which a stream says that it is still there.
            patience: seconds that a reader may take to take what it is sent.
        """
        self._receipts = receipts
        self._streams = streams
        self._period = period
        self._silence = silence
        self._patience = patience
        self._closing = asyncio.Event()
        self._told: LRUCache[str, tuple[int, str]] = LRUCache(4 * MOST_AT_ONCE)
        self.open = 0

    def close(self) -> None:
        """End all streams; their readers may come back to whoever serves next."""
        self._closing.set()

    def answer(self, latest: int) -> Response:
        """A stream.

        Args:
            latest: how many of the receipts that there are it begins with, 0 for none.

        Raises:
            HTTPException: there are as many readers as there may be.
        """
        if self.open >= self._streams:
            raise HTTPException(
                503,
                f"{self.open} readers follow this port already: close one of them",
                {"retry-after": _RETRY_AFTER},
            )
        return _EventStream(self._events(latest), self._patience, self._counted)

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1

    async def _events(self, latest: int) -> AsyncIterator[str]:
        seen = self._receipts.revision
        yield self._event(list(islice(self._receipts.changed_since(0), latest)), 0)
        silent = 0.0
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._period):
                    await self._closing.wait()
            if self._receipts.revision != seen:
                changes = self._receipts.changed_since(seen)
                seen = self._receipts.revision
                told = list(islice(changes, MOST_AT_ONCE))
                yield self._event(told, sum(1 for _ in changes))
                silent = 0.0
            elif (silent := silent + self._period) >= self._silence:
                yield ": still here\n\n"
                silent = 0.0

    def _event(self, latest_first: list[tuple[int, Receipt]], skipped: int) -> str:
        receipts = ",".join(self._json(*change) for change in reversed(latest_first))
        return f'event: receipts\ndata: {{"skipped":{skipped},"receipts":[{receipts}]}}\n\n'

    def _json(self, revision: int, receipt: Receipt) -> str:
        """Made once for all readers."""
        request_id = receipt.decision.request_id
        known = self._told.get(request_id)
        if known is None or known[0] != revision:
            # In ASCII: names hold what clients like, line ends of other alphabets included.
            known = revision, json.dumps(receipt_json(receipt), separators=(",", ":"))
            self._told[request_id] = known
        return known[1]


class _EventStream(StreamingResponse):
    """Ends where its reader is gone, or takes nothing for too long."""

    media_type = "text/event-stream"

    def __init__(
        self,
        events: AsyncIterator[str],
        patience: float,
        counted: Callable[[], AbstractContextManager[None]],
    ) -> None:
        super().__init__(events, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        self._patience = patience
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts from here on: many may ask before the first of them is sent anything."""
        if scope["method"] == "HEAD":
            await Response(headers=self.headers)(scope, receive, send)
            return
        with self._counted():
            await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        async def patiently(message: Message) -> None:
            async with asyncio.timeout(self._patience):
                await send(message)

        with contextlib.suppress(TimeoutError):
            await super().stream_response(patiently)
