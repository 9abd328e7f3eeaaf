"""Receipts as the admin port tells them: from memory, else from where older ones are kept."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from extproc.telemetry.receipt_json import receipt_json, trace_json
from extproc.telemetry.receipts import Receipts

__all__ = ["Older", "Traces"]


class Older(Protocol):
    """Has receipts that are not kept in memory any more, as JSON; to look may take a while."""

    def find(self, key: str) -> Sequence[Mapping[str, Any]]:
        """The receipts of a trace, the newest first; of a request's id, that request's first."""

    def latest(
        self,
        limit: int,
        known: Container[str],
        *,
        route: str | None = None,
        model: str | None = None,
        trace_id: str | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        """The newest receipts first, without those of requests whose ids are known; only those of a
        route, with a candidate or of a trace."""


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

    @property
    def kept(self) -> int:
        """How many decided requests are in memory."""
        return len(self._receipts)

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
        older = [] if self._older is None else await run_in_threadpool(self._older.find, key)
        if not older:
            raise HTTPException(404, self._not_found(key))
        others = [receipt["request_id"] for receipt in older[1:]]
        return {**older[0], "other_requests": others}

    async def latest(self, limit: int, **chosen: str) -> list[Mapping[str, Any]]:
        """The newest receipts first, those in memory and then older ones.

        Args:
            limit: how many there may be.
            chosen: of which ``route``, ``model`` or ``trace_id`` they are.
        """
        found: list[Mapping[str, Any]] = [
            receipt_json(receipt) for receipt in self._receipts.latest(limit, **chosen)
        ]
        lacking = limit - len(found)
        if self._older is None or not lacking:
            return found
        known = frozenset(receipt["request_id"] for receipt in found)
        return [
            *found,
            *await run_in_threadpool(self._older.latest, lacking, known, **chosen),
        ]

    def _not_found(self, key: str) -> str:
        most = self._receipts.kept
        if most == 0:
            return "no decisions are kept: dragoman.kept_decisions is 0"
        return (
            f"no decision of trace or request {key} is kept. Only the latest {most} are "
            f"(dragoman.kept_decisions), {len(self._receipts)} now; dragoman logs and "
            "GET /decisions list them. One of a moment ago may take a second to arrive."
            f"{self._passed_over()}"
        )

    def _passed_over(self) -> str:
        if not (count := self._receipts.passed_over):
            return ""
        return (
            f" {count} that ended before they were decided left none, for there were many alike: "
            "Envoy's log has them."
        )
