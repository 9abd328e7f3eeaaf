"""One trace as the admin port tells it: from memory, else from where older ones are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from extproc.telemetry.receipt_json import trace_json
from extproc.telemetry.receipts import Receipts

__all__ = ["Older", "Traces"]

Older: TypeAlias = Callable[[str], Sequence[Mapping[str, Any]]]
"""Finds receipts that are not kept in memory any more, as JSON; it may take a while."""


class Traces:
    """Finds what is kept of a trace."""

    def __init__(self, receipts: Receipts, older: Older | None = None) -> None:
        """
        Args:
            receipts: those in memory.
            older: finds the others, None if there are none.
        """
        self._receipts = receipts
        self._older = older

    async def find(self, key: str) -> dict[str, Any]:
        """The newest receipt of a trace, or that of one request, with the trace's other requests.

        Args:
            key: the id of the trace, or of the request.

        Raises:
            HTTPException: 404; the message says what is kept.
        """
        found = self._receipts.find(key)
        if found:
            return trace_json(found)
        older = [] if self._older is None else await run_in_threadpool(self._older, key)
        if not older:
            raise HTTPException(404, self._not_found(key))
        others = [receipt["request_id"] for receipt in older[1:]]
        return {**older[0], "other_requests": others}

    def _not_found(self, key: str) -> str:
        most = self._receipts.kept
        if most == 0:
            return "no decisions are kept: dragoman.kept_decisions is 0"
        return (
            f"no decision of trace or request {key} is kept. Only the latest {most} are "
            f"(dragoman.kept_decisions), {len(self._receipts)} now; GET /decisions lists them. "
            "One of a moment ago may take a second to arrive."
        )
