"""The explanation of a receipt: it says why, and takes unknown for nothing else."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from extproc.core.budgets import Reservation
from extproc.core.guards import Findings, GuardReport, GuardVerdict, Side, Verdict
from extproc.core.intents import Intent
from extproc.core.outcomes import StreamEnd
from extproc.core.records import Attempt, Completion, Ranked, Skipped
from extproc.core.requirements import Ineligible
from extproc.core.routes import CostBasis, Preference
from extproc.core.switching import Switch, SwitchReason
from extproc.core.usage import Usage
from extproc.core.windows import Window
from extproc.dialects.api_paths import COUNT_TOKENS
from extproc.explain.view import explanation
from extproc.explain.wording import ineligibility, outcome, printable, rank_value
from extproc.ranking.policies import POLICIES, Unit
from extproc.ranking.snapshot import Price, Snapshot
from extproc.telemetry.receipt_json import trace_json
from extproc.telemetry.receipts import Receipts
from tests.helpers.telemetry_events import (
    CLAUDE,
    LARGE,
    MINI,
    NOW,
    REQUEST,
    SNAPSHOT,
    TRACE,
    attempt,
    completion,
    decision,
)

PAGE = (Path(__file__).parents[2] / "docs" / "explain.md").read_text(encoding="utf-8")


def a_receipt(
    *events: Attempt | Completion, snapshot: Snapshot = SNAPSHOT, **decided: Any
) -> dict[str, Any]:
    """As it comes from the admin port."""
    receipts = Receipts(10, lambda: snapshot)
    receipts.decided(decision(**decided))
    for event in events:
        if isinstance(event, Attempt):
            receipts.attempted(event)
        else:
            receipts.completed(event)
    content: dict[str, Any] = json.loads(json.dumps(trace_json(receipts.find(TRACE))))
    return content


def printed(receipt: dict[str, Any], width: int = 98) -> str:
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(explanation(receipt))
    return "\n".join(line.rstrip() for line in console.export_text().splitlines())


def said(*events: Attempt | Completion, **decided: Any) -> str:
    """In one line."""
    return " ".join(printed(a_receipt(*events, **decided), width=200).split())


FAILED_OVER = (
    attempt(1, MINI, 429, retry_after=30.0, duration=0.0121, first_byte=0.0118),
    attempt(2, LARGE, duration=12.5, first_byte=0.43, usage=Usage(1204, 310, 0)),
    completion(2, LARGE, duration=12.52),
)


def test_the_readme_shows_what_is_printed() -> None:
    assert printed(a_receipt(*FAILED_OVER)).strip() in PAGE


def test_why_this_model() -> None:
    assert (
        "Route code matched (score 0.41, next chat 0.22), says the classifier in the box. "
        "Its models are tried the cheapest first by list price. "
        f"{LARGE} answered after {MINI} (429) failed."
    ) in said(*FAILED_OVER)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"runner_up": None}, "Route code matched (score 0.41), says the classifier in the box."),
        ({"score": None, "classifier": "arch-router"}, "Route code matched, says arch-router."),
        ({"fallback": "timeout"}, "since the configured classifier could not answer (timeout)."),
        (
            {"route": None, "score": 0.1, "runner_up_score": 0.05},
            (
                "No route matched (best score 0.10, next chat 0.05), "
                "says the classifier in the box. "
                f"The request named {LARGE}."
            ),
        ),
        (
            {"route": None, "requested_model": None, "candidates": (Ranked(LARGE),)},
            f"The request named no model, and goes to the default, {LARGE}.",
        ),
        (
            {
                "route": None,
                "requested_model": None,
                "candidates": (Ranked(LARGE),),
                "classifier": "",
            },
            f"The request named no model, and goes to {LARGE}.",
        ),
        (
            {"took_the_rest": True},
            (
                "No other route matched (best score 0.22, of chat), says the classifier in the "
                "box: code takes the rest. Its models are tried"
            ),
        ),
        (
            {"took_the_rest": True, "runner_up": None, "classifier": "arch-router"},
            "No other route matched, says arch-router: code takes the rest.",
        ),
        (
            {"route": None, "failure": "unreachable"},
            f"The request could not be classified (unreachable). The request named {LARGE}.",
        ),
        (
            {"pinned": True, "session_id": "s1"},
            (
                "Session s1 is pinned (route code): its model goes first. "
                "The others follow the cheapest first by list price."
            ),
        ),
        ({"pinned": True, "session_id": "s1", "route": None}, "Session s1 is pinned: its model"),
        ({"prefer": Preference.NONE}, "Its models are tried in the declared order."),
        ({"prefer": Preference.RANDOM}, "Its models are tried in random order."),
        ({"prefer": Preference.FASTEST}, "Its models are tried the fastest first."),
        ({"cost_basis": CostBasis.REQUEST}, "the cheapest first by what this request was to cost."),
        ({"decision_only": True}, "Only the decision was asked for. Candidates"),
        ({"forwarded": "/v1/files"}, "/v1/files is forwarded without routing."),
        ({}, "The request has not ended, or nobody told how."),
    ],
)
def test_how_it_was_decided(changed: dict[str, Any], sentence: str) -> None:
    assert sentence in said(**changed)


@pytest.mark.parametrize(
    ("switch", "sentence"),
    [
        (
            Switch(LARGE, MINI, False, SwitchReason.OVER_BUDGET, cost=0.47),
            f"does not change its model from {LARGE} to {MINI}: that is more than its budget pays",
        ),
        (
            Switch(LARGE, MINI, True, SwitchReason.COLD),
            f"changes its model from {LARGE} to {MINI}: its prompt cache is cold.",
        ),
    ],
)
def test_a_session_that_may_change_its_model(switch: Switch, sentence: str) -> None:
    assert sentence in said(switch=switch)


def test_a_copy_and_what_became_of_it() -> None:
    assert f"Shadow: {CLAUDE} not told yet" in said(shadow=CLAUDE)
    assert f"Shadow: {CLAUDE} Model" in said(attempt(0, CLAUDE, 503), shadow=CLAUDE)


def test_a_model_that_was_drawn() -> None:
    text = said(candidates=(Ranked(MINI, drawn=True), Ranked(LARGE)))
    assert "The first is drawn by the route's weights, the others follow the cheapest" in text
    assert "drawn by weight" in text


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ((attempt(), completion()), f"{MINI} answered. Candidates"),
        ((attempt(1, MINI, 503), completion(1, MINI, 503)), "the client got 503."),
        (
            (attempt(1, LARGE, 0, lost=True), attempt(2, MINI), completion(2, MINI)),
            f"{MINI} answered, before {LARGE} had anything to show.",
        ),
        ((attempt(1, MINI, 0), completion(1, None, 0)), "the client got client gone."),
        (
            (completion(0, None, 429, limit="teams"),),
            "The rate limit teams is used up: the client got 429. Candidates",
        ),
        (
            (attempt(1, CLAUDE, 500), attempt(2, LARGE, 0), attempt(3), completion(3)),
            f"{MINI} answered after {CLAUDE} (500) and {LARGE} (client gone) failed.",
        ),
    ],
)
def test_how_it_ended(events: tuple[Attempt | Completion, ...], sentence: str) -> None:
    assert sentence in said(*events)


def test_a_count_that_no_provider_was_asked_for() -> None:
    counted = said(completion(0, MINI), forwarded=COUNT_TOKENS)
    assert "No provider was asked: the count is an estimate of ours." in counted
    assert f"{MINI} answered." in said(attempt(), completion(), forwarded=COUNT_TOKENS)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"stream_end": StreamEnd.FINISHED}, "200"),
        ({"stream_end": StreamEnd.STALLED}, "200, stream fell silent"),
        ({"status": 429, "retry_after": 30.0, "flags": "URX"}, "429 URX, retry after 30 s"),
        ({"status": 503, "flags": "UF"}, "503 no connection"),
        ({"status": 0}, "client gone"),
        (
            {"status": 504, "details": "dragoman_reply{too_slow}"},
            "504, too slow for the time that was left",
        ),
    ],
)
def test_how_an_attempt_ended(changed: dict[str, Any], words: str) -> None:
    assert outcome(a_receipt(attempt(**changed))["attempts"][0]) == words


def test_candidates_have_the_number_they_were_ranked_by_and_its_age() -> None:
    text = said()
    assert f"1 {MINI} 0.75 $/million tokens 2 min 2 {LARGE} 12.5 $/million" in text
    assert f"3 {CLAUDE} unknown retry_after" in text


@pytest.mark.parametrize(
    ("candidate", "changed", "row"),
    [
        (Ranked(MINI, 0.0000123, NOW), {"cost_basis": CostBasis.REQUEST}, "0.0000123 $ 0"),
        (Ranked(MINI, 0.42, NOW - 7200), {"prefer": Preference.FASTEST}, "0.42 s 2 h"),
        (Ranked(MINI, 0.0, NOW - 200_000), {}, "0 $/million tokens 2 d"),
        (Ranked(MINI, 1.5), {}, "1.5 $/million tokens unknown"),
        (Ranked(MINI), {}, "unknown"),
        (Ranked(MINI, cooldown="probe"), {"prefer": Preference.NONE}, "probe"),
        (Ranked(MINI, ineligible=Ineligible.IMAGES), {}, "unknown takes no images"),
        (Ranked(MINI, reluctant="dropped:a"), {}, "unknown translated only with dropped:a"),
        (
            Ranked(MINI, cooldown="failures", ineligible=Ineligible.CONTEXT_WINDOW),
            {"prefer": Preference.NONE},
            "cannot hold the request, failures",
        ),
    ],
)
def test_a_number_and_its_age(candidate: Ranked[str], changed: dict[str, Any], row: str) -> None:
    assert f"1 {MINI} {row}" in said(candidates=(candidate,), **changed)


@pytest.mark.parametrize("prefer", list(Preference))
def test_every_policy_can_be_explained(prefer: Preference) -> None:
    assert f"Its models are tried {POLICIES[prefer].words}" in said(prefer=prefer)


def test_a_policy_and_a_unit_of_a_newer_sidecar() -> None:
    receipt = a_receipt()
    receipt["policy"]["prefer"] = "greenest"
    receipt["candidates"][0]["ranked_by"]["unit"] = "grams"
    shown = " ".join(printed(receipt, width=200).split())
    assert "Its models are tried as greenest says." in shown
    assert "0.75 grams" in shown


def test_every_unit_has_its_words() -> None:
    amounts = {unit: rank_value({"value": 1, "unit": unit}) for unit in Unit}
    assert all(amount != f"1 {unit}" for unit, amount in amounts.items())


def test_what_is_unknown_is_called_unknown() -> None:
    text = said(attempt(usage=Usage(), first_byte=None), completion())
    assert f"1 {MINI} 200 unknown 1500 ms unknown unknown" in text
    assert text.endswith("tokens unknown, cost unknown")
    assert "cost unknown" in said(attempt(1, CLAUDE), completion())
    assert "tokens unknown in, 7 out" in said(attempt(usage=Usage(None, 7)), completion())


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        (Price(0, 0, 0), "$0.00"),
        (Price(1, 1, 1), "$0.0012"),
        (Price(0.001, 0.001, 0.001), "$0.0000012"),
        (Price(12_345, 12_345, 12_345), "$14.81"),
    ],
)
def test_money(price: Price, shown: str) -> None:
    text = said(attempt(), completion(), snapshot=Snapshot(prices={MINI: price}))
    assert text.endswith(f"cost {shown}")


def test_other_requests_of_the_trace_are_named() -> None:
    receipts = Receipts(10, lambda: SNAPSHOT)
    for request_id in ("first", "second"):
        receipts.decided(decision(request_id))
    assert "Other requests of this trace: first" in printed(trace_json(receipts.find(TRACE)))


def test_names_that_clients_chose_do_not_speak_to_the_terminal() -> None:
    name = "a[bold]b\x1b[31m\x9b5m\r\nc"
    text = said(route=name, session_id=name, pinned=True, requested_model=name)
    assert "a[bold]b�[31m�5m��c" in text
    assert not {"\x1b", "\x9b"} & set(text)


def test_a_narrow_screen_loses_nothing() -> None:
    letters = "".join(printed(a_receipt(*FAILED_OVER), width=72).split())
    for value in (TRACE, "unknown", "$0.00611", "12.5s", "1204"):
        assert value in letters


def test_every_reason_has_words() -> None:
    assert all(ineligibility(reason) != reason for reason in Ineligible)
    assert ineligibility("of_a_later_version") == "of_a_later_version"


SKIPPED = Skipped("a/tts", "skipped:n", "n: messages has one answer")


def test_skipped_models_have_their_reason() -> None:
    assert "a/tts skipped:n n: messages has one answer" in said(skipped=(SKIPPED,))
    assert "Skipped" not in said()


def test_what_was_set_aside_of_budgets() -> None:
    aside = Reservation("teams", "red", Window.DAY, NOW, 25_000_000, (MINI,))
    assert "Set aside before it was sent: $0.025 of teams" in said(reservations=(aside,))
    assert "Set aside" not in said()


@pytest.mark.parametrize(
    ("route", "to", "order"),
    [
        ("chat", "chat", "Its models are tried"),
        ("code", MINI, None),
        (None, MINI, None),
    ],
)
def test_a_request_that_was_diverted(route: str | None, to: str, order: str | None) -> None:
    text = said(attempt(), completion(), route=route, diverted_to=to)
    assert "Route code matched" in text
    assert f"None of its models may be tried, and the request goes to {to} instead." in text
    assert (f"instead. {order}" if order else f"instead. {MINI} answered.") in text


@pytest.mark.parametrize(
    ("route", "matched"), [("code", "Route code matched."), (None, "No route matched.")]
)
def test_a_request_for_which_no_model_may_be_tried(route: str | None, matched: str) -> None:
    barred = Skipped(MINI, "limited", "its limit is used up")
    end = completion(status=429, model=None, attempts=0)
    text = said(end, candidates=(), route=route, intent=Intent(route), skipped=(barred,))
    assert f"{matched} No model may be tried for it. The client got 429." in text
    assert f"{MINI} limited its limit is used up" in text
    assert "Candidates" not in text


def test_a_request_that_fits_none_of_its_models() -> None:
    text = said(skipped=(SKIPPED,), unfit=True, candidates=(Ranked(LARGE),))
    assert f"The request can be translated for none of its models: {LARGE} stands in." in text
    assert "tried" not in text
    assert f"1 {LARGE} Skipped" in text, "nothing was compared"


def test_what_a_translation_lost_is_told_of_its_attempt() -> None:
    lost = attempt(2, CLAUDE, translation=("dropped:seed", "clamped:temperature"))
    assert "dropped:seed, clamped:temperature" in said(attempt(1, status=429), lost, completion(2))
    assert "Translation" not in said(attempt(), completion())


@pytest.mark.parametrize("mark", ["\x1b", "\n", "\u202e", "\u2066", "\u200f", "\u2028", "\x9b"])
def test_what_would_turn_the_text_around_is_replaced(mark: str) -> None:
    assert printable({"a": [f"x{mark}y"]}) == {"a": ["x\N{REPLACEMENT CHARACTER}y"]}


def test_what_guards_said() -> None:
    receipts = Receipts(10, lambda: SNAPSHOT)
    receipts.decided(decision(candidates=(), route=None))
    verdicts = (
        GuardVerdict(
            "first", Side.INPUT, Verdict.CHANGED, None, 0.002, Findings({"email": 2, "card": 1})
        ),
        GuardVerdict("scorer", Side.INPUT, Verdict.OBSERVED, None, 0.002, Findings(score=0.93)),
        GuardVerdict("second", Side.INPUT, Verdict.BLOCKED, "content_blocked", 0.001),
    )
    receipts.guarded(GuardReport(REQUEST, verdicts))
    receipts.completed(completion(status=400, model=None, attempts=0))
    text = printed(trace_json(receipts.find(TRACE)))
    assert "The guard second blocked the request (content_blocked)." in text
    assert "Candidates" not in text
    rows = [line.split() for line in text.splitlines()]
    assert ["first", "request", "changed", "2", "email,", "1", "card", "2", "ms"] in rows
    assert ["scorer", "request", "observed", "score", "0.93", "2", "ms"] in rows
    failed = replace(verdicts[-1], verdict=Verdict.FAILED, reason="timeout")
    receipts.guarded(GuardReport(REQUEST, (failed,)))
    assert "The guard second failed (timeout)" in printed(trace_json(receipts.find(TRACE)))


BLOCKED = GuardVerdict("g", Side.OUTPUT, Verdict.BLOCKED, "content_blocked", 0.001)
FAILED = replace(BLOCKED, verdict=Verdict.FAILED, reason="timeout")


@pytest.mark.parametrize(
    ("verdict", "status", "sentence"),
    [
        (BLOCKED, 400, "The guard g blocked the answer (content_blocked): the client got 400."),
        (BLOCKED, 200, "The guard g blocked the answer (content_blocked). Candidates"),
        (FAILED, 503, "The guard g failed at the answer (timeout): the client got 503."),
        (FAILED, 200, f"{MINI} answered. Candidates"),
        (replace(BLOCKED, verdict=Verdict.CHANGED), 200, f"{MINI} answered. Candidates"),
    ],
)
def test_what_guards_said_of_an_answer(verdict: GuardVerdict, status: int, sentence: str) -> None:
    receipts = Receipts(10, lambda: SNAPSHOT)
    receipts.decided(decision())
    receipts.guarded(GuardReport(REQUEST, (verdict,)))
    receipts.attempted(attempt())
    receipts.completed(completion(status=status))
    text = printed(trace_json(receipts.find(TRACE)), width=200)
    assert sentence in " ".join(text.split())
