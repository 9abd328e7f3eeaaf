"""Receipts: what was decided for a request, what was tried, how it ended and what it cost."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from itertools import islice
from typing import Final

from extproc.core.guards import GuardReport
from extproc.core.records import Attempt, Completion, DecisionRecord
from extproc.ranking.snapshot import Snapshot
from extproc.telemetry.costs import attempt_cost
from extproc.telemetry.drafts import Draft, Drafts, Event
from extproc.telemetry.kept import Kept
from extproc.telemetry.receipt import PricedAttempt, Receipt
from extproc.telemetry.undecided import Kind, Selection, kind_of, never_decided, stand_in

__all__ = ["Receipts"]

_MOST_UNDECIDED: Final = 200
"""They take no room of those that were decided."""


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
            kept: how many receipts of decided requests are kept, the oldest leaving first; 0 keeps
                none at all.
            snapshot: what is known now; attempts are priced by it when they are told of.
            clock: seconds that do not go backwards.
        """
        self.kept = kept
        self.revision = 0
        self._snapshot = snapshot
        self._clock = clock
        self._decided = Kept(self._next_revision)
        self._undecided = Kept(self._next_revision)
        self._selection = Selection(clock)
        self._drafts = Drafts(clock)

    def __len__(self) -> int:
        """How many decided requests are kept."""
        return len(self._decided)

    @property
    def passed_over(self) -> int:
        """How many requests ended undecided without leaving a receipt: there were too many of them
        that were alike."""
        return self._selection.passed_over

    def all(self) -> tuple[Receipt, ...]:
        """Every receipt that is kept or under way, of either kind the oldest first."""
        forgotten = [
            draft for key, draft in self._drafts.under_way.items() if key not in self._decided
        ]
        kept = (*self._undecided.oldest_first(), *self._decided.oldest_first())
        return tuple(draft.receipt() for draft in (*forgotten, *kept))

    def inherit(self, receipts: Iterable[Receipt]) -> None:
        """Go on with these too, which are older than those that are kept already. Of those that
        have ended, nobody is told again."""
        own = [*self._undecided.oldest_first(), *self._decided.oldest_first()]
        earlier = [self._drafts.resumed(each) for each in receipts]
        self._undecided.clear()
        self._decided.clear()
        for draft in (*earlier, *own):
            self._remember(draft)

    def decided(self, record: DecisionRecord) -> None:
        """A worker decided; what was told of the request earlier joins."""
        self._selection.decided(record.request_id)
        self._undecided.forget(record.request_id)
        self._remember(self._drafts.decided(record))

    def attempted(self, attempt: Attempt) -> PricedAttempt:
        """An attempt ended; returns it with what it cost."""
        entry = PricedAttempt(attempt, attempt_cost(attempt, self._snapshot()))
        self._join(attempt.request_id, entry)
        return entry

    def completed(self, completion: Completion) -> None:
        """A request ended."""
        request_id = completion.request_id
        if completion.unserved is not None and not self._is_decided(request_id):
            self._selection.ended(completion)
            if never_decided(completion):
                return
        self._join(request_id, completion)

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

    def take_undecided(self, *, stragglers: bool = False) -> list[Receipt]:
        """The receipts of requests that are now known to have ended undecided, each once: of many
        that are alike, only some. From now on they are kept.

        Args:
            stragglers: take also those whose decision may be told yet.
        """
        drafts = [
            Draft(stand_in(each), self._clock(), completion=each, decided=False)
            for each in self._selection.take(at_once=stragglers)
        ]
        for draft in drafts:
            self._remember(draft)
        return [draft.receipt() for draft in drafts]

    def find(self, key: str) -> tuple[Receipt, ...]:
        """The receipts of a trace, the newest first.

        Args:
            key: the id of the trace, or of one request in it, which then comes first.
        """
        own = self._decided.get(key) or self._undecided.get(key)
        trace_id = own.decision.trace_id if own else key.replace("-", "").lower()
        found = (*self._decided.of_trace(trace_id), *self._undecided.of_trace(trace_id))
        # The sort is stable: what came at one time stays in its order.
        ordered = sorted(found, key=lambda each: (each is not own, -each.decision.at))
        return tuple(each.receipt() for each in ordered)

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
        changes = (each.changed_since(revision) for each in (self._decided, self._undecided))
        for changed_at, draft in merge(*changes, key=lambda change: -change[0]):
            yield changed_at, draft.receipt()

    def _matching(
        self, route: str | None, model: str | None, trace_id: str | None
    ) -> Iterator[Draft]:
        newest = (each.newest_first() for each in (self._decided, self._undecided))
        for draft in merge(*newest, key=lambda draft: -draft.decision.at):
            decision = draft.decision
            if (
                route in (None, decision.route)
                and trace_id in (None, decision.trace_id)
                and (model is None or any(each.model == model for each in decision.candidates))
            ):
                yield draft

    def _remember(self, draft: Draft) -> None:
        if not self.kept:
            return
        if not draft.decided:
            self._undecided.put(draft)
            if len(self._undecided) > min(self.kept, _MOST_UNDECIDED):
                self._undecided.forget(_least_missed(self._undecided))
            return
        self._decided.put(draft)
        if len(self._decided) > self.kept:
            oldest = next(iter(self._decided.oldest_first()))
            self._decided.forget(oldest.decision.request_id)

    def _is_decided(self, request_id: str) -> bool:
        return request_id in self._drafts.under_way or request_id in self._decided

    def _join(self, request_id: str, event: Event) -> None:
        self._drafts.add(request_id, event, self._decided.get(request_id))
        if request_id in self._decided:
            self._decided.changed(request_id)

    def _next_revision(self) -> int:
        self.revision += 1
        return self.revision


def _least_missed(undecided: Kept) -> str:
    """The id of the oldest request of the kind that there are the most of."""
    ids: dict[Kind, str] = {}
    counts: Counter[Kind] = Counter()
    for draft in undecided.oldest_first():
        if draft.completion is not None:
            kind = kind_of(draft.completion)
            counts[kind] += 1
            ids.setdefault(kind, draft.decision.request_id)
    ((kind, _),) = counts.most_common(1)
    return ids[kind]
