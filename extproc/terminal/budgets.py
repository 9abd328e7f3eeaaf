"""``dragoman budgets``: where budgets stand, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rich import box
from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from extproc.explain.wording import dollars, printable

__all__ = ["table"]

_AMOUNTS: Final = ("limit_usd", "spent_usd", "reserved_usd")
_TITLES: Final = ("Budget", "Tenant", "Limit", "Spent", "Set aside", "Used", "Begins anew (UTC)")
_FULL: Final = 1.0


def table(budgets: Sequence[Mapping[str, Any]]) -> Table:
    """Where budgets stand, one line each.

    Args:
        budgets: as the admin port tells of them.
    """
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for title in _TITLES:
        justify: JustifyMethod = "right" if title in _TITLES[2:6] else "left"
        shown.add_column(title, justify=justify, overflow="fold")
    for each in budgets:
        share = (each["spent_usd"] + each["reserved_usd"]) / each["limit_usd"]
        tenant = each["tenant"]
        shown.add_row(
            Text(printable(each["name"])),
            Text("" if tenant is None else printable(tenant) or "(none)"),
            *(Text(dollars(each[amount])) for amount in _AMOUNTS),
            Text(f"{share:.0%}", "bold red" if share >= _FULL else ""),
            Text(f"{datetime.fromisoformat(each['begins_anew_at']):%Y-%m-%d %H:%M}"),
        )
    return shown
