"""An item of ``dragoman.budgets``: its fields."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from extproc.config.fields import Entry, Name
from extproc.core.budgets import DOLLAR, OnExhausted, Unpriced

__all__ = ["BudgetEntry"]

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
_SMALLEST: Final = 1 / DOLLAR
"""What is counted: less would be nothing."""
_LARGEST: Final = 1_000_000
"""Redis counts its billionths one by one in numbers of 53 bits."""


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise ValueError("must be at most 64 letters, digits, spaces and . _ -")
    return text


def _amount(value: object) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not _SMALLEST <= float(value) <= _LARGEST
    ):
        raise ValueError(f"must be an amount in US dollars, from {_SMALLEST:.9f} to {_LARGEST}")
    return float(value)


class BudgetEntry(Entry):
    """How much money may be spent on which requests."""

    name: Annotated[str, AfterValidator(_name)]
    amount: Annotated[
        float,
        BeforeValidator(_amount),
        WithJsonSchema({"type": "number", "minimum": _SMALLEST, "maximum": _LARGEST}),
    ]
    per: Literal["day", "month"]
    per_tenant: bool = False
    routes: list[Name] = Field(default_factory=list)
    models: list[Name] = Field(default_factory=list)
    providers: list[Name] = Field(default_factory=list)
    on_exhausted: Literal["refuse", "cheaper", "fallback"] = OnExhausted.REFUSE.value
    fallback: Name | None = None
    unpriced: Literal["allow", "refuse"] = Unpriced.ALLOW.value
