"""What has been told of requests that are under way: receipts in the making.

Workers tell decisions, Envoy tells attempts and ends of requests, and which of them arrives first
is chance. Once a request has ended and all its attempts were told of, its receipt is finished.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec.structs import replace

from extproc.core.guards import GuardReport, GuardVerdict
from extproc.core.records import Completion, DecisionRecord
from extproc.telemetry.event_buffer import EventBuffer
from extproc.telemetry.receipt import PricedAttempt, Receipt

__all__ = ["Draft", "Drafts", "Event"]

Event: TypeAlias = PricedAttempt | Completion | GuardReport

_PATIENCE = 30.0
"""Workers and Envoy tell within about a second; a worker's record that takes longer was lost."""
_MOST_EVENTS = 20_000
"""How many may wait for their requests' decisions."""
_STRAGGLING = 5.0
"""Seconds after the end of its request at which an attempt that was not told of was lost."""
_SHADOWED = 30.0
"""The same of a copy, which may take longer than its request."""
_MOST_UNDER_WAY = 20_000
_LONGEST_UNDER_WAY = 3600.0
"""Seconds. An Envoy that was killed tells of no end."""


@dataclass(slots=True)
class Draft:
    """What is known of one request so far; ``attempts`` are by their numbers, ``since`` is when it
    was first told of, in seconds of a steady clock. ``shadow`` is what became of its copy.
    ``decided`` is false where something stands in for a decision that nobody has made."""

    decision: DecisionRecord
    since: float
    attempts: dict[int, PricedAttempt] = field(default_factory=dict)
    completion: Completion | None = None
    guards: tuple[GuardVerdict, ...] = ()
    shadow: PricedAttempt | None = None
    decided: bool = True

    @property
    def is_complete(self) -> bool:
        """Whether nothing more is to be told."""
        copied = self.decision.shadow is None or self.shadow is not None
        return copied and self.is_answered

    @property
    def is_answered(self) -> bool:
        """Whether nothing more is to be told but what becomes of a copy."""
        return self.completion is not None and len(self.attempts) >= self.completion.attempts

    def add(self, event: Event) -> None:
        """Take in one event; the same attempt told again takes its own place."""
        if isinstance(event, Completion):
            self.completion = event
        elif isinstance(event, GuardReport):
            self.guards += event.verdicts
        elif event.attempt.is_shadow:
            self.shadow = event
        else:
            self.attempts[event.attempt.number] = event

    def receipt(self) -> Receipt:
        """The receipt, as far as it is known."""
        attempts = tuple(self.attempts[number] for number in sorted(self.attempts))
        receipt = Receipt(
            self.decision, attempts, self.completion, self.guards, self.shadow, self.decided
        )
        if self.completion is None or receipt.answered_by is not None:
            return receipt
        return replace(receipt, attempts=tuple(map(_lost_to_nobody, attempts)))


def _lost_to_nobody(entry: PricedAttempt) -> PricedAttempt:
    """An attempt of a request that nobody has answered. Where its client left, or its time ran out,
    Envoy gave the attempt up in the same words as one that lost to another."""
    if not entry.attempt.lost:
        return entry
    return replace(entry, attempt=replace(entry.attempt, lost=False))


class Drafts:
    """The requests under way, bounded in number and time."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        patience: float = _PATIENCE,
        most: int = _MOST_UNDER_WAY,
        most_events: int = _MOST_EVENTS,
    ) -> None:
        """
        Args:
            clock: seconds that do not go backwards.
            patience: how long attempts and completions wait for their decision, in seconds.
            most: how many requests may be under way; of more, the oldest are taken as they stand.
            most_events: how many attempts and completions may wait for their decision.
        """
        self._clock = clock
        self._most = most
        self._under_way: OrderedDict[str, Draft] = OrderedDict()
        self._stragglers: dict[str, float] = {}
        """Requests that have ended with attempts that were not told of, and since when."""
        self._ended: list[Draft] = []
        self._waiting: EventBuffer[Event] = EventBuffer(most_events, patience, clock)

    def __len__(self) -> int:
        """How many requests are under way."""
        return len(self._under_way)

    def decided(self, record: DecisionRecord) -> Draft:
        """A worker decided; what was told of the request earlier joins."""
        request_id = record.request_id
        draft = Draft(record, self._clock())
        for event in self._waiting.take(request_id):
            draft.add(event)
        self._under_way.pop(request_id, None)
        self._under_way[request_id] = draft
        self._see(request_id, draft)
        return draft

    @property
    def under_way(self) -> Mapping[str, Draft]:
        """The requests that have not ended, by their ids."""
        return self._under_way

    def resumed(self, receipt: Receipt) -> Draft:
        """Go on with a request that somebody else was told of; one that has ended is not ended once
        more."""
        if receipt.completion is not None:
            attempts = {entry.attempt.number: entry for entry in receipt.attempts}
            return Draft(
                receipt.decision,
                self._clock(),
                attempts,
                receipt.completion,
                receipt.guards,
                receipt.shadow,
                receipt.decided,
            )
        draft = self.decided(receipt.decision)
        draft.guards = receipt.guards
        for entry in (*receipt.attempts, *([receipt.shadow] if receipt.shadow else [])):
            self.add(receipt.decision.request_id, entry, draft)
        return draft

    def add(self, request_id: str, event: Event, ended: Draft | None = None) -> None:
        """An attempt or a request ended, or guards have looked at it.

        Args:
            request_id: of the request.
            event: what is told.
            ended: the request's draft where it is remembered although the request has ended.
        """
        draft = self._under_way.get(request_id)
        if draft is not None:
            draft.add(event)
            self._see(request_id, draft)
        elif ended is not None:
            ended.add(event)
        else:
            self._waiting.add(request_id, event)

    def take_finished(self, *, stragglers: bool = False) -> list[Receipt]:
        """The receipts of requests that have ended since this was last asked, each once.

        Args:
            stragglers: take also those of which an attempt may be told yet.
        """
        now = self._clock()
        for request_id in [*self._late(now, at_once=stragglers)]:
            self._end(request_id)
        ended, self._ended = self._ended, []
        return [draft.receipt() for draft in ended]

    def _see(self, request_id: str, draft: Draft) -> None:
        if draft.is_complete:
            self._end(request_id)
        elif draft.completion is not None:
            self._stragglers.setdefault(request_id, self._clock())

    def _patience_with(self, request_id: str) -> float:
        return _SHADOWED if self._under_way[request_id].is_answered else _STRAGGLING

    def _end(self, request_id: str) -> None:
        self._stragglers.pop(request_id, None)
        self._ended.append(self._under_way.pop(request_id))

    def _late(self, now: float, *, at_once: bool) -> Iterator[str]:
        """The requests that are not waited for any longer, or not at all."""
        late = dict.fromkeys(
            request_id
            for request_id, since in self._stragglers.items()
            if at_once or now - since >= self._patience_with(request_id)
        )
        excess = len(self._under_way) - self._most
        for number, (request_id, draft) in enumerate(self._under_way.items()):
            if number >= excess and now - draft.since <= _LONGEST_UNDER_WAY:
                break
            late[request_id] = None
        yield from late
