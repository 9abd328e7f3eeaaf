"""Receipts: what was decided for a request, what was tried, how it ended and what it cost."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from extproc.core.records import Attempt, Completion, DecisionRecord, Usage
from extproc.ranking.snapshot import Snapshot
from extproc.telemetry.costs import attempt_cost, costs_something
from extproc.telemetry.event_buffer import EventBuffer

__all__ = ["PricedAttempt", "Receipt", "Receipts"]

_Number = TypeVar("_Number", int, float)

_PATIENCE = 30.0
"""Workers and Envoy tell within about a second; a worker's record that takes longer was lost."""

_EVENTS_PER_RECEIPT = 4
"""How many may wait for each receipt that is kept."""


@dataclass(frozen=True, slots=True)
class PricedAttempt:
    """An attempt and what it cost when it ended, in US dollars; None if that is not known."""

    attempt: Attempt
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that is known of one request; ``attempts`` are in the order in which they were made."""

    decision: DecisionRecord
    attempts: tuple[PricedAttempt, ...] = ()
    completion: Completion | None = None

    @property
    def answered_by(self) -> str | None:
        """The model whose answer the client got, None if there is none yet or nobody answered.

        Where every attempt failed, that is the last one: its status and body are the client's.
        """
        if self.completion is not None and self.completion.model is not None:
            return self.completion.model
        return next(
            (entry.attempt.model for entry in reversed(self.attempts) if entry.attempt.succeeded),
            None,
        )

    @property
    def cost_usd(self) -> float | None:
        """What all attempts cost together; None where any part of it is not known."""
        return self._total(lambda entry: entry.cost_usd)

    @property
    def usage(self) -> Usage:
        """What all attempts used together; a figure is None where any part of it is not known."""
        return Usage(
            self._total(lambda entry: entry.attempt.usage.input_tokens),
            self._total(lambda entry: entry.attempt.usage.output_tokens),
            self._total(lambda entry: entry.attempt.usage.cached_tokens),
        )

    def _total(self, figure: Callable[[PricedAttempt], _Number | None]) -> _Number | None:
        if self.completion is not None and self.completion.attempts > len(self.attempts):
            return None  # an attempt was not told of, and it may be the one that counts
        known: list[_Number] = []
        for entry in self.attempts:
            amount = figure(entry)
            if amount is not None:
                known.append(amount)
            elif costs_something(entry.attempt):
                return None
        return sum(known[1:], known[0]) if known else None

    def with_attempt(self, entry: PricedAttempt) -> Receipt:
        """The receipt with one more attempt; the same attempt told again takes its own place."""
        others = [other for other in self.attempts if other.attempt.number != entry.attempt.number]
        ordered = sorted([*others, entry], key=lambda each: each.attempt.number)
        return replace(self, attempts=tuple(ordered))


class Receipts:
    """The receipts of the latest requests, joined from events that may come in any order.

    ``revision`` counts their changes.
    """

    def __init__(
        self,
        kept: int,
        snapshot: Callable[[], Snapshot],
        *,
        patience: float = _PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep nothing yet.

        Args:
            kept: how many receipts are kept, the oldest leaving first; 0 keeps none.
            snapshot: what is known now; attempts are priced by it when they are told of.
            patience: how long attempts and completions wait for their decision, in seconds.
            clock: seconds that do not go backwards.
        """
        self.kept = kept
        self.revision = 0
        self._snapshot = snapshot
        self._receipts: OrderedDict[str, Receipt] = OrderedDict()
        self._changes: OrderedDict[str, int] = OrderedDict()
        self._traces: dict[str, dict[str, None]] = {}
        self._waiting: EventBuffer[PricedAttempt | Completion] = EventBuffer(
            kept * _EVENTS_PER_RECEIPT, patience, clock
        )

    def __len__(self) -> int:
        return len(self._receipts)

    def decided(self, record: DecisionRecord) -> None:
        """A worker decided; what was told of the request earlier joins."""
        self._forget(record.request_id)
        self._keep(record.request_id, Receipt(record))
        self._traces.setdefault(record.trace_id, {})[record.request_id] = None
        for event in self._waiting.take(record.request_id):
            self._join(record.request_id, event)
        while len(self._receipts) > self.kept:
            self._forget(next(iter(self._receipts)))

    def attempted(self, attempt: Attempt) -> None:
        """An attempt ended."""
        cost = attempt_cost(attempt, self._snapshot())
        self._join(attempt.request_id, PricedAttempt(attempt, cost))

    def completed(self, completion: Completion) -> None:
        """A request ended."""
        self._join(completion.request_id, completion)

    def find(self, key: str) -> tuple[Receipt, ...]:
        """The receipts of a trace, the newest first.

        Args:
            key: the id of the trace, or of one request in it, which then comes first.
        """
        own = self._receipts.get(key)
        trace_id = own.decision.trace_id if own else key.replace("-", "").lower()
        found = [self._receipts[each] for each in reversed(self._traces.get(trace_id, {}))]
        # The sort is stable: all but the one that was asked for stay in their order.
        return tuple(sorted(found, key=lambda receipt: receipt is not own))

    def latest(
        self,
        limit: int,
        *,
        route: str | None = None,
        model: str | None = None,
        trace_id: str | None = None,
    ) -> tuple[Receipt, ...]:
        """The newest receipts first, only those of a route, with a candidate or of a trace."""
        return tuple(islice(self._matching(route, model, trace_id), limit))

    def changed_since(self, revision: int) -> Iterator[tuple[int, Receipt]]:
        """The receipts that have changed since a revision, each with that of its last change; the
        one that changed last comes first. Nothing may be told while they are gone through."""
        for request_id, changed_at in reversed(self._changes.items()):
            if changed_at <= revision:
                return
            yield changed_at, self._receipts[request_id]

    def _matching(
        self, route: str | None, model: str | None, trace_id: str | None
    ) -> Iterator[Receipt]:
        for receipt in reversed(self._receipts.values()):
            decision = receipt.decision
            if (
                route in (None, decision.route)
                and trace_id in (None, decision.trace_id)
                and (model is None or any(each.model == model for each in decision.candidates))
            ):
                yield receipt

    def _join(self, request_id: str, event: PricedAttempt | Completion) -> None:
        receipt = self._receipts.get(request_id)
        if receipt is None:
            self._waiting.add(request_id, event)
        elif isinstance(event, Completion):
            self._keep(request_id, replace(receipt, completion=event))
        else:
            self._keep(request_id, receipt.with_attempt(event))

    def _keep(self, request_id: str, receipt: Receipt) -> None:
        self._receipts[request_id] = receipt
        self.revision += 1
        self._changes[request_id] = self.revision
        self._changes.move_to_end(request_id)

    def _forget(self, request_id: str) -> None:
        receipt = self._receipts.pop(request_id, None)
        if receipt is None:
            return
        del self._changes[request_id]
        trace_id = receipt.decision.trace_id
        del self._traces[trace_id][request_id]
        if not self._traces[trace_id]:
            del self._traces[trace_id]
