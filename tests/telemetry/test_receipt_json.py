"""A receipt as JSON: exact, and as its page describes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from extproc.core.budgets import Reservation
from extproc.core.guards import Findings, GuardReport, GuardVerdict, Side, Verdict
from extproc.core.records import Ranked, Skipped
from extproc.core.requirements import Ineligible
from extproc.core.routes import CostBasis, Preference
from extproc.core.switching import Switch, SwitchReason
from extproc.core.usage import Usage
from extproc.core.windows import Window
from extproc.telemetry.receipt import PricedAttempt, Receipt
from extproc.telemetry.receipt_json import receipt_json, trace_json
from extproc.telemetry.receipts import Receipts
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    MINI_COST,
    NOW,
    REQUEST,
    SNAPSHOT,
    TRACE,
    attempt,
    completion,
    decision,
    turned_away,
)

USED = {"input_tokens": 1000, "output_tokens": 200, "cached_tokens": 400}
NOTHING_TOLD = dict.fromkeys(
    (
        *USED,
        "cache_write_tokens",
        "cache_write_1h_tokens",
        "reasoning_tokens",
        "input_audio_tokens",
        "output_audio_tokens",
    )
)
PAGE = (Path(__file__).parents[2] / "docs" / "receipts.md").read_text(encoding="utf-8")
FIELDS = re.findall(r"^\| `([\w\[\].]+)` \|", PAGE.partition("## Fields")[2], re.MULTILINE)


SKIPPED = Skipped("openai/tts", "skipped:n", "n: messages has one answer")


LOOKED = GuardVerdict(
    "secrets", Side.INPUT, Verdict.CHANGED, None, 0.0025, Findings({"email": 2}, score=0.5)
)
RESERVED = Reservation("teams", "red", Window.DAY, NOW, 2_500_000, (MINI,))
SWITCH = Switch(
    LARGE, MINI, False, SwitchReason.OVER_BUDGET, cost=0.47, stayed=0.03, counterfactual=0.5
)


def kept() -> Receipts:
    receipts = Receipts(10, lambda: SNAPSHOT)
    receipts.decided(decision("earlier"))
    receipts.decided(
        decision(
            session_id="s1",
            skipped=(SKIPPED,),
            reservations=(RESERVED,),
            diverted_to="code",
            switch=SWITCH,
        )
    )
    lost = ("dropped:seed", "clamped:temperature")
    receipts.guarded(GuardReport(REQUEST, (LOOKED,)))
    receipts.attempted(attempt(1, CLAUDE, 429, retry_after=30.0, flags="-", translation=lost))
    receipts.attempted(attempt(2, MINI))
    receipts.completed(completion(2))
    return receipts


def fields(value: Any, path: str = "") -> Iterator[str]:
    """The paths of everything in a document, as the page writes them."""
    if isinstance(value, dict):
        for key, item in value.items():
            inner = f"{path}.{key}" if path else key
            yield inner
            yield from fields(item, inner)
    elif isinstance(value, list):
        for item in value:
            yield from fields(item, f"{path}[]")


def test_the_page_describes_every_field_and_no_other() -> None:
    found = dict.fromkeys(fields(trace_json(kept().find(TRACE))))
    groups = {"policy", "usage", "attempts[].usage"}  # only their members have a line
    assert [field for field in found if field not in groups] == FIELDS


def test_a_receipt() -> None:
    assert trace_json(kept().find(TRACE)) == {
        "trace_id": TRACE,
        "request_id": REQUEST,
        "at": "2027-01-15T08:00:00.000+00:00",
        "received_at": "2027-01-15T08:00:09.000+00:00",
        "config": None,
        "decided": True,
        "method": None,
        "path": None,
        "dialect": "chat",
        "requested_model": LARGE,
        "route": "code",
        "took_the_rest": False,
        "score": 0.41,
        "runner_up": {"route": "chat", "score": 0.22},
        "others": [],
        "classifier": "embedded",
        "fallback": None,
        "failure": None,
        "unfit": False,
        "policy": {"prefer": "cheapest", "cost_basis": "total"},
        "snapshot": 7,
        "pinned": False,
        "switch": {
            "session_model": LARGE,
            "candidate": MINI,
            "switched": False,
            "reason": "over_cap",
            "cost_usd": 0.47,
            "spent_usd": 0.0,
            "stayed_usd": 0.03,
            "counterfactual_usd": 0.5,
        },
        "tenant": None,
        "session_id": "s1",
        "streamed": False,
        "decision_only": False,
        "forwarded": None,
        "decision_ms": 2.1,
        "classification_ms": 1.4,
        "hedge_after_ms": None,
        "candidates": [
            {
                "model": MINI,
                "ranked_by": {"value": 0.75, "unit": "usd_per_million", "age_s": 120.0},
                "cooldown": None,
                "explored": False,
                "drawn": False,
                "reluctant": None,
                "ineligible": None,
            },
            {
                "model": LARGE,
                "ranked_by": {"value": 12.5, "unit": "usd_per_million", "age_s": 120.0},
                "cooldown": None,
                "explored": False,
                "drawn": False,
                "reluctant": None,
                "ineligible": None,
            },
            {
                "model": CLAUDE,
                "ranked_by": None,
                "cooldown": "retry_after",
                "explored": False,
                "drawn": False,
                "reluctant": None,
                "ineligible": None,
            },
        ],
        "skipped": [
            {"model": "openai/tts", "code": "skipped:n", "reason": "n: messages has one answer"}
        ],
        "diverted": {"from": "code", "to": "code"},
        "guards": [
            {
                "guard": "secrets",
                "side": "input",
                "verdict": "changed",
                "reason": None,
                "ms": 2.5,
                "found": [{"kind": "email", "count": 2}],
                "score": 0.5,
            }
        ],
        "budgets": [{"budget": "teams", "reserved_usd": 0.0025, "models": [MINI]}],
        "attempts": [
            {
                "number": 1,
                "model": CLAUDE,
                "at": "2027-01-15T08:00:01.000+00:00",
                "status": 429,
                "first_byte_ms": 250.0,
                "duration_ms": 1500.0,
                "details": "via_upstream",
                "flags": "-",
                "limit": None,
                "stream_end": None,
                "usage": NOTHING_TOLD,
                "cost_usd": None,
                "retry_after_s": 30.0,
                "translation": ["dropped:seed", "clamped:temperature"],
                "lost": False,
            },
            {
                "number": 2,
                "model": MINI,
                "at": "2027-01-15T08:00:02.000+00:00",
                "status": 200,
                "first_byte_ms": 250.0,
                "duration_ms": 1500.0,
                "details": "via_upstream",
                "flags": "",
                "limit": None,
                "stream_end": None,
                "usage": NOTHING_TOLD | USED,
                "cost_usd": round(MINI_COST, 12),
                "retry_after_s": None,
                "translation": [],
                "lost": False,
            },
        ],
        "shadow": None,
        "attempts_made": 2,
        "status": 200,
        "duration_ms": 1750.0,
        "details": "via_upstream",
        "flags": "",
        "limit": None,
        "answered_by": MINI,
        "usage": NOTHING_TOLD | USED,
        "cost_usd": round(MINI_COST, 12),
        "other_requests": ["earlier"],
    }


def test_why_a_candidate_went_behind() -> None:
    record = decision(candidates=(Ranked(MINI, ineligible=Ineligible.IMAGES),))
    assert receipt_json(Receipt(record))["candidates"][0]["ineligible"] == "images"


def test_why_a_candidate_is_translated_only_where_no_other_serves() -> None:
    record = decision(candidates=(Ranked(MINI, drawn=True),))
    assert receipt_json(Receipt(record))["candidates"][0]["drawn"] is True
    record = decision(candidates=(Ranked(MINI, reluctant="dropped:effort"),))
    assert receipt_json(Receipt(record))["candidates"][0]["reluctant"] == "dropped:effort"


def test_a_route_none_of_whose_models_could_be_asked() -> None:
    assert receipt_json(Receipt(decision(skipped=(SKIPPED,), unfit=True)))["unfit"] is True


def test_what_has_not_happened_is_null() -> None:
    shown = receipt_json(Receipt(decision(runner_up=None, classifier="")))
    assert shown["attempts"] == []
    unknown = ("runner_up", "classifier", "status", "duration_ms", "answered_by", "cost_usd")
    assert [shown[field] for field in unknown] == [None] * len(unknown)
    assert set(shown["usage"].values()) == {None}


@pytest.mark.parametrize(
    ("prefer", "basis", "unit"),
    [
        (Preference.CHEAPEST, CostBasis.TOTAL, "usd_per_million"),
        (Preference.CHEAPEST, CostBasis.REQUEST, "usd"),
        (Preference.FASTEST, CostBasis.TOTAL, "seconds"),
    ],
)
def test_a_number_has_its_unit(prefer: Preference, basis: CostBasis, unit: str) -> None:
    record = decision(prefer=prefer, cost_basis=basis)
    assert receipt_json(Receipt(record))["candidates"][0]["ranked_by"]["unit"] == unit


@pytest.mark.parametrize(
    ("measured_at", "age"), [(None, None), (NOW - 0.5, 0.5), (NOW + 3, 0.0), (NOW - 86400, 86400.0)]
)
def test_a_number_has_its_age(measured_at: float | None, age: float | None) -> None:
    record = decision(candidates=(Ranked(MINI, 0.0, measured_at),))
    assert receipt_json(Receipt(record))["candidates"][0]["ranked_by"] == {
        "value": 0.0,
        "unit": "usd_per_million",
        "age_s": age,
    }


def test_a_copy_is_told_of_and_adds_nothing() -> None:
    plain = kept().find(TRACE)[0]
    copied = replace(plain, decision=replace(plain.decision, shadow=CLAUDE))
    assert receipt_json(copied)["shadow"] == {"model": CLAUDE, "attempt": None}
    told = replace(copied, shadow=PricedAttempt(attempt(0, CLAUDE, usage=Usage(7, 7)), 1.0))
    shown = receipt_json(told)
    assert (shown["shadow"]["attempt"]["number"], shown["shadow"]["attempt"]["cost_usd"]) == (0, 1)
    assert shown | {"shadow": None} == receipt_json(copied) | {"shadow": None}


def test_a_receipt_of_what_nobody_decided() -> None:
    receipts = Receipts(10, lambda: SNAPSHOT)
    receipts.completed(turned_away(at=NOW))
    (undecided,) = receipts.take_undecided()
    shown = receipt_json(undecided)
    expected = {
        "at": "2027-01-15T08:00:00.250+00:00",
        "received_at": "2027-01-15T08:00:00.000+00:00",
        "decided": False,
        "method": "POST",
        "path": "/v1/chat/completions",
        "dialect": "chat",
        "requested_model": None,
        "decision_ms": None,
        "candidates": [],
        "attempts_made": 0,
        "status": 401,
        "duration_ms": 250.0,
        "details": "door{api_key}",
        "cost_usd": None,
    }
    assert {name: shown[name] for name in expected} == expected
    assert shown.keys() == receipt_json(kept().find(TRACE)[0]).keys()


def test_what_nobody_decided_was_not_forwarded() -> None:
    receipts = Receipts(10, lambda: SNAPSHOT)
    receipts.completed(turned_away(dialect=None))
    (undecided,) = receipts.take_undecided()
    assert undecided.decision.forwarded == "/v1/chat/completions"
    assert receipt_json(undecided)["forwarded"] is None
