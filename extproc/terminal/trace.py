"""``dragoman trace``: one request's story as a tree, its times as bars on one axis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from extproc.explain.reasons import ended_well, reasons
from extproc.explain.undecided import is_decided
from extproc.explain.wording import (
    milliseconds,
    notes,
    outcome,
    printable,
    rank_value,
    spent,
    status_in_words,
)

__all__ = ["Span", "spans", "story"]

_NAME: Final = 36
_BAR: Final = 24
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class Span:
    """What took how long: milliseconds since its request came in."""

    name: str
    start: float
    length: float
    style: str
    said: str = ""


def story(answer: Mapping[str, Any]) -> RenderableType:
    """What ``dragoman trace`` prints.

    Args:
        answer: a receipt as ``docs/receipts.md`` describes it.
    """
    # Clients choose some of its names: none may speak to the terminal.
    receipt = printable(answer)
    tree = Tree(Text.assemble((receipt["trace_id"], "bold"), (f"  {receipt['at']}", "dim")))
    tree.add(Text(reasons(receipt)))
    if not is_decided(receipt):
        tree.add(Text(f"in all {milliseconds(receipt['duration_ms'])}"))
        return tree
    tree.add(_timeline(list(spans(receipt))))
    candidates = tree.add(Text("candidates", "bold"))
    for position, candidate in enumerate(receipt["candidates"], start=1):
        candidates.add(_candidate(position, candidate))
    for each in receipt["skipped"]:
        candidates.add(Text(f"{each['model']} is skipped: {each['reason']}", "dim"))
    if receipt["attempts"]:
        attempts = tree.add(Text("attempts", "bold"))
        for attempt in receipt["attempts"]:
            attempts.add(_attempt(attempt))
    if not receipt["decision_only"]:
        tree.add(Text(f"in all {', '.join(spent(receipt))}"))
    return tree


def spans(receipt: Mapping[str, Any]) -> Iterator[Span]:
    """The request's arrival, the decision, and each attempt."""
    decided = _milliseconds_of(receipt["at"])
    deciding = decided - receipt["decision_ms"]
    received = deciding
    if receipt["received_at"] is not None:
        received = min(deciding, _milliseconds_of(receipt["received_at"]))
    if deciding - received >= 1:
        yield Span("arrival", 0, deciding - received, "dim")
    yield Span("decision", deciding - received, receipt["decision_ms"], "cyan")
    for attempt in receipt["attempts"]:
        start = max(0.0, _milliseconds_of(attempt["at"]) - received)
        good = ended_well(attempt)
        first = attempt["first_byte_ms"]
        said = status_in_words(attempt["status"])
        said += "" if first is None else f", first byte {milliseconds(first)}"
        name = f"{attempt['number']}. {attempt['model']}"
        yield Span(name, start, attempt["duration_ms"], "green" if good else "yellow", said)


def _timeline(rows: Sequence[Span]) -> Group:
    total = max(max(row.start + row.length for row in rows), 0.001)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=_NAME)
    table.add_column(no_wrap=True, width=_BAR)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        bar = Text(_bar(row.start / total, row.length / total), row.style)
        table.add_row(Text(row.name), bar, Text(milliseconds(row.length)), Text(row.said, "dim"))
    return Group(Text("time", "bold"), table)


def _bar(start: float, length: float) -> str:
    """A bar from one share of the axis on, for another; never so short that it is not seen."""
    before = min(_BAR - 1, int(start * _BAR))
    eighths = max(1, min(round(length * _BAR * 8), (_BAR - before) * 8))
    whole, rest = divmod(eighths, 8)
    return " " * before + _EIGHTHS[8] * whole + (_EIGHTHS[rest] if rest else "")


def _candidate(position: int, candidate: Mapping[str, Any]) -> Text:
    ranked_by = candidate["ranked_by"]
    value = [rank_value(ranked_by)] if ranked_by else []
    said = ", ".join([*value, *notes(candidate)])
    return Text.assemble(f"{position}. {candidate['model']}", (f"  {said}" if said else "", "dim"))


def _attempt(attempt: Mapping[str, Any]) -> Text:
    parts = [*spent(attempt), *attempt["translation"]]
    return Text.assemble(
        f"{attempt['number']}. {attempt['model']}  ",
        (outcome(attempt), "green" if ended_well(attempt) else "yellow"),
        (f"  {', '.join(parts)}", "dim"),
    )


def _milliseconds_of(iso: str) -> float:
    return datetime.fromisoformat(iso).timestamp() * 1000
