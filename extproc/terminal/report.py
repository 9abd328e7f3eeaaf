"""``dragoman report``: what requests have cost, as a table or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rich import box
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from extproc.explain.wording import dollars, printable
from extproc.ledger.report import By
from extproc.telemetry.cost_book import Comparison, Figures
from extproc.telemetry.costs_json import figures_json
from extproc.telemetry.counterfactuals import Instead
from extproc.telemetry.receipt_json import iso

__all__ = ["as_json", "table"]

_TITLES: Final = {By.ROUTE: "Route", By.MODEL: "Model", By.DAY: "Day", By.TENANT: "Tenant"}
_NAMELESS: Final = {By.ROUTE: "(no route)", By.MODEL: "", By.DAY: "", By.TENANT: "(no tenant)"}


def as_json(found: Mapping[str | None, Figures], by: By, since: float) -> dict[str, Any]:
    """A report as JSON; ``docs/costs.md`` says what figures are.

    Args:
        found: figures by name.
        by: what the names are of.
        since: seconds since the epoch; 0 for all that the ledger has.
    """
    return {
        "by": by.value,
        "since": iso(since) if since else None,
        "total": figures_json(_total(found)),
        "rows": [{by.value: name, **figures_json(figures)} for name, figures in found.items()],
    }


def table(found: Mapping[str | None, Figures], by: By) -> Table:
    """A report for a person: one line each, the dearest first, days in their order."""
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_footer=True)
    total = _total(found)
    footer = _cells("In all", total)
    titles = (_TITLES[by], "Requests", "Input", "Output", "Cost", "At first model", "At default")
    for title, text in zip(titles, footer, strict=True):
        justify: JustifyMethod = "left" if title == titles[0] else "right"
        shown.add_column(title, Text(text), justify=justify, overflow="fold")
    rows = list(found.items())
    if by is not By.DAY:
        rows.sort(key=lambda row: -row[1].cost_usd)
    for name, figures in rows:
        words = _NAMELESS[by] if name is None else printable(name)
        shown.add_row(*map(Text, _cells(words, figures)))
    return shown


def _total(found: Mapping[str | None, Figures]) -> Figures:
    total = Figures()
    for figures in found.values():
        total.add(figures)
    return total


def _cells(name: str, figures: Figures) -> tuple[str, ...]:
    unknown = f" + {figures.without_cost} unknown" if figures.without_cost else ""
    return (
        name,
        f"{figures.requests:,}",
        f"{figures.tokens['input_tokens']:,}",
        f"{figures.tokens['output_tokens']:,}",
        f"{dollars(figures.cost_usd)}{unknown}",
        *(_elsewhere(figures.instead[instead]) for instead in Instead),
    )


def _elsewhere(comparison: Comparison) -> str:
    """What it would have cost, and by how much that is more or less than it did."""
    if not comparison.requests:
        return ""
    shown = dollars(comparison.would_cost_usd)
    if not comparison.cost_usd:
        return shown
    change = comparison.would_cost_usd / comparison.cost_usd - 1
    return f"{shown} ({change:+.0%})"
