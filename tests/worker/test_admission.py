"""Whether a request that has one model to go to may be sent there."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.core.budgets import DOLLAR, Budget, Reservation
from extproc.core.counting import OnStoreFailure
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.windows import Window
from extproc.quotas.sqlite_store import SqliteStore
from extproc.quotas.stored import StoredCounters
from extproc.ranking.bars import Bar, BarredError, Objection
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Price, Snapshot
from extproc.worker.admission import Admission
from extproc.worker.budgets import Budgets
from tests.helpers.bars import Barring, Governing

ENDPOINT = Endpoint("https", "h", 443, "h")
MODEL = Model("one/a", "one", "a", ENDPOINT, {Dialect.CHAT: "/chat"})
KNOWN = Snapshot(prices={"one/a": Price(100, 0)})
LARGE = 4_000
"""Bytes of about a thousand tokens, which are ten cents."""


class Large:
    """Bars what is larger than ten tokens."""

    def against(self, _: Model, expectation: Expectation) -> Objection | None:
        large = expectation.requirements().input_tokens > 10
        return Objection("large", "too large", 400) if large else None


async def admit(
    admission: Admission, *bars: Bar, size: int = LARGE, governed: bool = True
) -> tuple[Reservation, ...]:
    return await admission.admit(MODEL, {}, "us", size, bars, governed=governed)


async def test_nothing_is_said_against_it() -> None:
    assert await admit(Admission()) == ()


async def test_what_the_request_says_itself_holds_whether_or_not_others_have_a_say() -> None:
    for governed in (True, False):
        assert await admit(Admission(), Large(), size=40, governed=governed) == ()
        with pytest.raises(BarredError, match="too large"):
            await admit(Admission(), Large(), size=44, governed=governed)


async def test_governors_are_told_the_tenant_and_asked_only_of_what_they_govern() -> None:
    governing = Governing(Barring(MODEL.name))
    admission = Admission(governors=[governing])
    assert await admit(admission, governed=False) == ()
    assert governing.tenants == []
    with pytest.raises(BarredError, match="has had enough"):
        await admit(admission)
    assert governing.tenants == ["us"]


async def test_a_budget_sets_aside_what_it_is_expected_to_cost(tmp_path: Path) -> None:
    counters = StoredCounters(SqliteStore(tmp_path / "counters.db"), "", 5.0)
    budget = Budget("all", DOLLAR // 4, Window.DAY)
    budgets = Budgets((budget,), counters, OnStoreFailure.CLOSED)
    admission = Admission(lambda: KNOWN, budgets=budgets)
    try:
        for _ in range(2):
            (reservation,) = await admit(admission)
            assert reservation.amount == DOLLAR // 10
        assert await admit(admission, governed=False) == ()
        with pytest.raises(BarredError) as raised:
            await admit(admission)
        assert raised.value.status == 429
    finally:
        await counters.close()
