"""What the ledger writes down of a finished request."""

from __future__ import annotations

import zlib
from typing import Any, Final, TypeAlias

import orjson

from extproc.core.encodable import encodable
from extproc.core.usage import TOKENS
from extproc.dialects.translation.common.json_text import json_bytes
from extproc.telemetry.counterfactuals import Counterfactuals, Instead
from extproc.telemetry.receipt import Receipt
from extproc.telemetry.receipt_json import receipt_json

__all__ = ["ATTEMPT_COLUMNS", "REQUEST_COLUMNS", "Row", "attempt_rows", "request_row", "unpacked"]

Row: TypeAlias = tuple[object, ...]

REQUEST_COLUMNS: Final = (
    *("request_id", "trace_id", "at", "route", "model", "tenant", "status", "cost_usd"),
    *(f"{instead.value}_usd" for instead in Instead),
    "receipt",
)
"""``at`` is in seconds since the epoch, ``model`` the one that answered or was tried last,
``receipt`` the whole receipt as JSON, deflated."""
ATTEMPT_COLUMNS: Final = (
    *("request_id", "number", "at", "route", "model", "tenant", "status", "cost_usd"),
    "unknown_cost",
    *TOKENS,
)
"""``unknown_cost`` is 1 where the provider wants money, and how much is not known."""

_QUICKLY: Final = 1


def request_row(receipt: Receipt, counterfactuals: Counterfactuals) -> Row:
    """A request, in the order of ``REQUEST_COLUMNS``."""
    decision, completion = receipt.decision, receipt.completion
    elsewhere = counterfactuals.costs(receipt)
    last = receipt.last
    return (
        *(_text(decision.request_id), _text(decision.trace_id), decision.at),
        *(_text(decision.route), _text(last.model if last else None), _text(decision.tenant)),
        None if completion is None else completion.status,
        receipt.cost_usd,
        *(elsewhere.get(instead) for instead in Instead),
        zlib.compress(json_bytes(receipt_json(receipt)), _QUICKLY),
    )


def attempt_rows(receipt: Receipt) -> list[Row]:
    """Its attempts, in the order of ``ATTEMPT_COLUMNS``."""
    decision = receipt.decision
    return [
        (
            *(_text(decision.request_id), entry.attempt.number, decision.at),
            *(_text(decision.route), _text(entry.attempt.model), _text(decision.tenant)),
            entry.attempt.status,
            entry.cost_usd,
            int(entry.lacks_cost),
            *(getattr(entry.attempt.usage, kind) for kind in TOKENS),
        )
        for entry in receipt.attempts
    ]


def unpacked(packed: bytes) -> dict[str, Any]:
    """A receipt as it was written down."""
    receipt: dict[str, Any] = orjson.loads(zlib.decompress(packed))
    return receipt


def _text(text: str | None) -> str | None:
    """Clients choose names, also such that UTF-8 has no bytes for."""
    return None if text is None else encodable(text)
