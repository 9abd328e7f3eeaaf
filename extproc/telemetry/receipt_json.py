"""A receipt as JSON; ``docs/receipts.md`` says what each field means. What is unknown is null."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from extproc.core.budgets import DOLLAR, Reservation
from extproc.core.guards import GuardVerdict
from extproc.core.records import DecisionRecord, Ranked, Skipped
from extproc.core.switching import Switch
from extproc.core.usage import TOKENS, Usage
from extproc.ranking.policies import POLICIES
from extproc.telemetry.receipt import PricedAttempt, Receipt

__all__ = ["dollars", "iso", "receipt_json", "trace_json"]

_FRACTIONS_OF_A_DOLLAR = 12


def trace_json(receipts: Sequence[Receipt]) -> dict[str, Any]:
    """The first of a trace's receipts, and the ids of the trace's other requests."""
    others = [receipt.decision.request_id for receipt in receipts[1:]]
    return {**receipt_json(receipts[0]), "other_requests": others}


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """One receipt."""
    decision, completion = receipt.decision, receipt.completion
    unserved = receipt.unserved
    return {
        "trace_id": decision.trace_id,
        "request_id": decision.request_id,
        "at": iso(decision.at),
        "received_at": None if completion is None else iso(completion.at),
        "config": decision.config or None,
        "decided": receipt.decided,
        "method": None if unserved is None else unserved.method or None,
        "path": None if unserved is None else unserved.path or None,
        "dialect": decision.dialect,
        "requested_model": decision.requested_model,
        **_classification(decision),
        "policy": {"prefer": decision.prefer, "cost_basis": decision.cost_basis},
        "snapshot": decision.snapshot,
        "pinned": decision.pinned,
        "switch": None if decision.switch is None else _switch(decision.switch),
        "session_id": decision.session_id,
        "tenant": decision.tenant,
        "streamed": decision.streamed,
        "decision_only": decision.decision_only,
        "forwarded": decision.forwarded if receipt.decided else None,
        "decision_ms": _milliseconds(decision.decision_seconds) if receipt.decided else None,
        "classification_ms": _milliseconds(decision.classification_seconds),
        "hedge_after_ms": _milliseconds(decision.hedge_after),
        "candidates": [_candidate(each, decision) for each in decision.candidates],
        "skipped": [_skipped(each) for each in decision.skipped],
        "diverted": _diverted(decision),
        "guards": [_guard(each) for each in receipt.guards],
        "budgets": [_reservation(each) for each in decision.reservations],
        "attempts": [_attempt(entry) for entry in receipt.attempts],
        "shadow": None if decision.shadow is None else _shadow(decision.shadow, receipt.shadow),
        "attempts_made": None if completion is None else completion.attempts,
        "status": None if completion is None else completion.status,
        "duration_ms": None if completion is None else _milliseconds(completion.duration),
        "details": None if completion is None else completion.details,
        "flags": None if completion is None else completion.flags,
        "limit": None if completion is None else completion.limit,
        "answered_by": receipt.answered_by,
        "usage": _usage(receipt.usage),
        "cost_usd": dollars(receipt.cost_usd),
    }


def iso(at: float) -> str:
    """Seconds since the epoch as ISO 8601, in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def _classification(decision: DecisionRecord) -> dict[str, Any]:
    intent = decision.intent
    runner_up = {"route": intent.runner_up, "score": intent.runner_up_score}
    return {
        "route": decision.route,
        "took_the_rest": intent.took_the_rest,
        "score": intent.score,
        "runner_up": None if intent.runner_up is None else runner_up,
        "others": list(intent.others),
        "classifier": intent.classifier or None,
        "fallback": intent.fallback,
        "failure": decision.failure,
        "unfit": decision.unfit,
    }


def _candidate(candidate: Ranked[str], decision: DecisionRecord) -> dict[str, Any]:
    return {
        "model": candidate.model,
        "ranked_by": _ranked_by(candidate, decision),
        "cooldown": candidate.cooldown,
        "explored": candidate.explored,
        "drawn": candidate.drawn,
        "reluctant": candidate.reluctant,
        "ineligible": candidate.ineligible,
    }


def _switch(switch: Switch) -> dict[str, Any]:
    return {
        "session_model": switch.anchor,
        "candidate": switch.candidate,
        "switched": switch.switched,
        "reason": switch.reason,
        "cost_usd": dollars(switch.cost),
        "spent_usd": dollars(switch.spent),
        "stayed_usd": dollars(switch.stayed),
        "counterfactual_usd": dollars(switch.counterfactual),
    }


def _skipped(skipped: Skipped) -> dict[str, str]:
    return {"model": skipped.model, "code": skipped.code, "reason": skipped.reason}


def _guard(verdict: GuardVerdict) -> dict[str, Any]:
    return {
        "guard": verdict.guard,
        "side": verdict.side,
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "ms": _milliseconds(verdict.seconds),
        "found": [
            {"kind": kind, "count": count} for kind, count in verdict.findings.counts.items()
        ],
        "score": verdict.findings.score,
    }


def _reservation(reservation: Reservation) -> dict[str, Any]:
    return {
        "budget": reservation.budget,
        "reserved_usd": dollars(reservation.amount / DOLLAR),
        "models": list(reservation.models),
    }


def _diverted(decision: DecisionRecord) -> dict[str, str | None] | None:
    if decision.diverted_to is None:
        return None
    return {"from": decision.intent.route, "to": decision.diverted_to}


def _ranked_by(candidate: Ranked[str], decision: DecisionRecord) -> dict[str, Any] | None:
    unit = POLICIES[decision.prefer].unit(decision.cost_basis)
    if candidate.value is None or unit is None:
        return None
    measured_at = candidate.measured_at
    age = None if measured_at is None else round(max(0.0, decision.at - measured_at), 3)
    return {"value": candidate.value, "unit": unit, "age_s": age}


def _attempt(entry: PricedAttempt) -> dict[str, Any]:
    attempt = entry.attempt
    return {
        "number": attempt.number,
        "model": attempt.model,
        "at": iso(attempt.at),
        "status": attempt.status,
        "first_byte_ms": _milliseconds(attempt.first_byte),
        "duration_ms": _milliseconds(attempt.duration),
        "details": attempt.details,
        "flags": attempt.flags,
        "limit": attempt.limit,
        "stream_end": attempt.stream_end,
        "usage": _usage(attempt.usage),
        "cost_usd": dollars(entry.cost_usd),
        "retry_after_s": attempt.retry_after,
        "translation": list(attempt.translation),
        "lost": attempt.lost,
    }


def _shadow(model: str, entry: PricedAttempt | None) -> dict[str, Any]:
    return {"model": model, "attempt": None if entry is None else _attempt(entry)}


def _usage(usage: Usage) -> dict[str, int | None]:
    return {kind: getattr(usage, kind) for kind in TOKENS}


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)


def dollars(amount: float | None) -> float | None:
    """An amount without the noise of adding up, None where it is not known."""
    return None if amount is None else round(amount, _FRACTIONS_OF_A_DOLLAR)
