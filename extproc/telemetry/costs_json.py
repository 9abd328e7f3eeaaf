"""Costs as JSON; ``docs/costs.md`` says what each field means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from extproc.telemetry.cost_book import STEP, Cell, Comparison, Figures
from extproc.telemetry.receipt_json import dollars, iso

__all__ = ["costs_json", "figures_json"]


def costs_json(known: Iterable[tuple[Cell, Figures]]) -> dict[str, Any]:
    """What requests cost: in all, by route, by model, and over time by both.

    Args:
        known: the figures, the oldest first.
    """
    found = [*known]
    total = Figures()
    for _, figures in found:
        total.add(figures)
    return {
        "since": iso(found[0][0].at) if found else None,
        "step_s": STEP,
        "total": figures_json(total),
        "routes": _sums(found, lambda cell: cell.route),
        "models": _sums(found, lambda cell: cell.model),
        "over_time": [
            {"at": iso(cell.at), "route": cell.route, "model": cell.model, **figures_json(figures)}
            for cell, figures in found
        ],
    }


def _sums(
    found: Iterable[tuple[Cell, Figures]], name: Callable[[Cell], str]
) -> dict[str, dict[str, Any]]:
    sums: dict[str, Figures] = {}
    for cell, figures in found:
        sums.setdefault(name(cell), Figures()).add(figures)
    return {name: figures_json(sums[name]) for name in sorted(sums)}


def figures_json(figures: Figures) -> dict[str, Any]:
    """Figures as JSON."""
    return {
        "requests": figures.requests,
        "cost_usd": dollars(figures.cost_usd),
        "answers_without_cost": figures.without_cost,
        "usage": dict(figures.tokens),
        "instead": {
            instead.value: _comparison(comparison)
            for instead, comparison in figures.instead.items()
        },
    }


def _comparison(comparison: Comparison) -> dict[str, Any] | None:
    if not comparison.requests:
        return None
    return {
        "requests": comparison.requests,
        "cost_usd": dollars(comparison.cost_usd),
        "would_cost_usd": dollars(comparison.would_cost_usd),
    }
