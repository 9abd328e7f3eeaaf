"""Receipts: what was decided for a request, what was tried, how it ended and what it cost."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from extproc.core.guards import GuardReport
from extproc.core.records import Attempt, Completion, DecisionRecord
from extproc.ranking.snapshot import Snapshot
from extproc.telemetry.costs import attempt_cost
from extproc.telemetry.drafts import Draft, Drafts, Event
from extproc.telemetry.receipt import PricedAttempt, Receipt

__all__ = ["Receipts"]


class Receipts:
    """The receipts of the latest requests, joined from events that may come in any order.

    They are put together when somebody asks for them; ``revision`` counts their changes.
    """

    def __init__(
        self,
        kept: int,
        snapshot: Callable[[], Snapshot],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep nothing yet.

        Args:
            kept: how many receipts are kept, the oldest leaving first; 0 keeps none.
            snapshot: what is known now; attempts are priced by it when they are told of.
            clock: seconds that do not go backwards.
        """
        self.kept = kept
        self.revision = 0
        self._snapshot = snapshot
        self._latest: OrderedDict[str, Draft] = OrderedDict()
        self._changes: OrderedDict[str, int] = OrderedDict()
        self._traces: dict[str, dict[str, None]] = {}
        self._drafts = Drafts(clock)

    def __len__(self) -> int:
        return len(self._latest)

    def all(self) -> tuple[Receipt, ...]:
        """Every receipt that is kept or under way, the oldest first."""
        forgotten = [
            draft for key, draft in self._drafts.under_way.items() if key not in self._latest
        ]
        return tuple(draft.receipt() for draft in (*forgotten, *self._latest.values()))

    def inherit(self, receipts: Iterable[Receipt]) -> None:
        """Go on with these too, which are older than those that are kept already. Of those that
        have ended, nobody is told again."""
        own = [*self._latest.items()]
        earlier = [(each.decision.request_id, self._drafts.resumed(each)) for each in receipts]
        for remembered in (self._latest, self._changes, self._traces):
            remembered.clear()
        for request_id, draft in (*earlier, *own):
            self._remember(request_id, draft)

    def decided(self, record: DecisionRecord) -> None:
        """A worker decided; what was told of the request earlier joins."""
        self._remember(record.request_id, self._drafts.decided(record))

    def attempted(self, attempt: Attempt) -> PricedAttempt:
        """An attempt ended; returns it with what it cost."""
        entry = PricedAttempt(attempt, attempt_cost(attempt, self._snapshot()))
        self._join(attempt.request_id, entry)
        return entry

    def completed(self, completion: Completion) -> None:
        """A request ended."""
        self._join(completion.request_id, completion)

    def guarded(self, report: GuardReport) -> None:
        """Guards have looked at a request, or at its answer."""
        self._join(report.request_id, report)

    def take_finished(self, *, stragglers: bool = False) -> list[Receipt]:
        """The receipts of requests that have ended since this was last asked, each once, also of
        those that are no longer kept.

        Args:
            stragglers: take also those of which an attempt may be told yet.
        """
        return self._drafts.take_finished(stragglers=stragglers)

    def find(self, key: str) -> tuple[Receipt, ...]:
        """The receipts of a trace, the newest first.

        Args:
            key: the id of the trace, or of one request in it, which then comes first.
        """
        own = self._latest.get(key)
        trace_id = own.decision.trace_id if own else key.replace("-", "").lower()
        found = [self._latest[each] for each in reversed(self._traces.get(trace_id, {}))]
        # The sort is stable: all but the one that was asked for stay in their order.
        return tuple(each.receipt() for each in sorted(found, key=lambda each: each is not own))

    def latest(
        self,
        limit: int,
        *,
        route: str | None = None,
        model: str | None = None,
        trace_id: str | None = None,
    ) -> tuple[Receipt, ...]:
        """The newest receipts first, only those of a route, with a candidate or of a trace."""
        found = islice(self._matching(route, model, trace_id), limit)
        return tuple(draft.receipt() for draft in found)

    def changed_since(self, revision: int) -> Iterator[tuple[int, Receipt]]:
        """The receipts that have changed since a revision, each with that of its last change; the
        one that changed last comes first. Nothing may be told while they are gone through."""
        for request_id, changed_at in reversed(self._changes.items()):
            if changed_at <= revision:
                return
            yield changed_at, self._latest[request_id].receipt()

    def _matching(
        self, route: str | None, model: str | None, trace_id: str | None
    ) -> Iterator[Draft]:
        for draft in reversed(self._latest.values()):
            decision = draft.decision
            if (
                route in (None, decision.route)
                and trace_id in (None, decision.trace_id)
                and (model is None or any(each.model == model for each in decision.candidates))
            ):
                yield draft

    def _remember(self, request_id: str, draft: Draft) -> None:
        if not self.kept:
            return
        self._forget(request_id)
        self._latest[request_id] = draft
        self._changed(request_id)
        self._traces.setdefault(draft.decision.trace_id, {})[request_id] = None
        if len(self._latest) > self.kept:
            self._forget(next(iter(self._latest)))

    def _join(self, request_id: str, event: Event) -> None:
        self._drafts.add(request_id, event, self._latest.get(request_id))
        if request_id in self._latest:
            self._changed(request_id)

    def _changed(self, request_id: str) -> None:
        self.revision += 1
        self._changes[request_id] = self.revision
        self._changes.move_to_end(request_id)

    def _forget(self, request_id: str) -> None:
        draft = self._latest.pop(request_id, None)
        if draft is None:
            return
        del self._changes[request_id]
        trace_id = draft.decision.trace_id
        del self._traces[trace_id][request_id]
        if not self._traces[trace_id]:
            del self._traces[trace_id]
