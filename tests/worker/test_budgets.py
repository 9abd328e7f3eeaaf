"""Setting aside what a request is expected to cost: exact, and by what the store says last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from extproc.core.budgets import DOLLAR, Budget, OnExhausted
from extproc.core.config import Config
from extproc.core.counting import OnStoreFailure
from extproc.core.models import Dialect, Endpoint, Model
from extproc.core.records import DecisionRecord
from extproc.core.requirements import Requirements
from extproc.core.routes import Route
from extproc.core.windows import Window
from extproc.dialects.api_paths import api_path
from extproc.dialects.request import ClientRequest, parse
from extproc.intent import Intent
from extproc.quotas.sqlite_store import SqliteStore
from extproc.quotas.standing import standing
from extproc.quotas.stored import StoredCounters
from extproc.ranking.bars import BarredError, permit
from extproc.ranking.expectation import Expectation
from extproc.ranking.snapshot import Price, Snapshot
from extproc.worker.budgets import Budgets, Spending
from extproc.worker.forwarding import Asked
from tests.helpers.fixed_decisions import Classifier, decider, forwarding

ENDPOINT = Endpoint("https", "h", 443, "h")
DEAR, CHEAP, NEW = (
    Model(f"{name}/m", name, "m", ENDPOINT, {Dialect.CHAT: "/chat"})
    for name in ("dear", "cheap", "new")
)
KNOWN = Snapshot(prices={"dear/m": Price(0, 200), "cheap/m": Price(0, 20)})
ROUTE = Route("code", "d", ("dear/m", "cheap/m", "new/m"))
EXPECTED = Expectation(ROUTE, KNOWN, lambda: Requirements(input_tokens=1_000))
DEAR_COST, CHEAP_COST = DOLLAR // 10, DOLLAR // 100
ALL = Budget("all", DOLLAR, Window.DAY)
AT = 1_800_000_000.0
OPEN, CLOSED = OnStoreFailure


@pytest.fixture
async def counters(tmp_path: Path) -> AsyncIterator[StoredCounters]:
    made = StoredCounters(SqliteStore(tmp_path / "counters.db"), "", 5.0)
    yield made
    await made.close()


@pytest.fixture
async def lost(tmp_path: Path) -> AsyncIterator[StoredCounters]:
    """Counters in a file that is none."""
    made = StoredCounters(SqliteStore(tmp_path), "", 5.0)
    while made.stats.reachable:
        await asyncio.sleep(0.01)
    yield made
    await made.close()


def budgets(
    counters: StoredCounters, *budget: Budget, on_failure: OnStoreFailure = OPEN
) -> Budgets:
    return Budgets(budget or (ALL,), counters, on_failure, clock=lambda: AT)


async def reserved(spending: Spending, *models: Model) -> bool:
    """Whether so much is set aside; only models that nothing speaks against are asked for."""
    for model in models:
        permit(model, (spending,), EXPECTED)
    return await spending.reserve(models)


async def taken(counters: StoredCounters, *budget: Budget) -> list[int]:
    found = await standing(budget or (ALL,), counters, AT)
    return [each.spent + each.reserved for each in found]


async def test_the_dearest_candidate_counts(counters: StoredCounters) -> None:
    spending = await budgets(counters).spending(None)
    assert await reserved(spending, CHEAP, DEAR)
    (reservation,) = spending.reservations
    assert (reservation.budget, reservation.amount) == ("all", DEAR_COST)
    assert reservation.models == ("cheap/m", "dear/m")
    assert await taken(counters) == [DEAR_COST]


async def test_all_budgets_are_asked_and_all_give_or_none(counters: StoredCounters) -> None:
    little = Budget("little", DEAR_COST * 2, Window.MONTH, providers=("dear",))
    ours = budgets(counters, ALL, little)
    first, second, third = [await ours.spending(None) for _ in range(3)]
    assert await reserved(first, DEAR)
    assert await reserved(second, DEAR, CHEAP)
    assert not await reserved(third, DEAR), "others were quicker"
    with pytest.raises(BarredError, match="'little' is used up"):
        permit(DEAR, (third,), EXPECTED)
    assert await reserved(third, CHEAP)
    assert await taken(counters, ALL, little) == [2 * DEAR_COST + CHEAP_COST, 2 * DEAR_COST]


async def test_five_hundred_at_once_are_exact(counters: StoredCounters) -> None:
    ours = [budgets(counters), budgets(counters)]

    async def one(number: int) -> int:
        spending = await ours[number % 2].spending(None)
        for model in (DEAR, CHEAP):
            try:
                while not await reserved(spending, model):
                    pass
            except BarredError:
                continue
            return spending.reservations[0].amount
        return 0

    amounts = await asyncio.gather(*map(one, range(500)))
    assert sum(amounts) == DOLLAR
    assert await taken(counters) == [DOLLAR]


async def test_tenants_have_their_own(counters: StoredCounters) -> None:
    each = Budget("teams", DEAR_COST, Window.DAY, per_tenant=True)
    ours = budgets(counters, each)
    for tenant in ("red", "blue:day", None):
        assert await reserved(await ours.spending(tenant), DEAR)
        with pytest.raises(BarredError):
            await reserved(await ours.spending(tenant), DEAR)
    found = await standing((each,), counters, AT)
    assert [(one.bucket, one.reserved) for one in found] == [
        ("", DEAR_COST),
        ("blue:day", DEAR_COST),
        ("red", DEAR_COST),
    ]


async def test_what_goes_on_is_counted_beyond_the_amount(counters: StoredCounters) -> None:
    soft = replace(ALL, amount=DEAR_COST, on_exhausted=OnExhausted.CHEAPER)
    ours = budgets(counters, soft)
    assert await reserved(await ours.spending(None), DEAR)
    for _ in range(3):
        assert await reserved(await ours.spending(None), CHEAP)
    assert await taken(counters, soft) == [DEAR_COST + 3 * CHEAP_COST]


async def test_what_has_no_price_is_settled_later(counters: StoredCounters) -> None:
    ours = budgets(counters, replace(ALL, amount=1))
    for _ in range(2):
        spending = await ours.spending(None)
        assert await reserved(spending, NEW)
        assert [each.amount for each in spending.reservations] == [0]


async def test_another_window_is_another_account(counters: StoredCounters) -> None:
    now = [AT]
    ours = Budgets((replace(ALL, amount=DEAR_COST),), counters, OPEN, clock=lambda: now[0])
    assert await reserved(await ours.spending(None), DEAR)
    now[0] = float(Window.DAY.ends(AT))
    assert await reserved(await ours.spending(None), DEAR)


async def test_where_it_stands_is_asked_again_after_a_while(counters: StoredCounters) -> None:
    now = [AT]
    small = replace(ALL, amount=DEAR_COST)
    ours = Budgets((small,), counters, OPEN, clock=lambda: now[0])
    await ours.spending(None)
    theirs = Budgets((small,), counters, OPEN, clock=lambda: now[0])
    assert await reserved(await theirs.spending(None), DEAR)
    permit(DEAR, (await ours.spending(None),), EXPECTED)
    now[0] += 0.6
    with pytest.raises(BarredError):
        permit(DEAR, (await ours.spending(None),), EXPECTED)


async def test_a_lost_store_lets_requests_pass_and_remembers_to_settle_them(
    lost: StoredCounters,
) -> None:
    spending = await budgets(lost).spending(None)
    assert await reserved(spending, DEAR)
    assert [each.amount for each in spending.reservations] == [0]


async def test_a_lost_store_bars_what_a_budget_covers_where_that_is_wanted(
    lost: StoredCounters,
) -> None:
    narrow = replace(ALL, providers=("dear",))
    spending = await budgets(lost, narrow, on_failure=CLOSED).spending(None)
    assert await reserved(spending, CHEAP)
    with pytest.raises(BarredError, match="cannot be counted") as raised:
        permit(DEAR, (spending,), EXPECTED)
    assert raised.value.status == 503


@pytest.mark.parametrize("on_failure", OnStoreFailure)
async def test_a_store_that_is_lost_between_the_two_questions(
    tmp_path: Path, on_failure: OnStoreFailure
) -> None:
    path = tmp_path / "counters.db"
    counters = StoredCounters(SqliteStore(path), "", 5.0)
    spending = await budgets(counters, on_failure=on_failure).spending(None)
    permit(DEAR, (spending,), EXPECTED)
    path.unlink()
    assert await spending.reserve((DEAR,)) is (on_failure is OPEN)
    await counters.close()


CONFIG = Config((DEAR, CHEAP, NEW), routes=(ROUTE,))
HEADERS = {"x-request-id": "r"}


def asked() -> ClientRequest:
    body = {"model": "dear/m", "messages": [{"role": "user", "content": "hi"}]}
    return parse(Dialect.CHAT, json.dumps(body).encode())


async def test_a_decision_tells_what_is_set_aside_and_others_set_nothing_aside(
    counters: StoredCounters,
) -> None:
    told: list[DecisionRecord] = []
    spent = budgets(counters, replace(ALL, amount=DEAR_COST))
    classifier = Classifier(Intent("code"))
    ours = decider(CONFIG, classifier, snapshot=KNOWN, tell=told.append, budgets=spent)
    alone, _ = await ours.decide(asked(), HEADERS, decision_only=True)
    first, _ = await ours.decide(asked(), HEADERS)
    second, _ = await ours.decide(asked(), HEADERS)
    assert alone.candidates == first.candidates == (DEAR, CHEAP, NEW)
    assert second.candidates == (NEW,)
    amounts = [[each.amount for each in record.reservations] for record in told]
    assert amounts == [[], [DEAR_COST], [0]]
    assert [one.code for one in told[-1].skipped] == ["budget", "budget"]


async def test_who_finds_others_quicker_is_not_classified_again(counters: StoredCounters) -> None:
    spent = budgets(counters, replace(ALL, amount=DEAR_COST))
    classifier = Classifier(Intent("code"))
    ours = decider(CONFIG, classifier, snapshot=KNOWN, budgets=spent)
    await spent.spending(None)  # so that all know that there is something left
    decided = await asyncio.gather(*(ours.decide(asked(), HEADERS) for _ in range(10)))
    assert sum(DEAR in decision.candidates for decision, _ in decided) == 1
    assert classifier.asked == 10
    assert await taken(counters, replace(ALL, amount=DEAR_COST)) == [DEAR_COST]


async def test_what_goes_on_by_its_models_name_spends_too(counters: StoredCounters) -> None:
    told: list[DecisionRecord] = []
    spent = budgets(counters, replace(ALL, amount=DEAR_COST))
    ours = forwarding(CONFIG, snapshot=KNOWN, tell=told.append, budgets=spent)
    embeddings = Asked(api_path("/v1/embeddings", anthropic=False), ("dear/m",))
    headers = {":path": "/v1/embeddings", "x-request-id": "r"}
    await ours.onward(embeddings, (DEAR,), headers, size=400, governed=True)
    with pytest.raises(BarredError):
        await ours.onward(embeddings, (DEAR,), headers, size=400, governed=True)
    await ours.onward(embeddings, (DEAR,), headers)
    amounts = [[each.amount for each in record.reservations] for record in told]
    assert amounts == [[DEAR_COST], [], []]
    assert [len(record.candidates) for record in told] == [1, 0, 1]
