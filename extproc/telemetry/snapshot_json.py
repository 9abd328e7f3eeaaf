"""The snapshot as JSON: what is known of each model, and since when."""

from __future__ import annotations

from typing import Any

from extproc.ranking.snapshot import Cooldown, Price, Snapshot
from extproc.telemetry.receipt_json import iso

__all__ = ["snapshot_json"]


def snapshot_json(snapshot: Snapshot) -> dict[str, Any]:
    """Prices are in US dollars per million tokens, latencies in seconds; unknown is null."""
    return {
        "version": snapshot.version,
        "prices_at": _when(snapshot.prices_at),
        "prices": {name: _price(price) for name, price in snapshot.prices.items()},
        "latencies_at": _when(snapshot.latencies_at),
        "latencies": dict(snapshot.latencies),
        "cooldowns": {name: _cooldown(each) for name, each in snapshot.cooldowns.items()},
        "output_tokens": dict(snapshot.output_tokens),
        "p95": {
            name: {"stream": tail.stream, "whole": tail.whole}
            for name, tail in snapshot.tails.items()
        },
    }


def _when(at: float | None) -> str | None:
    return None if at is None else iso(at)


def _price(price: Price) -> dict[str, Any]:
    return {
        "input": price.input,
        "output": price.output,
        "cached_input": price.cached_input,
        "cache_write": price.cache_write,
        "cache_write_1h": price.cache_write_1h,
        "reasoning": price.reasoning,
        "input_audio": price.input_audio,
        "output_audio": price.output_audio,
        "tiers": [{"above": tier.above, **_price(tier.price)} for tier in price.tiers],
    }


def _cooldown(cooldown: Cooldown) -> dict[str, Any]:
    return {
        "phase": cooldown.phase,
        "reason": cooldown.reason,
        "until": iso(cooldown.until),
        "share": cooldown.share,
    }
