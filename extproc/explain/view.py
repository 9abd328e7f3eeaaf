"""A receipt for a person: why this model, which candidates, what was tried, what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from extproc.core.guards import Side
from extproc.explain.reasons import compared, ended_well, reasons
from extproc.explain.undecided import is_decided
from extproc.explain.wording import (
    age,
    dollars,
    milliseconds,
    notes,
    outcome,
    printable,
    rank_value,
    tokens,
)
from extproc.ranking.policies import Compares

__all__ = ["explanation"]


def explanation(answer: Mapping[str, Any]) -> RenderableType:
    """What ``dragoman explain`` prints.

    Args:
        answer: a receipt as ``docs/receipts.md`` describes it.
    """
    # Clients choose some of its names: none may speak to the terminal.
    receipt = printable(answer)
    parts: list[RenderableType] = [_heading(receipt), Text(reasons(receipt))]
    if receipt["candidates"]:
        parts += [Text(), Text("Candidates", "bold"), _candidates(receipt)]
    if receipt["skipped"]:
        parts += [Text("Skipped", "bold"), _skipped(receipt["skipped"])]
    # A sidecar of an earlier version does not tell.
    if receipt.get("guards"):
        parts += [Text("Guards", "bold"), _guards(receipt["guards"])]
    if receipt["attempts"]:
        parts += [Text("Attempts", "bold"), _attempts(receipt["attempts"])]
    if receipt.get("budgets"):
        parts.append(Text(_set_aside(receipt["budgets"])))
    # A sidecar of an earlier version tells of none.
    if (shadow := receipt.get("shadow")) is not None:
        parts += [Text(f"Shadow: {shadow['model']}", "bold")]
        parts += [_attempts([shadow["attempt"]])] if shadow["attempt"] else [Text("not told yet")]
    parts.append(Text(_totals(receipt)))
    if receipt.get("other_requests"):
        others = ", ".join(receipt["other_requests"])
        parts.append(Text(f"Other requests of this trace: {others}", "dim"))
    return Group(*parts)


def _heading(receipt: Mapping[str, Any]) -> Text:
    return Text.assemble(
        (f"Trace {receipt['trace_id']}", "bold"),
        (f"\nrequest {receipt['request_id']}, {receipt['at']}", "dim"),
    )


def _candidates(receipt: Mapping[str, Any]) -> Table:
    ranked = receipt["route"] is not None and not receipt["unfit"]
    by_value = ranked and compared(receipt) is not Compares.NOTHING
    table = _table()
    table.add_column("", justify="right")
    table.add_column("Model", overflow="fold")
    table.add_column("Ranked by", justify="right", no_wrap=True)
    table.add_column("Age", justify="right", no_wrap=True)
    table.add_column("Note", overflow="fold")
    for position, candidate in enumerate(receipt["candidates"], start=1):
        ranked_by = candidate["ranked_by"]
        table.add_row(
            *map(
                Text,
                (
                    str(position),
                    candidate["model"],
                    rank_value(ranked_by) if ranked_by else "unknown" if by_value else "",
                    "" if ranked_by is None else age(ranked_by["age_s"]),
                    ", ".join(notes(candidate)),
                ),
            )
        )
    return table


def _skipped(skipped: Sequence[Mapping[str, Any]]) -> Table:
    table = _table()
    for title in ("Model", "Code", "Why"):
        table.add_column(title, overflow="fold")
    for each in skipped:
        table.add_row(*map(Text, (each["model"], each["code"], each["reason"])))
    return table


def _guards(guards: Sequence[Mapping[str, Any]]) -> Table:
    table = _table()
    for title in ("Guard", "Looked at", "Verdict", "Why", "Found"):
        table.add_column(title, overflow="fold")
    table.add_column("Time", justify="right", no_wrap=True)
    for each in guards:
        what = "request" if each["side"] == Side.INPUT else "answer"
        why = each["reason"] or ""
        said = (each["guard"], what, each["verdict"], why, _found(each), milliseconds(each["ms"]))
        table.add_row(*map(Text, said))
    return table


def _found(guard: Mapping[str, Any]) -> str:
    """What a guard has told of its findings; a receipt of before has nothing of it."""
    if (score := guard.get("score")) is not None:
        return f"score {score:g}"
    return ", ".join(f"{each['count']} {each['kind']}" for each in guard.get("found", ()))


def _attempts(attempts: Sequence[Mapping[str, Any]]) -> Table:
    table = _table()
    table.add_column("", justify="right")
    table.add_column("Model", overflow="fold")
    table.add_column("Status", max_width=14)
    table.add_column("First byte", justify="right", no_wrap=True)
    table.add_column("Duration", justify="right", no_wrap=True)
    table.add_column("Tokens", max_width=20)
    table.add_column("Cost", justify="right", no_wrap=True)
    translated = any(attempt["translation"] for attempt in attempts)
    if translated:
        table.add_column("Translation", overflow="fold")
    for attempt in attempts:
        row = [
            Text(str(attempt["number"])),
            Text(attempt["model"]),
            Text(outcome(attempt), "green" if ended_well(attempt) else "yellow"),
            Text(milliseconds(attempt["first_byte_ms"])),
            Text(milliseconds(attempt["duration_ms"])),
            Text(tokens(attempt["usage"])),
            Text(dollars(attempt["cost_usd"])),
        ]
        if translated:
            row.append(Text(", ".join(attempt["translation"])))
        table.add_row(*row)
    return table


def _set_aside(budgets: Sequence[Mapping[str, Any]]) -> str:
    amounts = ", ".join(f"{dollars(each['reserved_usd'])} of {each['budget']}" for each in budgets)
    return f"Set aside before it was sent: {amounts}"


def _totals(receipt: Mapping[str, Any]) -> str:
    if not is_decided(receipt):
        return f"In all: {milliseconds(receipt['duration_ms'])}"
    parts = [f"decision {milliseconds(receipt['decision_ms'])}"]
    if receipt["classification_ms"] is not None:
        parts.append(f"of it classification {milliseconds(receipt['classification_ms'])}")
    if not receipt["decision_only"]:
        parts.append(f"request {milliseconds(receipt['duration_ms'])}")
        parts.append(f"tokens {tokens(receipt['usage'])}")
        parts.append(f"cost {dollars(receipt['cost_usd'])}")
    return "In all: " + ", ".join(parts)


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
