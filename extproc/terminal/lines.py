"""One request in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from rich.text import Text

from extproc.explain.reasons import ended_well, why_refused
from extproc.explain.undecided import asked_for, is_decided, why_undecided
from extproc.explain.wording import milliseconds, spent, status_in_words

__all__ = ["line", "time_of_day"]


def line(receipt: Mapping[str, Any]) -> Text:
    """When, how it ended, its route, who was asked, how long it took, tokens, cost, and its trace.

    Args:
        receipt: as ``docs/receipts.md`` describes it, without control characters.
    """
    if not is_decided(receipt):
        return _undecided(receipt)
    parts = [
        Text(time_of_day(receipt["at"]), "dim"),
        _status(receipt),
        _route(receipt),
        _attempts(receipt),
    ]
    if not receipt["decision_only"]:
        parts += [
            Text(milliseconds(receipt["duration_ms"])),
            *map(Text, spent(receipt)),
        ]
    parts.append(Text(receipt["trace_id"], "dim"))
    return Text("  ").join(parts)


def _undecided(receipt: Mapping[str, Any]) -> Text:
    """When, how it ended, what was asked for, why nothing was decided, how long that took, and its
    trace."""
    return Text("  ").join(
        (
            Text(time_of_day(receipt["at"]), "dim"),
            Text(status_in_words(receipt["status"]), "red"),
            Text(asked_for(receipt)),
            Text(why_undecided(receipt), "dim"),
            Text(milliseconds(receipt["duration_ms"])),
            Text(receipt["trace_id"], "dim"),
        )
    )


def _attempts(receipt: Mapping[str, Any]) -> Text:
    """The models that were asked, one after the other; where none was, why not, or the first
    candidate."""
    attempts: Sequence[Mapping[str, Any]] = receipt["attempts"]
    refused = Text(why_refused(receipt), "dim")
    if not attempts:
        if refused:
            return refused
        first = receipt["candidates"][0]["model"] if receipt["candidates"] else "no candidate"
        return Text(f"({first})", "dim")
    arrow = Text(" → ", "dim")
    steps = [(arrow, _attempt(attempt)) for attempt in attempts]
    asked = Text.assemble(*list(chain.from_iterable(steps))[1:])
    return Text("  ").join((asked, refused)) if refused else asked


def time_of_day(iso: str) -> str:
    """Of this machine's clock, to the millisecond."""
    return datetime.fromisoformat(iso).astimezone().strftime("%H:%M:%S.%f")[:-3]


def _attempt(attempt: Mapping[str, Any]) -> Text:
    if ended_well(attempt):
        return Text(attempt["model"])
    return Text(f"{attempt['model']} {status_in_words(attempt['status'])}", "yellow")


def _status(receipt: Mapping[str, Any]) -> Text:
    if receipt["decision_only"]:
        return Text("decision", "dim")
    if receipt["status"] is None:
        return Text("under way", "cyan")
    return Text(status_in_words(receipt["status"]), "green" if ended_well(receipt) else "red")


def _route(receipt: Mapping[str, Any]) -> Text:
    if receipt["forwarded"] is not None:
        return Text(receipt["forwarded"], "dim")
    if receipt["route"] is None:
        return Text("no route", "dim")
    score = receipt["score"]
    return Text(receipt["route"] if score is None else f"{receipt['route']} {score:.2f}")
