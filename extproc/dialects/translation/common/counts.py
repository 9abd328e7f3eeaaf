"""Numbers of tokens, as providers tell them, in one piece or in several."""

from __future__ import annotations

from extproc.dialects.translation.form import Usage

__all__ = ["MOST", "count", "latest"]

MOST = 2**53 - 1
"""The largest number that every JSON reader can tell apart; beyond it nothing is counted."""


def count(value: object) -> int | None:
    """A number of tokens that means something, None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        return value
    return None


def _later(told: int | None, before: int | None) -> int | None:
    return before if told is None else told


def latest(told: Usage, before: Usage) -> Usage:
    """What is known after ``told``: it replaces what was known before, member by member."""
    return Usage(
        _later(told.input, before.input),
        _later(told.output, before.output),
        _later(told.cached, before.cached),
        _later(told.written, before.written),
        _later(told.reasoning, before.reasoning),
    )
