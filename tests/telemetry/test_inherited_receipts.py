"""Receipts that an observer goes on with: each ends once, and is found as before."""

from __future__ import annotations

import pytest

from extproc.telemetry.receipts import Receipts
from tests.helpers.telemetry_events import SNAPSHOT, attempt, completion, decision


def receipts(kept: int = 10) -> Receipts:
    return Receipts(kept, lambda: SNAPSHOT, clock=lambda: 0.0)


def ids(found: Receipts) -> list[str]:
    return [receipt.decision.request_id for receipt in found.all()]


@pytest.mark.parametrize("kept", [0, 10])
def test_a_request_under_way_ends_at_the_heir(kept: int) -> None:
    before, heir = receipts(kept), receipts(kept)
    before.decided(decision())
    before.attempted(attempt(1, status=503))
    heir.attempted(attempt(2))
    heir.inherit(before.all())
    assert heir.take_finished() == []
    heir.completed(completion(2))
    (finished,) = heir.take_finished()
    assert [entry.attempt.number for entry in finished.attempts] == [1, 2]
    assert heir.take_finished() == []


def test_one_that_has_ended_does_not_end_again() -> None:
    before, heir = receipts(), receipts()
    before.decided(decision())
    before.attempted(attempt(1))
    before.completed(completion())
    assert len(before.take_finished()) == 1
    heir.inherit(before.all())
    assert heir.take_finished(stragglers=True) == []
    assert heir.all() == before.all()
    assert heir.find(decision().trace_id) == before.all()


def test_the_oldest_leave_first() -> None:
    before, heir = receipts(), receipts(3)
    for number in range(3):
        before.decided(decision(request_id=f"before-{number}"))
    heir.decided(decision(request_id="here"))
    heir.inherit(before.all())
    assert ids(heir)[-3:] == ["before-1", "before-2", "here"]
