"""One request in one line."""

from __future__ import annotations

from typing import Any

from extproc.core.records import Attempt, Completion
from extproc.telemetry.receipt_json import receipt_json
from extproc.telemetry.receipts import Receipts
from extproc.terminal.lines import line, time_of_day
from tests.helpers.telemetry_events import (
    CLAUDE,
    MINI,
    SNAPSHOT,
    TRACE,
    attempt,
    completion,
    decision,
    turned_away,
)


def shown(*events: Attempt | Completion, **decided: Any) -> list[str]:
    receipts = Receipts(1, lambda: SNAPSHOT)
    receipts.decided(decision(**decided))
    for event in events:
        if isinstance(event, Attempt):
            receipts.attempted(event)
        else:
            receipts.completed(event)
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
