"""Which requests spend which budget, and what an amount is in whole numbers."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.core.budgets import DOLLAR, Budget, rounded, rounded_up
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.windows import Window

ENDPOINT = Endpoint("https", "h", 443, "h")
MODEL = Model("one/m", "one", "m", ENDPOINT, {Dialect.CHAT: "/chat"}, entry="one/*")


@pytest.mark.parametrize(
    ("only", "route", "covers"),
    [
        ({}, None, True),
        ({"routes": ("code", "prose")}, "code", True),
        ({"routes": ("code",)}, "prose", False),
        ({"routes": ("code",)}, None, False),
        ({"models": ("one/m",)}, None, True),
        ({"models": ("one/*",)}, None, True),
        ({"models": ("two/m",)}, None, False),
        ({"providers": ("one",)}, None, True),
        ({"providers": ("two",)}, None, False),
        ({"providers": ("one",), "routes": ("code",)}, "code", True),
        ({"providers": ("one",), "routes": ("code",)}, "prose", False),
    ],
)
def test_what_a_budget_covers(only: dict[str, Any], route: str | None, covers: bool) -> None:
    budget = Budget("b", DOLLAR, Window.DAY, **only)
    assert budget.covers(route, MODEL) is covers


def test_whose_money_it_is() -> None:
    everybodys = Budget("b", DOLLAR, Window.DAY)
    tenants = Budget("b", DOLLAR, Window.DAY, per_tenant=True)
    assert [everybodys.bucket(tenant) for tenant in (None, "red")] == ["", ""]
    assert [tenants.bucket(tenant) for tenant in (None, "red")] == ["", "red"]


def test_amounts_are_whole_numbers() -> None:
    assert rounded(0.1 + 0.2) == 300_000_000
    assert rounded_up(0.000_000_000_1) == 1
    assert rounded_up(0.0) == 0
