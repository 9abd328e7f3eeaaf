"""Requests that are remembered, found by their ids and their traces, and by when they changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from extproc.telemetry.drafts import Draft

__all__ = ["Kept"]


class Kept:
    """Drafts in the order in which they came."""

    def __init__(self, revision: Callable[[], int]) -> None:
        """
        Args:
            revision: gives every change a number, which is higher than the one before.
        """
        self._revision = revision
        self._latest: OrderedDict[str, Draft] = OrderedDict()
        self._changes: OrderedDict[str, int] = OrderedDict()
        self._traces: dict[str, dict[str, None]] = {}

    def __len__(self) -> int:
        return len(self._latest)

    def __contains__(self, request_id: str) -> bool:
        return request_id in self._latest

    def get(self, request_id: str) -> Draft | None:
        """The draft of a request."""
        return self._latest.get(request_id)

    def oldest_first(self) -> Iterable[Draft]:
        """All of them."""
        return self._latest.values()

    def newest_first(self) -> Iterator[Draft]:
        """All of them."""
        return reversed(self._latest.values())

    def of_trace(self, trace_id: str) -> list[Draft]:
        """Those of a trace, the newest first."""
        return [self._latest[each] for each in reversed(self._traces.get(trace_id, {}))]

    def put(self, draft: Draft) -> None:
        """Keep one, as the newest."""
        request_id, trace_id = draft.decision.request_id, draft.decision.trace_id
        self.forget(request_id)
        self._latest[request_id] = draft
        self._traces.setdefault(trace_id, {})[request_id] = None
        self.changed(request_id)

    def changed(self, request_id: str) -> None:
        """One that is kept has changed."""
        self._changes[request_id] = self._revision()
        self._changes.move_to_end(request_id)

    def changed_since(self, revision: int) -> Iterator[tuple[int, Draft]]:
        """Those that have changed since a revision, each with that of its last change; the one that
        changed last comes first."""
        for request_id, changed_at in reversed(self._changes.items()):
            if changed_at <= revision:
                return
            yield changed_at, self._latest[request_id]

    def forget(self, request_id: str) -> None:
        """Keep it no longer, if it was kept."""
        draft = self._latest.pop(request_id, None)
        if draft is None:
            return
        del self._changes[request_id]
        trace_id = draft.decision.trace_id
        del self._traces[trace_id][request_id]
        if not self._traces[trace_id]:
            del self._traces[trace_id]

    def clear(self) -> None:
        """Keep none of them."""
        for remembered in (self._latest, self._changes, self._traces):
            remembered.clear()
