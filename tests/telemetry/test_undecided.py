"""Requests that end undecided: which of them leave receipts, for how long, and what these say."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from extproc.core.models import Dialect
from extproc.core.records import Completion, Unserved
from extproc.telemetry.receipts import Receipts
from extproc.telemetry.undecided import AT_ONCE, kind_of, stand_in
from tests.helpers.set_clock import SetClock
from tests.helpers.telemetry_events import (
    NOW,
    REQUEST,
    SNAPSHOT,
    TRACE,
    attempt,
    completion,
    decision,
    turned_away,
)

KEPT = 200
"""Of those that are undecided, whatever is kept of the others."""


class Told:
    """Receipts, and the clock that they go by."""

    def __init__(self, kept: int = 1000) -> None:
        self.time = SetClock()
        self.receipts = Receipts(kept, lambda: SNAPSHOT, clock=self.time)
        self.taken: list[str] = []

    def told(self, *completions: Completion, after: float = 0.0) -> None:
        self.time.now += after
        for each in completions:
            self.receipts.completed(each)
        taken = self.receipts.take_undecided()
        self.taken += [receipt.decision.request_id for receipt in taken]

    def kept(self) -> list[str]:
        """The oldest first."""
        return [each.decision.request_id for each in self.receipts.all() if not each.decided]


def by_a_worker(request_id: str = REQUEST, details: str = "dragoman_reply") -> Completion:
    """Whether a worker has told of its decision is not known from its end."""
    return turned_away(request_id, 400, details)


def test_who_is_turned_away_at_the_door_leaves_a_receipt_at_once() -> None:
    told = Told()
    told.told(turned_away())
    assert told.taken == [REQUEST]
    (receipt,) = told.receipts.find(TRACE)
    assert receipt.completion == turned_away()
    assert (receipt.decided, receipt.attempts, receipt.decision.candidates) == (False, (), ())
    assert told.receipts.take_finished(stragglers=True) == []
    assert len(told.receipts) == 0


@pytest.mark.parametrize(
    "ended",
    [
        turned_away(details="direct_response"),
        turned_away(details="http1.codec_error", unserved=Unserved("", "", TRACE)),
        turned_away(details="missing_host_header"),
        turned_away(details="overload"),
    ],
    ids=lambda ended: ended.details,
)
def test_what_no_worker_was_asked_about_is_not_waited_for(ended: Completion) -> None:
    told = Told()
    told.told(ended)
    assert told.taken == [REQUEST]
    assert len(told.receipts._drafts._waiting) == 0


@pytest.mark.parametrize("details", ["http2.remote_reset", "http1.codec_error"])
def test_what_ends_behind_its_headers_may_have_been_decided(details: str) -> None:
    told = Told()
    told.told(turned_away(status=0, details=details))
    told.receipts.decided(decision())
    told.told(after=5)
    assert told.taken == []
    (receipt,) = told.receipts.find(TRACE)
    assert receipt.completion is not None


def test_a_decision_is_waited_for() -> None:
    told = Told()
    told.told(by_a_worker())
    told.told(after=1.9)
    assert told.kept() == told.taken == []
    told.told(after=0.1)
    assert told.kept() == told.taken == [REQUEST]
    told.told(after=60)
    assert told.taken == [REQUEST]


def test_at_the_end_nothing_is_waited_for() -> None:
    told = Told()
    told.told(by_a_worker())
    (receipt,) = told.receipts.take_undecided(stragglers=True)
    assert receipt.completion == by_a_worker()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_was_decided_and_refused_is_told_of_once(order: tuple[int, int]) -> None:
    told = Told()
    tell = (
        lambda: told.receipts.decided(decision(candidates=())),
        lambda: told.told(by_a_worker(details="dragoman_reply{limited}")),
    )
    for index in order:
        tell[index]()
    told.told(after=5)
    assert told.taken == []
    (receipt,) = told.receipts.find(TRACE)
    assert receipt.decided
    assert receipt.completion is not None
    assert len(told.receipts.take_finished()) == 1


def test_a_decision_that_comes_too_late_takes_the_place() -> None:
    told = Told()
    told.told(by_a_worker())
    told.told(after=2)
    told.receipts.decided(decision(candidates=()))
    (receipt,) = told.receipts.find(REQUEST)
    assert receipt.decided
    assert receipt.completion == by_a_worker()


@pytest.mark.parametrize("served", [completion(1), completion(0, None, 200), completion(3)])
def test_what_was_served_leaves_no_receipt_without_its_decision(served: Completion) -> None:
    told = Told()
    told.told(served)
    told.told(after=10)
    assert told.receipts.all() == ()
    with pytest.raises(ValueError, match="was served"):
        stand_in(served)


def test_a_flood_leaves_few_receipts_and_takes_no_room_of_decisions() -> None:
    told = Told(kept=100)
    for number in range(100):
        told.receipts.decided(decision(f"decided-{number}"))
    told.told(by_a_worker("before"))
    for second in range(10):
        flood = (turned_away(f"{second}-{number}") for number in range(1000))
        told.told(*flood, after=1)
    assert len(told.taken) == AT_ONCE + 9 + 1
    assert told.receipts.passed_over == 10_000 - AT_ONCE - 9
    assert len(told.receipts) == 100
    assert "before" in told.kept()
    assert len(told.receipts._drafts._waiting) == 1


def test_what_is_rare_outlives_what_is_frequent() -> None:
    told = Told()
    told.told(turned_away("rare", 403, "door{host}"))
    for second in range(2 * KEPT):
        told.told(turned_away(f"often-{second}"), after=1)
    assert len(told.kept()) == KEPT
    assert told.kept()[:2] == ["rare", f"often-{KEPT + 1}"]


def test_of_each_kind_as_many() -> None:
    told = Told()
    for number in range(50):
        told.told(turned_away(f"{number}-a"), turned_away(f"{number}-b", 404, "direct_response"))
    assert len(told.taken) == 2 * AT_ONCE


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        ("dragoman_reply{model_not_found}", "dragoman_reply{model_not_found}"),
        ("door{origin}", "door{origin}"),
        (
            "ext_proc_error_gRPC_error_14{upstream connect error, address 7}",
            "ext_proc_error_gRPC_error_14",
        ),
    ],
)
def test_what_makes_requests_alike(details: str, kind: str) -> None:
    """What Envoy quotes of others makes no kind of its own."""
    assert kind_of(turned_away(details=details, limit="mine")) == (401, kind, "mine")


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_no_more_are_kept_than_of_decisions(kept: int) -> None:
    told = Told(kept)
    told.told(*(turned_away(str(number)) for number in range(5)))
    assert len(told.taken) == 5
    assert len(told.kept()) == kept


def test_the_latest_are_in_one_order_with_decisions() -> None:
    told = Told()
    told.receipts.decided(decision("first", at=NOW))
    told.receipts.decided(decision("third", at=NOW + 20))
    told.told(turned_away("second", at=NOW + 10), turned_away("fourth", at=NOW + 30))
    newest = [receipt.decision.request_id for receipt in told.receipts.latest(3)]
    assert newest == ["fourth", "third", "second"]
    changed = [receipt.decision.request_id for _, receipt in told.receipts.changed_since(0)]
    assert changed == ["fourth", "second", "third", "first"]
    assert [each.decision.request_id for each in told.receipts.find("second")][:2] == [
        "second",
        "fourth",
    ]
    assert told.receipts.latest(9, route="code")[0].decision.request_id == "third"


def test_they_are_inherited() -> None:
    before, heir = Told(), Told()
    before.receipts.decided(decision("decided"))
    before.receipts.attempted(attempt(request_id="decided"))
    before.told(turned_away())
    heir.receipts.inherit(before.receipts.all())
    assert heir.receipts.all() == before.receipts.all()
    assert heir.receipts.take_undecided(stragglers=True) == []
    assert heir.receipts.take_finished(stragglers=True) == []


def test_what_stands_in_for_a_decision() -> None:
    record = stand_in(turned_away(at=NOW, duration=0.5))
    assert (record.request_id, record.trace_id, record.at) == (REQUEST, TRACE, NOW + 0.5)
    assert (record.dialect, record.requested_model, record.forwarded) == (Dialect.CHAT, None, None)
    assert not record.decision_only


def test_which_model_is_not_found() -> None:
    asked = Unserved("POST", "/v1/chat/completions", TRACE, requested_model="gpt-99")
    assert stand_in(turned_away(unserved=asked)).requested_model == "gpt-99"


@pytest.mark.parametrize(
    ("path", "dialect", "forwarded", "decision_only"),
    [
        ("/v1/files", None, "/v1/files", False),
        ("/routing/v1/messages", Dialect.MESSAGES, None, True),
        ("/routing", None, "/routing", False),
    ],
)
def test_what_its_path_tells(
    path: str, dialect: Dialect | None, forwarded: str | None, *, decision_only: bool
) -> None:
    ended = replace(turned_away(dialect=dialect), unserved=Unserved("POST", path, TRACE))
    record = stand_in(ended)
    assert (record.dialect, record.forwarded) == (dialect, forwarded)
    assert record.decision_only is decision_only
