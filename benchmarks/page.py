"""The page of the documentation that tells a comparison, and its chart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.chart import chart
from benchmarks.compared import Comparison, gateway_cpu
from benchmarks.tables import Table, tables

__all__ = ["BEGIN", "CHART_SECTION", "END", "around_figures", "markdown", "write_page"]

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
"""Between these lines of the page stands what is rendered."""

CHART_SECTION = "2 KB"
"""The section that the chart shows."""

_CHART = "benchmarks.svg"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _table(table: Table) -> str:
    rule = ["---", *("---:" for _ in table.headings[1:])]
    if len(table.headings) > 2:
        rule[-1] = "---"
    rows = [_row(table.headings), _row(rule), *map(_row, table.rows)]
    return "\n".join([f"### {table.title[0].upper()}{table.title[1:]}", "", table.shows, "", *rows])


def markdown(comparison: Comparison) -> str:
    """The figures as the page shows them."""
    machine = comparison.machine
    instructions = ", ".join(machine.instructions) or "none of those that matter here"
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    told = (
        f"Measured on {comparison.on:%Y-%m-%d}: {machine.processor}, {machine.cores} cores, "
        f"{machine.memory_gb} GB; vector instructions: {instructions}. {versions}."
    )
    return "\n\n".join([told, f"![CPU per request]({_CHART})", *map(_table, tables(comparison))])


def _chart(comparison: Comparison) -> str:
    section = comparison.section(CHART_SECTION)
    assert section is not None
    bars = {
        setup: {process: cpu * 1000 for process, cpu in gateway_cpu(one).items()}
        for setup, one in section.medians.items()
    }
    return chart("CPU per chat request of 2 KB", bars)


def around_figures(page: Path) -> tuple[str, str]:
    """What a page has before its figures and behind them, the marks included.

    Raises:
        OSError: it cannot be read.
        ValueError: it has no such marks.
    """
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no lines '{BEGIN}' and '{END}'")
    return before + begin, end + after


def write_page(page: Path, comparison: Comparison) -> None:
    """Put the figures between the marks of a page, and the chart beside it.

    Raises:
        OSError: it cannot be read or written.
        ValueError: the page has no such marks.
    """
    before, after = around_figures(page)
    page.write_text(f"{before}\n\n{markdown(comparison)}\n\n{after}", encoding="utf-8")
    page.with_name(_CHART).write_text(_chart(comparison), encoding="utf-8")
