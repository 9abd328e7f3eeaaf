"""One request in one line."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.guards import GuardReport, GuardVerdict, Side, Verdict
from extproc.core.records import Attempt, Completion, Skipped
from extproc.telemetry.receipt_json import receipt_json
from extproc.telemetry.receipts import Receipts
from extproc.terminal.lines import line, time_of_day
from tests.helpers.telemetry_events import (
    CLAUDE,
    MINI,
    REQUEST,
    SNAPSHOT,
    TRACE,
    attempt,
    completion,
    decision,
    turned_away,
)


def shown(*events: Attempt | Completion | GuardVerdict, **decided: Any) -> list[str]:
    receipts = Receipts(1, lambda: SNAPSHOT)
    receipts.decided(decision(**decided))
    for event in events:
        match event:
            case Attempt():
                receipts.attempted(event)
            case Completion():
                receipts.completed(event)
            case GuardVerdict():
                receipts.guarded(GuardReport(REQUEST, (event,)))
    ((_, receipt),) = receipts.changed_since(0)
    return line(receipt_json(receipt)).plain.split("  ")[1:]


def test_an_answer_after_a_failure() -> None:
    assert shown(attempt(1, CLAUDE, 429), attempt(2, MINI), completion(2)) == [
        "200",
        "code 0.41",
        f"{CLAUDE} 429 → {MINI}",
        "1750 ms",
        "1000 in (400 cached), 200 out",
        "$0.00024",
        TRACE,
    ]


def test_what_is_not_known_is_named() -> None:
    unknown = attempt(1, MINI, 400)
    assert shown(unknown, completion(1))[4:6] == ["tokens unknown", "cost unknown"]


def test_a_request_that_goes_on() -> None:
    assert shown()[:3] == ["under way", "code 0.41", f"({MINI})"]


def test_the_decision_alone() -> None:
    assert shown(decision_only=True) == ["decision", "code 0.41", f"({MINI})", TRACE]


def test_no_route() -> None:
    assert shown(route=None, score=None, candidates=())[1:3] == ["no route", "(no candidate)"]


@pytest.mark.parametrize(
    ("side", "verdict", "status", "why"),
    [
        (Side.INPUT, Verdict.BLOCKED, 400, "The guard g blocked the request (personal_data)"),
        (Side.OUTPUT, Verdict.BLOCKED, 400, "The guard g blocked the answer (personal_data)"),
        (Side.OUTPUT, Verdict.FAILED, 503, "The guard g failed at the answer (personal_data)"),
    ],
)
def test_a_guard_says_why(side: Side, verdict: Verdict, status: int, why: str) -> None:
    told = GuardVerdict("g", side, verdict, "personal_data", 0.001)
    candidates = () if side is Side.INPUT else decision().candidates
    assert shown(told, completion(0, None, status), candidates=candidates)[2] == why


def test_a_guard_that_failed_at_an_answer_that_is_under_way_says_nothing_yet() -> None:
    failed = GuardVerdict("g", Side.OUTPUT, Verdict.FAILED, "timeout", 0.001)
    assert shown(attempt(1, MINI), failed)[2:4] == [MINI, "unknown"]


def test_what_bars_every_model_says_why() -> None:
    skipped = (
        Skipped(MINI, "limited", "the rate limit 'm' is used up"),
        Skipped(CLAUDE, "budget", "the budget 'b' is used up"),
    )
    assert shown(completion(0, None, 429), candidates=(), skipped=skipped)[2] == (
        f"{MINI}: the rate limit 'm' is used up; {CLAUDE}: the budget 'b' is used up"
    )


def test_a_limit_that_is_used_up_says_so() -> None:
    refused = completion(0, None, 429, limit="teams")
    assert shown(refused)[:3] == ["429", "code 0.41", "The rate limit teams is used up"]


def test_a_model_that_is_asked_hides_what_was_skipped() -> None:
    skipped = (Skipped(CLAUDE, "limited", "the rate limit 'm' is used up"),)
    assert shown(attempt(1, MINI), completion(1), skipped=skipped)[2:4] == [MINI, "1750 ms"]


def test_what_is_forwarded() -> None:
    assert shown(forwarded="/v1/embeddings")[1] == "/v1/embeddings"


def test_a_client_that_left() -> None:
    assert shown(completion(0, None, 0))[0] == "client gone"


def test_the_time_has_milliseconds() -> None:
    assert time_of_day("2027-01-15T08:00:00.250+00:00").endswith(":00.250")


def test_what_nobody_decided() -> None:
    receipts = Receipts(1, lambda: SNAPSHOT)
    receipts.completed(turned_away())
    (undecided,) = receipts.take_undecided()
    assert line(receipt_json(undecided)).plain.split("  ")[1:] == [
        "401",
        "POST /v1/chat/completions",
        "It brought none of the API keys that open this listener (listeners[].api_keys)",
        "250 ms",
        TRACE,
    ]
