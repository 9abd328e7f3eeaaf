"""Events to tell receipts and metrics of, and the configuration that they happen under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from extproc.config import Config, parse
from extproc.core.intents import Intent
from extproc.core.models import Dialect
from extproc.core.records import Attempt, Completion, DecisionRecord, Ranked, Unserved
from extproc.core.routes import Preference
from extproc.core.usage import Usage
from extproc.ranking.snapshot import Price, Snapshot
from extproc.telemetry.cost_book import CostBook
from extproc.telemetry.costs import attempt_cost
from extproc.telemetry.counterfactuals import Counterfactuals
from extproc.telemetry.labels import Labels
from extproc.telemetry.receipt import PricedAttempt, Receipt

MINI, LARGE, CLAUDE = "openai/gpt-4o-mini", "openai/gpt-4o", "anthropic/claude-sonnet-4"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
REQUEST = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736"
NOW = 1_800_000_000.0
USAGE = Usage(input_tokens=1000, output_tokens=200, cached_tokens=400)
PRICES = {MINI: Price(0.15, 0.60, 0.075), LARGE: Price(2.5, 10.0)}
SNAPSHOT = Snapshot(version=7, prices=PRICES, prices_at=NOW - 120)
MINI_COST = (600 * 0.15 + 400 * 0.075 + 200 * 0.60) / 1e6

INTENT = Intent("code", 0.41, "chat", 0.22, classifier="embedded")
_OF_INTENTS = {field.name for field in fields(Intent)} - {"route"}

CONFIG = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o-mini, access_key: k, default: true}
  - {model: openai/gpt-4o, access_key: k}
  - {model: anthropic/*, access_key: k}
  - {model: mistral/*, access_key: k}
routing_preferences:
  - {name: code, description: writing code, models: [openai/gpt-4o-mini, anthropic/claude-sonnet-4]}
  - {name: chat, description: small talk, models: [openai/gpt-4o]}
model_aliases:
  fast: {target: anthropic/claude-haiku}
"""


def configuration() -> Config:
    return parse(CONFIG, {}).config


def cost_book(snapshot: Snapshot = SNAPSHOT) -> CostBook:
    """Costs of nothing yet."""
    config = configuration()
    return CostBook(Labels(config), Counterfactuals(config, lambda: snapshot))


def finished_request(
    request_id: str,
    *,
    at: float = NOW,
    trace_id: str = TRACE,
    models: Sequence[tuple[str, int]] = ((MINI, 200),),
    snapshot: Snapshot = SNAPSHOT,
    **decided: Any,
) -> Receipt:
    """The receipt of a request that was sent to these models, which answered with these statuses;
    to none: whose decision alone was asked for."""
    attempts = [
        attempt(number, model, status, request_id=request_id)
        for number, (model, status) in enumerate(models, start=1)
    ]
    model, status = models[-1] if models else (None, 200)
    return Receipt(
        decision(request_id, trace_id, at=at, decision_only=not models, **decided),
        tuple(priced(each, snapshot) for each in attempts),
        completion(len(attempts), model, status, request_id=request_id),
    )


def decision(request_id: str = REQUEST, trace_id: str = TRACE, **changed: Any) -> DecisionRecord:
    """A decision; what is changed may be part of its intent."""
    said: dict[str, Any] = {
        "at": NOW,
        "dialect": Dialect.CHAT,
        "requested_model": LARGE,
        "candidates": (
            Ranked(MINI, 0.75, NOW - 120),
            Ranked(LARGE, 12.5, NOW - 120),
            Ranked(CLAUDE, cooldown="retry_after"),
        ),
        "route": "code",
        "prefer": Preference.CHEAPEST,
        "snapshot": 7,
        "decision_seconds": 0.0021,
        "classification_seconds": 0.0014,
    }
    intent = {name: changed.pop(name) for name in _OF_INTENTS & changed.keys()}
    said["intent"] = replace(INTENT, **intent)
    return DecisionRecord(request_id, trace_id, **(said | changed))


def attempt(
    number: int = 1,
    model: str = MINI,
    status: int = 200,
    *,
    request_id: str = REQUEST,
    **changed: Any,
) -> Attempt:
    good = 200 <= status < 300
    said: dict[str, Any] = {
        "cluster": model,
        "at": NOW + number,
        "duration": 1.5,
        "first_byte": 0.25,
        "details": "via_upstream",
        "usage": USAGE if good else Usage(),
    }
    return Attempt(
        request_id=request_id, number=number, model=model, status=status, **(said | changed)
    )


def priced(attempt: Attempt, snapshot: Snapshot = SNAPSHOT) -> PricedAttempt:
    return PricedAttempt(attempt, attempt_cost(attempt, snapshot))


def completion(
    attempts: int = 1, model: str | None = MINI, status: int = 200, **changed: Any
) -> Completion:
    said: dict[str, Any] = {
        "request_id": REQUEST,
        "at": NOW + 9,
        "duration": 1.75,
        "route": "code",
        "details": "via_upstream",
        "dialect": Dialect.CHAT,
    }
    return Completion(attempts=attempts, model=model, status=status, **(said | changed))


def turned_away(
    request_id: str = REQUEST,
    status: int = 401,
    details: str = "door{api_key}",
    *,
    trace_id: str = TRACE,
    **changed: Any,
) -> Completion:
    """The end of a request that nobody decides."""
    asked = Unserved("POST", "/v1/chat/completions", trace_id)
    said: dict[str, Any] = {
        "request_id": request_id,
        "route": None,
        "details": details,
        "duration": 0.25,
        "unserved": asked,
    }
    return completion(0, None, status, **(said | changed))
