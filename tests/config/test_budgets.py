"""``dragoman.budgets``: what they settle to, and everything that is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, parse
from extproc.core.budgets import DOLLAR, Budget, OnExhausted, Unpriced
from extproc.core.config import Config
from extproc.core.config_json import from_json, to_json
from extproc.core.windows import Window

FILE = """
version: v0.4.0
model_providers:
  - {{model: openai/gpt-4o, access_key: $KEY, default: true}}
  - {{model: anthropic/*, access_key: $KEY}}
model_aliases: {{quick: {{target: openai/gpt-4o}}}}
routing_preferences:
  - {{name: code, description: writing code, models: [openai/gpt-4o]}}
  - {{name: simple, description: anything simple, models: [anthropic/claude-haiku-4-5]}}
model_metrics_sources: [{sources}]
routing: {{session_cache: {{{cache}}}}}
dragoman:
  {counters}
  budgets: [{budgets}]
"""
COUNTERS = "counters: {path: counters.db}"
PRICES = "{type: cost, provider: models.dev}"
TENANTS = "tenant_header: X-Team"


FALLS_BACK = "on_exhausted: fallback, fallback:"
FULL = """name: b, amount: 0.25, per: month, per_tenant: true, routes: [code], models: [quick],
  providers: [openai]"""


def configured(
    *budgets: str, counters: str = COUNTERS, sources: str = PRICES, cache: str = TENANTS
) -> Config:
    text = FILE.format(
        budgets=", ".join(f"{{{each}}}" for each in budgets),
        counters=counters,
        sources=sources,
        cache=cache,
    )
    config = parse(text, {"KEY": "k"}, directory=Path("/tmp")).config
    assert from_json(to_json(config)) == config
    return config


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("name: a, amount: 2, per: day", Budget("a", 2 * DOLLAR, Window.DAY)),
        (
            f"{FULL}, on_exhausted: cheaper, unpriced: refuse",
            Budget(
                "b",
                DOLLAR // 4,
                Window.MONTH,
                per_tenant=True,
                routes=("code",),
                models=("openai/gpt-4o",),
                providers=("openai",),
                on_exhausted=OnExhausted.CHEAPER,
                unpriced=Unpriced.REFUSE,
            ),
        ),
        (
            f"name: c, amount: 1, per: day, models: ['anthropic/*'], {FALLS_BACK} simple",
            Budget(
                "c",
                DOLLAR,
                Window.DAY,
                models=("anthropic/*",),
                on_exhausted=OnExhausted.FALLBACK,
                fallback="simple",
                fallback_models=("anthropic/claude-haiku-4-5",),
            ),
        ),
        (
            f"name: d, amount: 1, per: day, {FALLS_BACK} quick",
            Budget(
                "d",
                DOLLAR,
                Window.DAY,
                on_exhausted=OnExhausted.FALLBACK,
                fallback="openai/gpt-4o",
                fallback_models=("openai/gpt-4o",),
            ),
        ),
    ],
)
def test_what_they_settle_to(written: str, meant: Budget) -> None:
    assert configured(written).budgets == (meant,)


def problems(*budgets: str, **others: str) -> str:
    with pytest.raises(ConfigError) as raised:
        configured(*budgets, **others)
    return "\n".join(str(problem) for problem in raised.value.problems)


USUAL = "name: a, amount: 1, per: day"


@pytest.mark.parametrize(
    ("budget", "problem"),
    [
        ("amount: 1, per: day", "dragoman.budgets[0].name: is required"),
        ("name: 'a:b', amount: 1, per: day", "dragoman.budgets[0].name: must be at most 64"),
        ("name: a, amount: 0, per: day", "dragoman.budgets[0].amount: must be an amount in US"),
        ("name: a, amount: 0.0000000001, per: day", "dragoman.budgets[0].amount: must be"),
        ("name: a, amount: true, per: day", "dragoman.budgets[0].amount: must be an amount"),
        ("name: a, amount: 1000001, per: day", "dragoman.budgets[0].amount: must be an amount"),
        ("name: a, amount: 1, per: week", "dragoman.budgets[0].per: must be 'day' or 'month'"),
        (f"{USUAL}, route: [code]", "dragoman.budgets[0].route: unknown key; did you mean"),
        (f"{USUAL}, routes: [cod]", "dragoman.budgets[0].routes[0]: there is no route 'cod'"),
        (f"{USUAL}, models: [gpt-9]", "dragoman.budgets[0].models[0]: there is no model 'gpt-9'"),
        (f"{USUAL}, providers: [mistral]", "dragoman.budgets[0].providers[0]: no model of"),
        (f"{USUAL}, on_exhausted: fallback", "dragoman.budgets[0].fallback: is required"),
        (f"{USUAL}, fallback: code", "dragoman.budgets[0].fallback: has a meaning with"),
        (
            f"{USUAL}, on_exhausted: fallback, fallback: nothing",
            "dragoman.budgets[0].fallback: there is no route or model 'nothing'",
        ),
    ],
)
def test_what_is_wrong_with_one(budget: str, problem: str) -> None:
    assert problem in problems(budget)


def test_what_they_need() -> None:
    found = problems(
        f"{USUAL}, per_tenant: true", USUAL, counters="cooldowns: true", sources="", cache=""
    )
    assert "dragoman.budgets: nothing says where they are counted" in found
    assert "dragoman.budgets: nothing tells prices" in found
    assert "dragoman.budgets: 'a' is the name of 2 budgets" in found
    assert "dragoman.budgets[0].per_tenant: which header names the tenant?" in found
