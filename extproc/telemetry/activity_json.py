"""What models and routes do, as JSON; ``docs/console.md`` says what each field means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from extproc.core.config import Config
from extproc.core.routes import Route
from extproc.intent.threshold import THRESHOLD
from extproc.ranking.snapshot import Snapshot
from extproc.telemetry.activity import SCORE_BINS, Activity, Durations, ModelCounts, RouteCounts
from extproc.telemetry.receipt_json import iso
from extproc.telemetry.snapshot_json import snapshot_json

__all__ = ["activity_json"]

_QUANTILES = {"p50": 0.5, "p95": 0.95}


def activity_json(
    config: Config, activity: Activity, snapshot: Snapshot, minutes: int, now: float
) -> dict[str, Any]:
    """Models and routes: first those of the configuration, in its order, then what else was met.

    Args:
        config: the configuration that runs.
        activity: what was counted.
        snapshot: what is known of the models.
        minutes: how many of the latest are summed up.
        now: seconds since the epoch.
    """
    return {
        "at": iso(now),
        "minutes": minutes,
        "requests_by_minute": activity.requests_by_minute(),
        "models": list(_models(config, activity, snapshot, minutes)),
        "routes": list(_routes(config, activity, snapshot, minutes)),
    }


def _models(
    config: Config, activity: Activity, snapshot: Snapshot, minutes: int
) -> Iterator[dict[str, Any]]:
    counted = activity.models(minutes)
    total = sum(counts.attempts for counts in counted.values())
    providers = {model.name: model.provider for model in config.models}
    known = snapshot_json(snapshot)
    named = (name for route in config.routes for name in route.models)
    for name in dict.fromkeys([*providers, *named, *known["cooldowns"], *counted]):
        counts = counted.get(name, ModelCounts())
        by_minute = list(activity.by_minute(name))
        yield {
            "model": name,
            "provider": providers.get(name),
            "routes": [route.name for route in config.routes if name in route.models],
            "attempts": counts.attempts,
            "failed": counts.failed,
            "share": _share(counts.attempts, total),
            "error_rate": _share(counts.failed, counts.attempts),
            "first_byte_ms": _quantiles(counts.first_byte),
            "duration_ms": _quantiles(counts.duration),
            "attempts_by_minute": [attempts for attempts, _ in by_minute],
            "failed_by_minute": [failed for _, failed in by_minute],
            "cooldown": known["cooldowns"].get(name),
            **_known(name, known),
        }


def _known(name: str, known: Mapping[str, Any]) -> dict[str, Any]:
    price, latency = known["prices"].get(name), known["latencies"].get(name)
    return {
        "price": price,
        "price_at": None if price is None else known["prices_at"],
        "latency_s": latency,
        "latency_at": None if latency is None else known["latencies_at"],
    }


def _routes(
    config: Config, activity: Activity, snapshot: Snapshot, minutes: int
) -> Iterator[dict[str, Any]]:
    counted = activity.routes(minutes)
    total = sum(counts.requests for counts in counted.values())
    configured = {route.name: route for route in config.routes}
    for name in dict.fromkeys([*configured, *counted]):
        counts = counted.get(name, RouteCounts())
        yield {
            "route": name,
            **_configured(configured.get(name), config),
            "requests": counts.requests,
            "share": _share(counts.requests, total),
            "pinned": counts.pinned,
            "unclassified": counts.unclassified,
            "scores": {"from": 0, "to": 1, "bins": SCORE_BINS, "counts": counts.scores},
            "output_tokens": snapshot.output_tokens.get(name),
        }


def _configured(route: Route | None, config: Config) -> dict[str, Any]:
    """What the configuration says of a route; None where it does not know it: that of requests
    without one, and those that clients bring along."""
    if route is None:
        return {
            "configured": False,
            "description": None,
            "models": [],
            "prefer": None,
            "threshold": _threshold(config),
            "fallback": False,
        }
    own = route.threshold
    return {
        "configured": True,
        "description": route.description,
        "models": list(route.models),
        "prefer": route.prefer,
        "threshold": _threshold(config) if own is None else own,
        "fallback": route.fallback,
    }


def _threshold(config: Config) -> float | None:
    """From which score a route matches; None where a router model gives no scores."""
    if config.intent.router is not None:
        return None
    return THRESHOLD if config.intent.threshold is None else config.intent.threshold


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _quantiles(durations: Durations) -> dict[str, float | None]:
    found = {name: durations.quantile(share) for name, share in _QUANTILES.items()}
    return {name: None if each is None else round(each * 1000, 1) for name, each in found.items()}
