"""Where budgets stand: on the admin port, in metrics, and for a person."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from rich.console import Console
from starlette.applications import Starlette

from extproc.core.budgets import DOLLAR, Budget
from extproc.core.windows import Window
from extproc.quotas.accounts import account_of, reserving
from extproc.quotas.sqlite_store import SqliteStore
from extproc.quotas.stored import StoredCounters
from extproc.telemetry.budget_metrics import BudgetMetrics
from extproc.telemetry.budgets_page import budgets_route
from extproc.terminal.budgets import table

AT = 1_800_000_000.0
ALL = Budget("all", 2 * DOLLAR, Window.MONTH)
TEAMS = Budget("teams", DOLLAR, Window.DAY, per_tenant=True)


@pytest.fixture
async def counters(tmp_path: Path) -> AsyncIterator[StoredCounters]:
    made = StoredCounters(SqliteStore(tmp_path / "counters.db"), "", 5.0)
    everybodys = account_of("all", "", Window.MONTH)
    await made.take(reserving(everybodys, DOLLAR, None), AT)
    made.add(reserving(everybodys, -DOLLAR // 4, None)[1:], AT)
    for tenant in ("red", "[bold]blue"):
        await made.take(reserving(account_of("teams", tenant, Window.DAY), DOLLAR, None), AT)
    yield made
    await made.close()


async def answer(counters: StoredCounters | None, path: str = "/budgets") -> httpx.Response:
    application = Starlette(routes=[budgets_route((ALL, TEAMS), counters)])
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.get(path)


async def test_the_page_has_every_bucket(
    counters: StoredCounters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: AT)
    found = (await answer(counters)).json()
    assert found["store"] == counters.place
    assert found["budgets"][0] == {
        "name": "all",
        "tenant": None,
        "per": "month",
        "limit_usd": 2.0,
        "spent_usd": 0.25,
        "reserved_usd": 0.75,
        "begins_anew_at": "2027-02-01T00:00:00.000+00:00",
        "on_exhausted": "refuse",
    }
    assert [(each["name"], each["tenant"]) for each in found["budgets"][1:]] == [
        ("teams", "[bold]blue"),
        ("teams", "red"),
    ]
    console = Console(file=io.StringIO(), width=120, record=True)
    console.print(table(found["budgets"]))
    lines = [line.split() for line in console.export_text().splitlines() if line.strip()]
    assert lines[2:] == [
        ["all", "$2.00", "$0.25", "$0.75", "50%", "2027-02-01", "00:00"],
        ["teams", "[bold]blue", "$1.00", "$0.00", "$1.00", "100%", "2027-01-16", "00:00"],
        ["teams", "red", "$1.00", "$0.00", "$1.00", "100%", "2027-01-16", "00:00"],
    ]


async def test_without_budgets_there_is_nothing_to_tell() -> None:
    assert (await answer(None)).json() == {"store": None, "budgets": []}


async def test_a_store_that_does_not_answer(tmp_path: Path) -> None:
    lost = StoredCounters(SqliteStore(tmp_path), "", 5.0)
    while lost.stats.reachable:
        await asyncio.sleep(0.01)
    refused = await answer(lost)
    assert refused.status_code == 503
    assert (await answer(None, "/budgets?since=1d")).status_code == 400
    metrics = BudgetMetrics((ALL, TEAMS), lost)
    await metrics.refresh()
    assert metrics.known == ()
    await lost.close()


async def test_metrics_tell_of_no_tenant(counters: StoredCounters) -> None:
    metrics = BudgetMetrics((ALL, TEAMS), counters, clock=lambda: AT)
    await metrics.refresh()
    registry = CollectorRegistry()
    registry.register(metrics)
    shown = generate_latest(registry).decode()
    assert 'dragoman_budget_limit_usd{budget="teams"} 1.0' in shown
    assert 'dragoman_budget_spent_usd{budget="all"} 0.25' in shown
    assert 'dragoman_budget_reserved_usd{budget="all"} 0.75' in shown
    assert "red" not in shown
    assert 'dragoman_budget_spent_usd{budget="teams"}' not in shown
